"""Projections are what the events say: however they were batched, folded as they came or again from zero."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from ledger.events import EVENTS, PayloadErased
from ledger.projections import FOLDS
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.tables import TABLES
from ledger.verifying import verify
from tests.ledger.conftest import PERSON, ROW, created, transformed
from tests.ledger.histories import Step, histories, play, projections
from tests.ledger.plain import dump, execute, query, take_away

pytestmark = pytest.mark.anyio

CLOCKS = ("started_at", "ended_at")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where generated ledgers go, each example's under its own number."""
    return tmp_path_factory.mktemp("histories")


def fresh(folder: Path) -> Path:
    """A path nobody used yet."""
    return folder / f"{sum(1 for _ in folder.glob('*.db'))}.db"


@settings(max_examples=10, deadline=None)
@given(history=histories)
async def test_any_history_folds_to_the_same(folder: Path, history: list[Step]) -> None:
    """Batched, one by one, with erased bodies gone or still there, rebuilt, or verified: the same projections."""
    await fold_to_the_same(folder, history)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=500, deadline=None)
@given(history=histories)
async def test_hundreds_of_histories_fold_to_the_same(folder: Path, history: list[Step]) -> None:
    """The same for many more."""
    await fold_to_the_same(folder, history)


async def fold_to_the_same(folder: Path, history: list[Step]) -> None:
    """Play a history in two ways; its folds, and those from zero, have to be alike."""
    seen = []
    for batched, erases in ((True, True), (False, False)):
        path = fresh(folder)
        await play(path, history, batched=batched, erases=erases)
        await verify(path)
        folded = projections(path)
        async with Ledger.open(path, command="ledger rebuild") as ledger:
            assert await ledger.rebuild() == len(history) + 1
        assert projections(path) == folded
        seen.append(projections(path, without=CLOCKS))
    assert seen[0] == seen[1]


@settings(max_examples=6, deadline=None)
@given(history=histories)
async def test_rebuild_undoes_any_tampering(folder: Path, history: list[Step]) -> None:
    """Rows changed, deleted or added, a table dropped, an index gone, a trigger of somebody's: rebuild mends it all."""
    path = fresh(folder)
    await play(path, history, batched=True, erases=True)
    rows, schema = projections(path), query(path, "SELECT name, sql FROM sqlite_master ORDER BY name")
    execute(path, "DELETE FROM record")
    execute(path, "UPDATE hold SET state = 'released'")
    execute(path, "INSERT INTO alias VALUES ('contact:9', 'contact:9')")
    execute(path, "DROP TABLE run")
    execute(path, "DROP INDEX record_state")
    execute(path, "CREATE TRIGGER forget AFTER INSERT ON record BEGIN DELETE FROM record; END")
    async with Ledger.open(path, command="ledger rebuild") as ledger:
        await ledger.rebuild()
    assert projections(path) == rows
    assert query(path, "SELECT name, sql FROM sqlite_master ORDER BY name") == schema
    await verify(path)


async def test_rebuild_touches_no_event(story: Path) -> None:
    """A rebuild leaves events, bodies and the key as they are, and the ledger takes more afterwards."""
    before = dump(story, "event", "payload", "meta")
    async with Ledger.open(story, command="ledger rebuild") as ledger:
        assert await ledger.rebuild() == 9
        assert dump(story, "event", "payload", "meta") == before
        assert await ledger.append([created()]) == [10]
    await verify(story)


async def test_every_fold_belongs_to_an_event() -> None:
    """No fold waits for an event that does not exist, and every projection is filled by some fold."""
    assert set(FOLDS) <= set(EVENTS)
    statements = " ".join(statement for several in FOLDS.values() for statement in several)
    assert all(f"INSERT INTO {table.name} " in statements or f"INTO {table.name} (" in statements for table in TABLES)


async def test_a_label_goes_with_its_body(story: Path) -> None:
    """A label shows while its body is there, is gone once its erasure is on record, and never comes back."""
    async with Ledger.open(story, command="test") as ledger:

        async def label() -> object:
            return await ledger.reader.scalar("SELECT label FROM record WHERE source_key = 'contact:1'")

        assert await label() == "Jane"
        await ledger.append([PayloadErased(payload_hash=PERSON.hash)])
        assert await label() is None
        await ledger.append([transformed("contact:1", "f1:2", PERSON.hash)])
        assert await label() is None
        await ledger.rebuild()
        assert await label() is None
        await ledger.append([transformed("contact:1", "f1:2", ROW.hash)])
        assert await label() == "Jane"
    await verify(story)


async def test_nothing_personal_stays_after_an_erasure(story: Path) -> None:
    """Once its bodies are erased, no table of the ledger holds a person's value or name."""
    async with Ledger.open(story, command="erase") as ledger:
        await ledger.append([PayloadErased(payload_hash=body.hash) for body in (ROW, PERSON)])
    take_away(story, ROW.hash, PERSON.hash)
    everything = str(dump(story)).lower()
    assert "jane" not in everything and "jané" not in everything and "joe" not in everything
    assert (await verify(story)).erased == 3


async def test_the_record_of_the_story(story: Path) -> None:
    """The story's rows and records stand as its events left them, field by field."""
    async with Reader.open(story) as reader:
        records = await reader.rows(
            """SELECT source_key, state, origin, generation, payload_hash = written_hash AS same, label, intent
               FROM record"""
        )
        rows = await reader.rows("SELECT file, line, source_key, state FROM source_row")
    assert [tuple(row.values()) for row in records] == [
        ("contact:1", "written", "created", 0, 1, "Jane", None),
        ("contact:2", "pending", None, 0, None, None, None),
    ]
    assert [tuple(row.values()) for row in rows] == [
        ("f1", 2, "contact:1", "extracted"),
        ("f1", 3, "contact:2", "extracted"),
        ("f1", 4, None, "held"),
    ]
