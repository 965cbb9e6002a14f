"""A ledger of schema version 1, as the program of that version wrote it: told as such, and brought up to date."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import upgrades
from ledger.books import books
from ledger.errors import LedgerOlder
from ledger.events import RunResumed
from ledger.hashing import Head
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.tables import SCHEMA_VERSION
from ledger.verifying import verify
from tests.ledger.histories import projections
from tests.ledger.plain import dump, query

pytestmark = pytest.mark.anyio

STORED = Path(__file__).with_name("version1.jsonl")
"""Rows of a ledger that version 1 filled: two contacts of three loaded into Twenty, and all of it rolled back."""

HEAD = Head(93, "a1009ff1d672e3ddebbcb41e736d98b60a668b376c67ff4553a6ed09e3605960")
"""As version 1 printed it."""


@pytest.fixture
def older(path: Path) -> Path:
    """That ledger, its projections empty: they are folded anew."""
    _, first = upgrades.scripts(0)[0]
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in filter(None, map(str.strip, first.split("\n\n"))):
            connection.execute(statement)
        for table, row in _stored():
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
        connection.execute("PRAGMA user_version = 1")
    return path


def _stored() -> Iterator[tuple[str, dict[str, object]]]:
    for line in STORED.read_text("utf-8").splitlines():
        table, row = json.loads(line)
        yield table, row


async def test_an_older_ledger_is_told_as_such(older: Path) -> None:
    """Reading or verifying one is LedgerOlder with both versions and what to do, and changes nothing."""
    before = older.read_bytes()
    with pytest.raises(LedgerOlder, match=r"version 1, .*ledger rebuild") as failure:
        async with Reader.open(older):
            pass
    with pytest.raises(LedgerOlder):
        await verify(older)
    assert (failure.value.found, failure.value.known) == (1, SCHEMA_VERSION)
    assert older.read_bytes() == before


async def test_an_older_ledger_is_brought_up_to_date(older: Path) -> None:
    """Opened for writing it keeps every event, body and key, verifies, and its books balance."""
    before = dump(older, "event", "payload", "meta")
    async with Ledger.open(older, command="test") as ledger:
        assert ledger.head == HEAD
        assert (await books(ledger.reader)).balanced
    assert dump(older, "event", "payload", "meta") == before
    assert query(older, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert (await verify(older, expect=HEAD)).head == HEAD


async def test_upgraded_projections_are_a_fold_from_zero(older: Path) -> None:
    """What the upgrade leaves is what a rebuild gives, and what the old program knew."""
    async with Ledger.open(older, command="test") as ledger:
        folded = projections(older)
        assert await ledger.rebuild() == HEAD.position
    assert projections(older) == folded
    assert query(older, "SELECT object, state, generation, count(*) FROM record GROUP BY 1, 2, 3") == [
        ("company", "deleted", 1, 1),
        ("person", "deleted", 1, 2),
    ]
    assert query(older, "SELECT command, state FROM run ORDER BY position") == [
        ("load", "completed"),
        ("rollback", "completed"),
    ]
    assert query(older, "SELECT reason, state FROM hold") == [("email_invalid", "open")]


async def test_an_older_ledger_with_a_log_is_brought_up_to_date(older: Path) -> None:
    """What stands in its write-ahead log only is there afterwards too."""
    with closing(sqlite3.connect(older)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO alias VALUES ('contact:9', 'contact:9')")
        writer.commit()
        assert older.with_name(older.name + "-wal").stat().st_size
        async with Ledger.open(older, command="test") as ledger:
            assert await ledger.append([RunResumed()]) == [HEAD.position + 1]
    await verify(older, expect=HEAD)


async def test_a_failed_upgrade_leaves_the_old_ledger(older: Path) -> None:
    """An event nobody can fold stops the upgrade: version, tables and events are as before."""
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET type = 'RecordForgotten' WHERE position = 40")
    before = dump(older)
    with pytest.raises(Exception, match="position 40"):
        async with Ledger.open(older, command="test"):
            pass
    assert dump(older) == before
    assert query(older, "PRAGMA user_version") == [(1,)]
