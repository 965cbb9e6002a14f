"""Appending: gapless, durable, all or nothing, by one task at a time, and to its end also while being cancelled."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest

from ledger.errors import AppendRefused, LedgerInUse
from ledger.events import (
    BatchIntended,
    HoldCorrected,
    IdentityLinked,
    Intended,
    MappingConfirmed,
    RecordCreated,
    RowExtracted,
    RunCompleted,
    RunResumed,
    RunStarted,
)
from ledger.hashing import seal
from ledger.projections import FOLDS
from ledger.reader import Reader
from ledger.store import Draft, Ledger, default_actor
from ledger.verifying import verify
from tests.ledger.conftest import GONE, PERSON, ROW, created
from tests.ledger.plain import dump, execute, query, take_away

pytestmark = pytest.mark.anyio


async def test_positions_are_gapless_across_appends_and_openings(path: Path) -> None:
    """Positions count on from 1, whoever appends, and the ledger's head is always the last of them."""
    for expected in (2, 5, 8):
        async with Ledger.open(path, command="test") as ledger:
            assert ledger.head.position == expected - 1
            assert await ledger.append([RunResumed(), RunResumed()]) == [expected, expected + 1]
            assert await ledger.append(iter([RunResumed()])) == [expected + 2]
            assert ledger.head == await ledger.reader.head()
    assert query(path, "SELECT position FROM event") == [(position,) for position in range(1, 11)]


async def test_appending_nothing_is_nothing(path: Path) -> None:
    """No events, no transaction, no position."""
    async with Ledger.open(path, command="test") as ledger:
        assert await ledger.append([]) == []
        assert ledger.head.position == 1


async def test_every_commit_is_on_the_disk(path: Path) -> None:
    """The writer runs in WAL with synchronous FULL, and with foreign keys on: asked of its own connection."""

    def ask(connection: sqlite3.Connection) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    async with Ledger.open(path, command="test") as ledger:
        assert await ledger._transactions.run(ask) == ["wal", 2, 1]


async def test_an_event_is_told_with_who_when_and_why(path: Path) -> None:
    """Actor, run and cause stand in the envelope, and the time is UTC with microseconds."""
    async with Ledger.open(path, command="test", actor="jo@host") as ledger:
        ledger.run_id = "run-7"
        [first] = await ledger.append([RunResumed()])
        [second] = await ledger.append([Draft(IdentityLinked(source_key="contact:1", alias="contact:~9f"), first)])
        found = await ledger.reader.find(second)
    assert found is not None
    assert (found.actor, found.run_id, found.cause) == ("jo@host", "run-7", first)
    assert found.event == IdentityLinked(source_key="contact:1", alias="contact:~9f")
    assert len(found.recorded_at) == 27 and found.recorded_at.endswith("Z") and found.recorded_at[10] == "T"


async def test_equal_bodies_are_kept_once(path: Path) -> None:
    """A body given twice, in one append or in two, is one row; another subject is another row."""
    body, other = seal("mapping", "text"), seal("contact:1", "text")
    async with Ledger.open(path, command="test") as ledger:
        for _ in range(2):
            await ledger.append([MappingConfirmed(payload_hash=body.hash, default=False)], [body, body])
        await ledger.append([HoldCorrected(hold=1, payload_hash=other.hash)], [other])
        assert (await ledger.reader.envelopes([body.hash, other.hash, "none"])).keys() == {body.hash, other.hash}
    assert len(query(path, "SELECT hash FROM payload")) == 2


