"""Rewriting the file so that no byte of an erased body is left in it: not in free pages, not in the write-ahead log.

The hashes stay, since the chain covers them: a short value (a phone number alone) could be guessed from one.
"""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from ledger.errors import LedgerUnwritable
from ledger.failures import translated
from ledger.reader import Reader

_LEFT = """DELETE FROM payload WHERE hash IN (SELECT payload_hash FROM event WHERE type = 'PayloadErased')"""
_PATIENCE_MS = 5_000
"""How long whoever reads just now is waited for, each of the times that the log is tried to be emptied."""

_TRIES = 3
_PAUSE_S = 0.1


def rewrite(path: Path) -> int:
    """Take away every body whose erasure is on record, and write the file anew; answers how many bodies went.

    To be run again after whatever stopped it; the writer's lock must be held.

    Raises:
        LedgerUnwritable: there is no room for a second copy, or somebody reads just now, so that the log stays.
    """
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        connection.execute("PRAGMA secure_delete = ON")
        gone = connection.execute(_LEFT).rowcount
        connection.execute("VACUUM")
        emptied = _empty_log(connection)
    if not emptied:
        raise LedgerUnwritable(path, "its log could not be emptied, since somebody reads it", "let them end")
    return gone


def _empty_log(connection: sqlite3.Connection) -> bool:
    # One reader after another may come while it is waited for, and SQLite gives up at the first it waited out.
    for _ in range(_TRIES):
        [(busy, _, _)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if not busy:
            return True
        time.sleep(_PAUSE_S)
    return False


async def erased_of(reader: Reader, hashes: Iterable[str]) -> set[str]:
    """Which of these bodies were erased, and can never be again."""
    statement = """SELECT payload_hash FROM event
      WHERE type = 'PayloadErased' AND payload_hash IN (SELECT value FROM json_each(:hashes))"""
    rows = await reader.rows(statement, hashes=msgspec.json.encode(list(hashes)).decode())
    return {row["payload_hash"] for row in rows}


async def any_erased(reader: Reader) -> bool:
    """Whether any body was ever erased."""
    return bool(await reader.scalar("SELECT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased')"))


async def not_carried_out(reader: Reader) -> int:
    """How many bodies are there although their erasure is on record: what wrote the file anew was stopped."""
    statement = """SELECT count(*) FROM payload
      WHERE hash IN (SELECT payload_hash FROM event WHERE type = 'PayloadErased')"""
    return int(await reader.scalar(statement))


async def obsolete_for_good(reader: Reader) -> int:
    """How many records in Twenty are of people who were erased, and would be otherwise: nobody can change them now."""
    statement = """SELECT count(*) FROM record WHERE state = 'obsolete' AND payload_hash IN
      (SELECT payload_hash FROM event WHERE type = 'PayloadErased')"""
    return int(await reader.scalar(statement))
