"""A copy of a ledger as it stands, by SQLite's own backup: whole also while another program writes."""

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio

from ledger.errors import LedgerUnwritable
from ledger.failures import translated
from ledger.verifying import Verified, verify

_PAGES = 4_000
"""Pages between two moments at which a copy can be stopped."""

Progress = Callable[[int, int], None]
"""Told how many pages are still to be copied, and how many there are."""


def copy(source: Path, target: Path, progress: Progress = lambda _left, _total: None) -> None:
    """Copy a ledger to a path where no file is: one file that any SQLite client opens, also where nothing is written.

    Raises:
        FileExistsError: there is one.
        LedgerError: the ledger cannot be read, or the copy cannot be written.
    """
    target.touch(mode=0o600, exist_ok=False)
    with (
        translated(source),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as there,
    ):
        # One snapshot for all pages: without it, SQLite begins anew whenever somebody else appends.
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with translated(target), closing(sqlite3.connect(target, isolation_level=None)) as here:
            there.backup(here, pages=_PAGES, progress=lambda _status, left, total: progress(left, total))
            here.execute("PRAGMA journal_mode = DELETE")


async def verified_copy(source: Path, target: Path, progress: Progress = lambda _left, _total: None) -> Verified:
    """Copy a ledger, verify the copy, and only then let it take the place of what stands at the target.

    Raises:
        VerificationFailed, LedgerDamaged: the copy does not add up, so neither does the ledger; it was not kept.
        LedgerUnwritable: the copy cannot be written.
    """
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        await anyio.to_thread.run_sync(copy, source, beside, partial(_stoppable, progress))
        found = await verify(beside)
        beside.replace(target)
    except OSError as error:
        raise LedgerUnwritable(target, error.strerror or str(error)) from error
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            beside.with_name(beside.name + ending).unlink(missing_ok=True)
    return found


def _stoppable(progress: Progress, left: int, total: int) -> None:
    anyio.from_thread.check_cancelled()
    progress(left, total)
