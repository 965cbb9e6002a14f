"""Rewriting the file so that no byte of an erased body is left in it: not in free pages, not in the write-ahead log."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ledger.errors import LedgerUnwritable
from ledger.failures import translated

_LEFT = """DELETE FROM payload WHERE hash IN (SELECT payload_hash FROM event WHERE type = 'PayloadErased')"""


def rewrite(path: Path) -> int:
    """Take away every body whose erasure is on record, and write the file anew; answers how many bodies went.

    To be run again after whatever stopped it; the writer's lock must be held.

    Raises:
        LedgerUnwritable: there is no room for a second copy, or somebody reads just now, so that the log stays.
    """
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA secure_delete = ON")
        gone = connection.execute(_LEFT).rowcount
        connection.execute("VACUUM")
        [(busy, _, _)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if busy:
        raise LedgerUnwritable(path, "somebody reads it, so its log could not be emptied; run the same command again")
    return gone
