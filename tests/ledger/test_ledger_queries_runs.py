"""Runs, data model, automations and rollbacks as they are asked about; and the ledger about itself."""

from pathlib import Path

import pytest

from ledger.books import books
from ledger.events import (
    AutomationIntended,
    CompensationKept,
    FieldCreated,
    OptionsAdded,
    RunCompleted,
    RunFailed,
    RunStarted,
    SchemaIntended,
    TracesNoted,
    TracesRemoved,
)
from ledger.hashing import digest, seal
from ledger.projections import automations, compensations, runs, schema
from ledger.store import Ledger
from tests.ledger import moved
from tests.ledger.moved import DELTA, LOAD
from tests.ledger.plain import execute, query

pytestmark = pytest.mark.anyio


# --- runs, schema, automations, compensations ------------------------------------------------------------------------


async def test_runs_and_their_files(ledger: Ledger) -> None:
    """Runs with what they were told, the files each read and how that ended, and mappings that differ."""
    reader = ledger.reader
    [run] = await runs.all_runs(reader)
    assert (run.command, run.state, run.undone, run.policies, run.settings) == (
        "load", "completed", 2, {"existing": "hold"}, {"only": None},
    )  # fmt: skip
    assert [(one.file, one.path) for one in run.files] == [("f1", "exports/all.csv")]
    assert await runs.find_run(reader, LOAD) == run
    assert await runs.find_run(reader, "no such run") is None
    assert [one.name for one in await runs.exports_of(reader, LOAD)] == ["all.csv", "sales.csv"]
    assert await runs.exports_of(reader, DELTA) == []
    await moved.delta(ledger)
    assert [(one.name, one.rows, one.delta) for one in await runs.exports(reader)] == [
        ("all.csv", 4, 0), ("sales.csv", 3, 0), ("later.csv", 3, 1),
    ]  # fmt: skip
    assert [one.command for one in await runs.all_runs(reader)] == ["load", "delta"]
    assert await runs.kinds_of(reader, ["f1", "f3", "f9"]) == {"contacts"}
    assert await runs.mapped_otherwise(reader, moved.MAPPING.hash) is False
    assert await runs.mapped_otherwise(reader, "another") is True
    assert (await books(reader)).balanced


async def test_the_run_to_resume(ledger: Ledger) -> None:
    """The newest run without a good end, unless a rollback of just that took it back since; never a `verify`."""
    assert await runs.unfinished(ledger.reader) is None

    async def begun(run_id: str, **started: object) -> None:
        ledger.run_id = run_id
        await ledger.append([RunStarted(**started)])  # type: ignore[arg-type]

    async def rolled_back(run_id: str, **settings: object) -> None:
        await begun(run_id, command="rollback", settings=settings)
        await ledger.append([RunCompleted()])

    async def unfinished() -> str | None:
        run = await runs.unfinished(ledger.reader)
        return None if run is None else run.run_id

    await begun("verified", command="verify")
    assert await unfinished() is None
    await begun("cut short", command="load")
    assert await unfinished() == "cut short"
    since = ledger.head.position
    for number, settings in enumerate(
        (
            {"run": "another"},
            {"since": since},
            {"objects": "person"},
            {"record": "id-1"},
            {"run": "another", "since": 1},
        )
    ):
        await rolled_back(f"partly {number}", **settings)
        assert await unfinished() == "cut short"
    await rolled_back("just that", run="cut short", since=None)
    assert await unfinished() is None
    await begun("again", command="load")
    await ledger.append([RunFailed(code="x", exit_code=5)])
    assert await unfinished() == "again"
    await rolled_back("all behind", since=since)
    assert await unfinished() is None


async def test_automations_that_are_to_be_put_back(ledger: Ledger) -> None:
    """A trigger about to be paused counts as switched off until it is known to be back."""
    whole = seal("automation", {"id": "a"})
    await ledger.append([AutomationIntended(twenty_id="a", action="pause", payload_hash=whole.hash)], [whole])
    [one] = await automations.not_active(ledger.reader)
    assert (one.twenty_id, one.state, one.payload_hash, one.trash_on) == ("a", "pausing", whole.hash, None)


async def test_elements_and_options_of_ours(ledger: Ledger) -> None:
    """Elements as they stand, options whose addition has no outcome, and options that are there."""
    body = seal("schema", {"type": "TEXT"})
    await ledger.append(
        [
            SchemaIntended(object="person", name="kartraId", element="field", absent=True, payload_hash=body.hash),
            SchemaIntended(object="person", name="kartraTags", element="options", absent=True, payload_hash=body.hash),
        ],
        [body],
    )
    [element] = await schema.elements(ledger.reader)
    assert (element.name, element.state, element.absent) == ("kartraId", "intended", True)
    [intended] = await schema.options_intended(ledger.reader)
    assert (intended.name, intended.payload_hash) == ("kartraTags", body.hash)
    values = OptionsAdded(
        object="person", name="kartraTags", twenty_id="t", values=("VIP", "NEW"), payload_hash=body.hash
    )
    await ledger.append([FieldCreated(object="person", name="kartraId", twenty_id="k"), values])
    assert await schema.options_intended(ledger.reader) == []
    assert [(one.value, one.name) for one in await schema.options(ledger.reader)] == [
        ("NEW", "kartraTags"), ("VIP", "kartraTags"),
    ]  # fmt: skip
    [element] = await schema.elements(ledger.reader)
    assert (element.state, element.twenty_id) == ("created", "k")


