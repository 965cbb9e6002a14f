"""What `verify` finds when somebody who owns the file drops the triggers, alters it, and puts them back."""

import hashlib
import shutil
from pathlib import Path

import pytest

from ledger.errors import LedgerDamaged, LedgerMissing, LedgerNewer, NotALedger, VerificationFailed
from ledger.events import PayloadErased, RunResumed
from ledger.hashing import GENESIS, Head, seal
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.tables import TABLES, EventRow
from ledger.verifying import verify
from tests.ledger.conftest import PERSON, ROW
from tests.ledger.plain import execute, forced, query

pytestmark = pytest.mark.anyio

EVENT_COLUMNS = (
    "type", "run_id", "cause", "recorded_at", "actor", "object", "source_key", "source_ref", "twenty_id",
    "payload_hash", "data", "prev_hash", "hash",
)  # fmt: skip
FILLED = ("source_row", "hold", "record", "alias")


async def test_a_whole_ledger_verifies(story: Path) -> None:
    """An untouched ledger is found whole: its head, events, bodies and erasures are counted."""
    async with Reader.open(story) as reader:
        head = await reader.head()
    found = await verify(story, expect=head)
    assert (found.head, found.events, found.payloads, found.erased, found.unerased) == (head, 9, 3, 1, 0)


async def test_progress_is_told(path: Path) -> None:
    """How far the chain, then the bodies and then the projections are is told every thousand events or two."""
    told: list[tuple[str, int]] = []
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append([RunResumed()] * 2500)
    await verify(path, progress=lambda step, position: told.append((step, position)))
    assert told == [
        ("chain", 2501), ("bodies", 1000), ("bodies", 2000), ("projections", 2000),
        ("projections", 2501),
    ]  # fmt: skip


@pytest.mark.parametrize("column", EVENT_COLUMNS)
@pytest.mark.parametrize("position", [1, 6, 9])
async def test_a_changed_column_of_an_event_is_found(story: Path, column: str, position: int) -> None:
    """One value more or less in any column of the first, a middle or the last event is named by its position."""
    with forced(story) as connection:
        changed = "coalesce(cause, 0) + 1" if column == "cause" else f"coalesce({column}, '') || ' '"
        connection.execute(f"UPDATE event SET {column} = {changed} WHERE position = ?", (position,))
    with pytest.raises(VerificationFailed) as failure:
        await verify(story)
    assert failure.value.position == position


async def test_every_column_is_tried() -> None:
    """The test above knows of every column of `event` but the position, which has tests of its own."""
    assert set(EVENT_COLUMNS) == set(EventRow.model_fields) - {"position"}


async def test_a_flipped_byte_of_a_body_is_found(story: Path) -> None:
    """One letter changed in a body is named by the first event that names the body."""
    with forced(story) as connection:
        connection.execute("UPDATE payload SET body = replace(body, 'jane', 'jana') WHERE hash = ?", (ROW.hash,))
    with pytest.raises(VerificationFailed, match="body was changed") as failure:
        await verify(story)
    assert failure.value.position == 2


@pytest.mark.parametrize("statement", [
    f"UPDATE payload SET body = CAST(x'FF' || body AS TEXT) WHERE hash = '{PERSON.hash}'",
    f"UPDATE payload SET hash = CAST(x'FF' AS TEXT) WHERE hash = '{PERSON.hash}'",
    "UPDATE event SET actor = CAST(x'FF' AS TEXT) WHERE position = 5",
    "UPDATE event SET data = '[]' WHERE position = 5",
])  # fmt: skip
async def test_bytes_that_are_not_text_are_found(story: Path, statement: str) -> None:
    """Bytes that are not UTF-8, or attributes that are no object, are a change found like any other."""
    with forced(story) as connection:
        connection.execute(statement)
    with pytest.raises(VerificationFailed):
        await verify(story)


async def test_a_missing_event_is_found(story: Path) -> None:
    """An event taken out of the middle is named by the position that is empty."""
    with forced(story) as connection:
        connection.execute("DELETE FROM event WHERE position = 4")
    with pytest.raises(VerificationFailed, match="missing") as failure:
        await verify(story)
    assert failure.value.position == 4


async def test_a_gap_closed_up_is_found(story: Path) -> None:
    """Moving the events behind a gap forward hides the gap and breaks the chain there."""
    with forced(story) as connection:
        connection.execute("DELETE FROM event WHERE position = 4")
        for position in range(5, 10):
            connection.execute("UPDATE event SET position = position - 1 WHERE position = ?", (position,))
    with pytest.raises(VerificationFailed, match="prev_hash") as failure:
        await verify(story)
    assert failure.value.position == 4


async def test_a_swapped_pair_is_found(story: Path) -> None:
    """Two events that changed places are named by the first of the two."""
    with forced(story) as connection:
        for old, new in ((5, 99), (6, 5), (99, 6)):
            connection.execute("UPDATE event SET position = ? WHERE position = ?", (new, old))
    with pytest.raises(VerificationFailed, match="prev_hash") as failure:
        await verify(story)
    assert failure.value.position == 5


