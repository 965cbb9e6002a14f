"""What a plain SQLite client may not do to a ledger, whichever way it tries."""

import sqlite3
from pathlib import Path

import pytest

from ledger.events import MappingConfirmed, PayloadErased
from ledger.hashing import seal
from ledger.store import Ledger
from ledger.verifying import verify
from tests.ledger.conftest import GONE, PERSON
from tests.ledger.plain import dump, execute, query

pytestmark = pytest.mark.anyio

_EVENT = "(position, type, run_id, recorded_at, actor, data, prev_hash, hash)"
_NEXT = "1 + max(position)"
_COPY = "type, run_id, recorded_at, actor, data"

REFUSED = {
    "update an event": ("UPDATE event SET actor = 'me' WHERE position = 3", "never changed"),
    "update every event to itself": ("UPDATE event SET data = data", "never changed"),
    "move an event": ("UPDATE event SET position = 99 WHERE position = 3", "never changed"),
    "update or replace an event": ("UPDATE OR REPLACE event SET position = 2 WHERE position = 3", "never changed"),
    "delete the last event": ("DELETE FROM event WHERE position = (SELECT max(position) FROM event)", "never deleted"),
    "delete all events": ("DELETE FROM event", "never deleted"),
    "replace an event": ("INSERT OR REPLACE INTO event SELECT * FROM event WHERE position = 3", "head [+] 1"),
    "replace an event, spelled shorter": ("REPLACE INTO event SELECT * FROM event WHERE position = 3", "head [+] 1"),
    "insert an event twice, ignoring": ("INSERT OR IGNORE INTO event SELECT * FROM event LIMIT 1", "head [+] 1"),
    "upsert an event": (
        "INSERT INTO event SELECT * FROM event WHERE position = 3 ON CONFLICT DO UPDATE SET actor = 'me'",
        "head [+] 1",
    ),
    "leave a gap": (f"INSERT INTO event {_EVENT} SELECT 1 + {_NEXT}, {_COPY}, hash, 'h' FROM event", "head [+] 1"),
    "insert without a position": (f"INSERT INTO event {_EVENT} SELECT NULL, {_COPY}, hash, 'h' FROM event", "head"),
    "insert before the first": (f"INSERT INTO event {_EVENT} SELECT 0, {_COPY}, hash, 'h' FROM event", "head [+] 1"),
    "break the chain": (f"INSERT INTO event {_EVENT} SELECT {_NEXT}, {_COPY}, 'x', 'h' FROM event", "prev_hash"),
    "restart the chain": (
        f"INSERT INTO event {_EVENT} SELECT {_NEXT}, {_COPY}, printf('%064d', 0), 'h' FROM event",
        "prev_hash",
    ),
    "update a body": ("UPDATE payload SET body = '{}'", "never changed"),
    "rename a body": ("UPDATE payload SET hash = 'x' WHERE rowid = 1", "never changed"),
    "delete a body": (f"DELETE FROM payload WHERE hash = '{PERSON.hash}'", "only after PayloadErased"),
    "delete all bodies": ("DELETE FROM payload", "only after PayloadErased"),
    "replace a body": (f"INSERT OR REPLACE INTO payload VALUES ('{PERSON.hash}', '{{}}')", "written once"),
    "replace a body by its rowid": (
        "INSERT OR REPLACE INTO payload (rowid, hash, body) SELECT min(rowid), 'other', '{}' FROM payload",
        "written once",
    ),
    "upsert a body": (
        f"INSERT INTO payload VALUES ('{PERSON.hash}', '') ON CONFLICT DO UPDATE SET body = excluded.body",
        "written once",
    ),
    "bring an erased body back": (f"INSERT INTO payload VALUES ('{GONE.hash}', '{{}}')", "was erased"),
    "bring it back by replacing": (f"REPLACE INTO payload VALUES ('{GONE.hash}', '{{}}')", "was erased"),
    "change the digest key": ("UPDATE meta SET value = '00'", "never changed"),
    "delete the digest key": ("DELETE FROM meta", "never deleted"),
    "replace the digest key": ("REPLACE INTO meta VALUES ('digest_key', '00')", "written once"),
    "upsert the digest key": (
        "INSERT INTO meta VALUES ('digest_key', '00') ON CONFLICT DO UPDATE SET value = excluded.value",
        "written once",
    ),
}


@pytest.mark.parametrize("attempt", REFUSED)
async def test_a_plain_client_is_refused(story: Path, attempt: str) -> None:
    """Whatever a client tries on events, bodies and the key is refused with a reason, and nothing changes."""
    statement, why = REFUSED[attempt]
    before = dump(story)
    with pytest.raises(sqlite3.IntegrityError, match=why):
        execute(story, statement)
    assert dump(story) == before


async def test_a_plain_client_may_append_in_order(story: Path) -> None:
    """The triggers refuse disorder, not appending: they guard the order, and `verify` what is said."""
    execute(story, f"INSERT INTO event {_EVENT} SELECT {_NEXT}, {_COPY}, hash, 'h' FROM event")
    assert query(story, "SELECT max(position) FROM event") == [(10,)]


async def test_values_of_another_type_are_refused(story: Path) -> None:
    """The tables are strict: a text is no position, and a blob is no text."""
    with pytest.raises(sqlite3.IntegrityError, match="datatype mismatch"):
        execute(story, f"INSERT INTO event {_EVENT} SELECT 'ten', {_COPY}, hash, 'h' FROM event")
    with pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB value in TEXT column"):
        execute(story, "INSERT INTO payload VALUES (x'00', x'00')")


async def test_a_body_goes_only_where_its_erasure_is_on_record(path: Path) -> None:
    """PayloadErased lets exactly its own body go, and afterwards the ledger is whole and says how many went."""
    one, two = seal("mapping", "one"), seal("mapping", "two")
    async with Ledger.open(path, command="test") as ledger:
        named = [MappingConfirmed(payload_hash=body.hash, default=False) for body in (one, two)]
        await ledger.append(named, [one, two])
        await ledger.append([PayloadErased(payload_hash=one.hash)])
        assert (await verify(path)).erased == 0
        execute(path, "DELETE FROM payload WHERE hash = ?", one.hash)
        with pytest.raises(sqlite3.IntegrityError, match="only after PayloadErased"):
            execute(path, "DELETE FROM payload WHERE hash = ?", two.hash)
        assert await ledger.reader.envelope(one.hash) is None
        assert await ledger.reader.envelope(two.hash) is not None
    assert (await verify(path)).erased == 1