async def test_what_a_rollback_came_to(ledger: Ledger) -> None:
    """Records it kept and why, in order; traces noted until they are removed."""
    ledger.run_id = "back"
    listed = seal("traces", ["t"])
    [noted, _] = await ledger.append(
        [
            TracesNoted(timeline=1, runs=0, payload_hash=listed.hash),
            CompensationKept(object="person", twenty_id="id-1", why="edited", source_key="contact:1"),
        ],
        [listed],
    )
    [kept] = await compensations.compensations(ledger.reader, "back")
    assert (kept.state, kept.detail, kept.source_key) == ("kept", "edited", "contact:1")
    assert await compensations.compensations(ledger.reader, LOAD) == []
    assert [one.position for one in await compensations.noted_traces(ledger.reader)] == [noted]
    await ledger.append([TracesRemoved(noted=noted, timeline=1, runs=0)])
    assert await compensations.noted_traces(ledger.reader) == []


# --- the ledger about itself -----------------------------------------------------------------------------------------


async def test_what_the_ledger_is_bound_to(ledger: Ledger, tmp_path: Path) -> None:
    """Namespace, workspace, and digests by its own key; a ledger that is bound to nothing says so."""
    reader = ledger.reader
    [(data,)] = query(ledger.path, "SELECT json_extract(data, '$.namespace') FROM event WHERE position = 1")
    assert await reader.namespace() == data
    assert await reader.workspace() == "ws-1"
    [(key,)] = query(ledger.path, "SELECT value FROM meta")
    assert await reader.digest_key() == bytes.fromhex(key)
    assert await reader.digest("a@example.com") == digest(bytes.fromhex(key), "a@example.com")
    async with Ledger.open(tmp_path / "new.db", command="test") as fresh:
        assert await fresh.reader.workspace() is None
        assert await fresh.reader.scalar("SELECT 1 FROM event WHERE position = 99") is None


async def test_events_behind_a_position(ledger: Ledger) -> None:
    """Events are read in order from behind a position, those a condition holds for, and single ones by theirs."""
    rows = [one async for one in ledger.reader.read(3, "type = :type", type="RowExtracted")]
    assert [type(one.event).__name__ for one in rows] == ["RowExtracted"] * 5
    assert [one.position for one in rows] == sorted(one.position for one in rows)
    last = [one async for one in ledger.reader.read(ledger.head.position - 1)]
    assert [(one.position, one.hash) for one in last] == [(ledger.head.position, ledger.head.hash)]
    assert (await ledger.reader.find(ledger.head.position)) == last[0]
    assert await ledger.reader.find(ledger.head.position + 1) is None


async def test_bodies_by_their_hashes(ledger: Ledger) -> None:
    """One body or several; what is not there is None, or missing from the answer."""
    reader = ledger.reader
    assert (await reader.envelope(moved.MAPPING.hash)).value == "[person]"  # type: ignore[union-attr]
    assert await reader.envelope("0" * 64) is None
    found = await reader.envelopes([moved.MAPPING.hash, "0" * 64])
    assert {name: one.subject for name, one in found.items()} == {moved.MAPPING.hash: "mapping"}


async def test_books_name_what_does_not_agree(ledger: Ledger) -> None:
    """Each sum that is off is told in words: a record in no known state, one that stands for nothing, a lost row."""
    found = await books(ledger.reader)
    assert [(one.name, one.read, one.transformed) for one in found.files] == [
        ("all.csv", 4, 3), ("sales.csv", 3, 1),
    ]  # fmt: skip
    assert [(one.object, one.created, one.pending) for one in found.records] == [
        ("company", 1, 0), ("note", 0, 1), ("opportunity", 1, 0), ("person", 2, 1),
    ]  # fmt: skip
    assert (found.balanced, found.rows.read, found.rows.held) == (True, 7, 2)
    execute(ledger.path, "UPDATE record SET state = 'odd' WHERE object = 'note'")
    execute(ledger.path, "UPDATE record SET written_hash = NULL WHERE source_key = 'contact:2'")
    execute(ledger.path, "UPDATE record SET written_hash = NULL WHERE object = 'company'")
    execute(ledger.path, "DELETE FROM source_row WHERE file = 'f2' AND line = 4")
    assert (await books(ledger.reader)).imbalances == (
        "sales.csv: 3 rows read, 2 accounted for",
        "company: 1 written and not taken back, 0 stand as written",
        "note: 1 records, 0 in known states",
        "person: 2 written and not taken back, 1 stand as written",
    )
