"""A copy of a ledger as it stands, by SQLite's own backup: whole also while another program writes."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio

from ledger.connections import read_uri
from ledger.errors import LedgerUnwritable
from ledger.failures import translated
from ledger.verifying import Verified, verify

_PAGES = 4_000
"""Pages between two moments at which a copy can be stopped."""


def copy(source: Path, target: Path) -> None:
    """Copy a ledger to a path where no file is: one file that any SQLite client opens, also where nothing is written.

    Runs in a thread of anyio's, and stops when the task that waits for it is cancelled.

    Raises:
        FileExistsError: there is one.
        LedgerError: the ledger cannot be read, or the copy cannot be written.
    """
    target.touch(mode=0o600, exist_ok=False)
    with (
        translated(source),
        closing(sqlite3.connect(read_uri(source), uri=True, isolation_level=None)) as there,
    ):
        # One snapshot for all pages: without it, SQLite begins anew whenever somebody else appends.
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with translated(target), closing(sqlite3.connect(target, isolation_level=None)) as here:
            there.backup(here, pages=_PAGES, progress=lambda *_: anyio.from_thread.check_cancelled())
            here.execute("PRAGMA journal_mode = DELETE")


async def verified_copy(source: Path, target: Path) -> Verified:
    """Copy a ledger, verify the copy, and only then let it take the place of what stands at the target.

    Raises:
        VerificationFailed, LedgerDamaged: the copy does not add up, so neither does the ledger; it was not kept.
        LedgerUnwritable: the copy cannot be written.
    """
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            await anyio.to_thread.run_sync(copy, source, beside)
            found = await verify(beside)
            beside.replace(target)
        finally:
            for ending in ("", "-journal", "-wal", "-shm"):
                beside.with_name(beside.name + ending).unlink(missing_ok=True)
    except LedgerUnwritable as error:
        # Of the place that was asked for, not of the one beside it that nobody knows.
        raise LedgerUnwritable(target if error.path == beside else error.path, error.why) from error
    except OSError as error:
        raise LedgerUnwritable(target, error.strerror or str(error)) from error
    return found