async def test_a_swapped_pair_with_mended_links_is_found(story: Path) -> None:
    """Mending prev_hash after a swap does not help: the hashes cover the order."""
    with forced(story) as connection:
        for old, new in ((5, 99), (6, 5), (99, 6)):
            connection.execute("UPDATE event SET position = ? WHERE position = ?", (new, old))
        for position in (5, 6, 7):
            connection.execute(
                "UPDATE event SET prev_hash = (SELECT hash FROM event WHERE position = ?) WHERE position = ?",
                (position - 1, position),
            )
    with pytest.raises(VerificationFailed, match="hash is another") as failure:
        await verify(story)
    assert failure.value.position == 5


@pytest.mark.parametrize("position", [-(2**63), -1, 0, 11, 2**63 - 1])
async def test_an_event_outside_the_chain_is_found(story: Path, position: int) -> None:
    """An event put where nobody looks, before the first or far behind the last, is found."""
    with forced(story) as connection:
        columns = ", ".join(EVENT_COLUMNS)
        connection.execute(
            f"INSERT INTO event (position, {columns}) SELECT ?, {columns} FROM event WHERE position = 9", (position,)
        )
    with pytest.raises(VerificationFailed):
        await verify(story)


async def test_a_cut_off_tail_is_found_by_a_head_kept_elsewhere(path: Path, tmp_path: Path) -> None:
    """An older copy of the file is whole in itself; only the head kept elsewhere shows that events are missing."""
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append([RunResumed()])
    shutil.copy(path, tmp_path / "older.db")
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append([RunResumed()])
        head = ledger.head
    assert (await verify(tmp_path / "older.db")).events == 2
    with pytest.raises(VerificationFailed, match="the ledger ends at 2") as failure:
        await verify(tmp_path / "older.db", expect=head)
    assert failure.value.position == 3


async def test_a_rewritten_history_is_found_by_a_head_kept_elsewhere(path: Path, tmp_path: Path) -> None:
    """A ledger forged with all hashes right has another head than the one kept elsewhere; an old head still fits."""
    async with Ledger.open(path, command="test") as ledger:
        earlier = ledger.head
    shutil.copy(path, tmp_path / "forged.db")
    heads = []
    for file, actor in ((path, "honest"), (tmp_path / "forged.db", "forger")):
        async with Ledger.open(file, command="test", actor=actor) as ledger:
            await ledger.append([RunResumed(), RunResumed()])
            heads.append(ledger.head)
    assert (await verify(tmp_path / "forged.db", expect=earlier)).head == heads[1]
    with pytest.raises(VerificationFailed, match="another event stands there"):
        await verify(tmp_path / "forged.db", expect=heads[0])


async def test_a_head_before_the_first_event_is_no_head(story: Path) -> None:
    """Position 0 was never a head, so expecting it is a difference and not a pass."""
    with pytest.raises(VerificationFailed):
        await verify(story, expect=Head(0, GENESIS))


async def test_a_missing_body_is_found(story: Path) -> None:
    """A body taken away without PayloadErased is named by the event that names it."""
    with forced(story) as connection:
        connection.execute("DELETE FROM payload WHERE hash = ?", (PERSON.hash,))
    with pytest.raises(VerificationFailed, match="body is missing") as failure:
        await verify(story)
    assert failure.value.position == 5


async def test_another_digest_key_is_found(story: Path) -> None:
    """A changed, unreadable or missing key would turn every look-up by e-mail astray: event 1 knows its print."""
    for statement in ("UPDATE meta SET value = '00'", "UPDATE meta SET value = 'no hex'", "DELETE FROM meta"):
        with forced(story) as connection:
            connection.execute(statement)
        with pytest.raises(VerificationFailed, match="digest key") as failure:
            await verify(story)
        assert failure.value.position == 1


@pytest.mark.parametrize("table", FILLED)
@pytest.mark.parametrize("change", ["UPDATE {} SET source_key = coalesce(source_key, '') || 'x'", "DELETE FROM {}"])
async def test_a_changed_or_missing_projection_row_is_found(story: Path, table: str, change: str) -> None:
    """Projections are folds of the events, and anything else in them is named by its table."""
    execute(story, change.format(table))
    with pytest.raises(VerificationFailed, match=rf"projections differ.*\b{table}\b"):
        await verify(story)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
async def test_a_row_added_to_any_projection_is_found(story: Path, table: str) -> None:
    """A row that no event accounts for is found in every projection there is."""
    columns = query(story, f"SELECT name, type FROM pragma_table_info('{table}')")
    values = ", ".join("'x'" if kind == "TEXT" else "7" for _, kind in columns)
    execute(story, f"INSERT INTO {table} VALUES ({values})")
    with pytest.raises(VerificationFailed, match=rf"projections differ.*\b{table}\b"):
        await verify(story)


@pytest.mark.parametrize("statement", [
    "DROP TRIGGER event_no_update",
    "CREATE TRIGGER forget AFTER INSERT ON record BEGIN DELETE FROM record; END",
])  # fmt: skip
async def test_triggers_that_are_gone_or_new_are_found(story: Path, statement: str) -> None:
    """A ledger whose guards were taken away, or that runs somebody's own, is not to be trusted from then on."""
    execute(story, statement)
    with pytest.raises(VerificationFailed, match="triggers"):
        await verify(story)