REFUSED: dict[str, tuple[list[Any], str]] = {
    "a fold that fails": ([RunResumed(), RunStarted(command="load"), RunStarted(command="load")], "UNIQUE"),
    "a body that is not there": ([RunResumed(), MappingConfirmed(payload_hash="f" * 64, default=False)], "f" * 64),
    "a batch's body that is not there": (
        [
            BatchIntended(
                object="person", action="create", items=(Intended(key="a", id="b", hash="e" * 64),), timeout_s=60
            )
        ],
        "e" * 64,
    ),
    "an attribute of the wrong type": (
        [RunResumed(), RecordCreated(object="person", source_key="a", twenty_id=None, payload_hash="", updated_at="")],  # type: ignore[arg-type]
        "RecordCreated: .*twenty_id",
    ),
    "a float": ([RunStarted(command="load", settings={"pace": 0.6})], "RunStarted: .*no floats"),  # type: ignore[dict-item]
    "text that is not Unicode": ([IdentityLinked(source_key="contact:1", alias="\ud83e")], "IdentityLinked: .*surrog"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_refused_append_leaves_nothing(story: Path, case: str) -> None:
    """Whatever part of an append fails, nothing of it stays: no event, no body, no fold; and the next one works."""
    events, why = REFUSED[case]
    note = seal("note", "given along")
    async with Ledger.open(story, command="test") as ledger:
        before, head = dump(story), ledger.head
        with pytest.raises(AppendRefused, match=why) as failure:
            await ledger.append(events, [note])
        assert "\n" not in str(failure.value)
        assert failure.value.path == story
        assert dump(story) == before
        assert ledger.head == head == await ledger.reader.head()
        assert await ledger.append([RunResumed()]) == [10]
    await verify(story)


async def test_a_fold_that_breaks_undoes_the_append(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events and folds are one transaction: a statement that fails in the last fold takes the first event with it."""
    async with Ledger.open(story, command="test") as ledger:
        before = dump(story)
        broken = (*FOLDS["RecordCreated"], "INSERT INTO alias (alias, source_key) VALUES (:twenty_id, NULL)")
        monkeypatch.setitem(FOLDS, "RecordCreated", broken)  # type: ignore[arg-type]
        with pytest.raises(AppendRefused, match="NOT NULL"):
            await ledger.append([RunResumed(), created()])
        assert dump(story) == before
        monkeypatch.undo()
        assert await ledger.append([RunResumed(), created()]) == [10, 11]
    await verify(story)


async def test_errors_quote_no_values(story: Path) -> None:
    """Neither the error nor the driver's behind it holds a body's text: tracebacks go to tickets."""
    secret = seal("contact:9", {"email": "secret@example.com"}, {"name": "Secret"})
    async with Ledger.open(story, command="test") as ledger:
        execute(story, "CREATE TRIGGER refuse BEFORE INSERT ON payload BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(AppendRefused) as failure:
            await ledger.append([MappingConfirmed(payload_hash=secret.hash, default=False)], [secret])
    causes, error = [], failure.value
    while error is not None:
        causes.append(str(error))
        error = error.__cause__
    assert len(causes) > 1
    assert "ecret" not in "".join(causes)


async def test_only_a_recorded_erasure_takes_a_body(story: Path) -> None:
    """The table gives up no body without PayloadErased, whoever deletes it; one that is gone already is no error."""
    with pytest.raises(sqlite3.IntegrityError, match="only after PayloadErased"):
        take_away(story, ROW.hash)
    take_away(story, GONE.hash)
    async with Reader.open(story) as reader:
        assert await reader.envelope(ROW.hash) is not None


async def test_tasks_take_turns(path: Path) -> None:
    """Many tasks may append and read on one ledger at once: every append is whole, and none is lost."""
    positions: list[list[int]] = []

    async def work(ledger: Ledger) -> None:
        for _ in range(5):
            positions.append(await ledger.append([RunResumed()] * 3))
            await ledger.reader.head()

    async with Ledger.open(path, command="test") as ledger, anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(work, ledger)
    assert sorted(position for mine in positions for position in mine) == list(range(2, 152))
    assert all(mine == list(range(mine[0], mine[0] + 3)) for mine in positions)
    await verify(path)


@pytest.mark.parametrize("steps", range(0, 42, 6))
async def test_a_cancelled_append_is_whole_or_not_at_all(path: Path, steps: int) -> None:
    """Cancelled at any point of its way, an append that began is finished and known; the ledger goes on from there."""
    body = seal("mapping", "x" * 1000)
    event = MappingConfirmed(payload_hash=body.hash, default=False)
    async with Ledger.open(path, command="test") as ledger:
        async with anyio.create_task_group() as group:
            group.start_soon(ledger.append, [event] * 50, [body])
            for _ in range(steps):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert ledger.head == await ledger.reader.head()
        assert ledger.head.position in (1, 51)
        await ledger.append([RunCompleted()])
    await verify(path)


async def test_another_program_that_writes_is_waited_for_and_then_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that keeps the file locked does not hang the writer for ever: it gets LedgerInUse and can try again."""
    monkeypatch.setattr("ledger.writing._WRITER", ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 50"))
    async with Ledger.open(path, command="test") as ledger:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerInUse, match="another program"):
                await ledger.append([RunResumed()])
        assert await ledger.append([RunResumed()]) == [2]


async def test_appends_are_told(path: Path) -> None:
    """Who listens is told each append's events after they are durable, and never those refused."""
    told: list[Any] = []
    async with Ledger.open(path, command="test") as ledger:
        ledger.on_append = lambda events: told.extend(
            (event, query(path, "SELECT max(position) FROM event")) for event in events
        )
        await ledger.append([RunResumed()])
        with pytest.raises(AppendRefused):
            await ledger.append([MappingConfirmed(payload_hash="f" * 64, default=False)])
    assert told == [(RunResumed(), [(2,)])]


async def test_an_error_of_the_block_is_not_the_ledgers(path: Path) -> None:
    """An SQLite error of somebody else's database, raised while a ledger is open, is not called a damaged ledger."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        async with Ledger.open(path, command="test"):
            query(path.with_name("other.db"), "SELECT * FROM absent")


async def test_an_actor_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the user may have no name; the actor is then told by its number."""
    assert "@" in default_actor()

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert default_actor().startswith("uid")


async def test_the_story_names_every_body(story: Path) -> None:
    """The test data itself is a ledger the program would write: PERSON is named, and there."""
    assert query(story, "SELECT count(*) FROM event WHERE payload_hash = ?", PERSON.hash) == [(2,)]


async def test_an_erased_body_is_named_and_never_comes_back(story: Path) -> None:
    """What says the same as an erased body is on record, as all that named it before; the body stays away."""
    async with Ledger.open(story, command="test") as ledger:
        await ledger.append([RowExtracted(source_key="a", source_ref="f:2", payload_hash=GONE.hash)], [GONE])
        assert await ledger.reader.envelope(GONE.hash) is None
    await verify(story)


async def test_new_bodies_are_kept_beside_known_and_erased_ones(story: Path) -> None:
    """One append names a new body, one that is there, one that was erased and another new one: it keeps the new."""
    gone = {hash_ for (hash_,) in query(story, "SELECT payload_hash FROM event WHERE type = 'PayloadErased'")}
    assert GONE.hash in gone
    new = [seal("contact:new", 1), seal("contact:new", 2)]
    bodies = [new[0], ROW, GONE, new[1]]
    before = set(query(story, "SELECT hash FROM payload"))
    async with Ledger.open(story, command="test") as ledger:
        await ledger.append([MappingConfirmed(payload_hash=one.hash, default=False) for one in bodies], bodies)
    assert set(query(story, "SELECT hash FROM payload")) == before | {(one.hash,) for one in new}