async def test_an_emptied_ledger_is_found(story: Path) -> None:
    """Without any event there is nothing to trust: `verify` and `head` say so."""
    with forced(story) as connection:
        connection.execute("DELETE FROM event")
    with pytest.raises(VerificationFailed, match="no events"):
        await verify(story)
    async with Reader.open(story) as reader:
        with pytest.raises(VerificationFailed, match="no events"):
            await reader.head()


async def test_an_event_of_an_unknown_type_is_named(story: Path) -> None:
    """An event that only a forger with all hashes right could write is named where it is read or folded."""
    with forced(story) as connection:
        connection.execute("UPDATE event SET type = 'RecordForgotten' WHERE position = 9")
    async with Reader.open(story) as reader:
        with pytest.raises(VerificationFailed, match="position 9"):
            await reader.find(9)
    async with Ledger.open(story, command="ledger rebuild") as ledger:
        before = await ledger.reader.rows("SELECT * FROM record")
        with pytest.raises(VerificationFailed, match="position 9"):
            await ledger.rebuild()
        assert await ledger.reader.rows("SELECT * FROM record") == before


async def test_a_damaged_page_is_found(story: Path) -> None:
    """Bytes destroyed below SQLite are an error of the ledger with its place, not the driver's."""
    pages = [row[0] for row in query(story, "SELECT rootpage FROM sqlite_master WHERE name = 'event'")]
    content = bytearray(story.read_bytes())
    content[(pages[0] - 1) * 4096 : pages[0] * 4096] = b"\xaa" * 4096
    story.write_bytes(content)
    with pytest.raises((LedgerDamaged, VerificationFailed)) as failure:
        await verify(story)
    assert "\n" not in str(failure.value)


async def test_what_is_no_ledger_is_not_verified(story: Path, tmp_path: Path) -> None:
    """A missing, foreign or newer file is refused for what it is, and not called damaged or altered."""
    with pytest.raises(LedgerMissing):
        await verify(tmp_path / "none.db")
    execute(tmp_path / "foreign.db", "CREATE TABLE t (x)")
    with pytest.raises(NotALedger):
        await verify(tmp_path / "foreign.db")
    execute(story, "PRAGMA user_version = 99")
    with pytest.raises(LedgerNewer):
        await verify(story)


async def test_verify_writes_nothing(story: Path) -> None:
    """The file is byte for byte what it was, also after a failure."""
    before = hashlib.sha256(story.read_bytes()).hexdigest()
    await verify(story)
    with pytest.raises(VerificationFailed):
        await verify(story, expect=Head(99, GENESIS))
    assert hashlib.sha256(story.read_bytes()).hexdigest() == before


# --- what stands beside the events -----------------------------------------------------------------------------------


def _overwrite(path: Path, index: str, old: bytes, new: bytes) -> None:
    """Change bytes of an index of one page, as no SQL can."""
    with forced(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    [(page, size)] = query(
        path, f"SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = '{index}'"
    )
    there = bytearray(path.read_bytes())
    part = slice((page - 1) * size, page * size)
    assert old in there[part]
    there[part] = there[part].replace(old, new)
    path.write_bytes(there)


async def test_an_index_that_hides_events_is_found(story: Path) -> None:
    """A query that finds events by the index would not find these: they stand in the table alone."""
    _overwrite(story, "event_source_key", b"contact:1", b"contact:0")
    with pytest.raises(VerificationFailed, match="SQLite's own check"):
        await verify(story)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP INDEX event_source_key", "indexes"),
        ("INSERT INTO meta VALUES ('more', 'x')", "meta"),
        ("PRAGMA user_version = 1", "older than its tables"),
    ],
)
async def test_what_stands_beside_the_events_is_held_to_what_was_made(story: Path, statement: str, said: str) -> None:
    """An index less, a secret more, an age that is a lie."""
    execute(story, statement)
    with pytest.raises(VerificationFailed, match=said):
        await verify(story)


async def test_a_body_that_no_event_names_is_found_and_never_written(story: Path) -> None:
    """The program leaves it out; somebody else's is told by its hash."""
    planted = seal("contact:9", {"name": "Nobody"})
    async with Ledger.open(story, command="test") as ledger:
        await ledger.append([RunResumed()], [planted])
    assert (await verify(story)).payloads == 3
    execute(story, f"INSERT INTO payload VALUES ('{planted.hash}', '{planted.body}')")
    with pytest.raises(VerificationFailed, match=planted.hash):
        await verify(story)


async def test_an_erasure_that_was_cut_short_is_told(story: Path) -> None:
    """The events say that a body is erased, and it is still in the file."""
    async with Ledger.open(story, command="test") as ledger:
        await ledger.append([PayloadErased(payload_hash=PERSON.hash)])
    found = await verify(story)
    assert (found.payloads, found.erased, found.unerased) == (3, 1, 1)
