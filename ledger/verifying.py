"""Proof that nothing was altered: chain, gaps, bodies, and projections against a fold from zero."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_process

from ledger import failures, recomputing, refolding
from ledger.connections import Session, connected, counted, read_uri
from ledger.errors import LedgerBlank, LedgerError, LedgerOlder, ReadStopped, VerificationFailed
from ledger.hashing import Head
from ledger.reader import Reader, check_header
from ledger.recomputing import Fault, Found, Part, raise_first
from ledger.tables import LEDGER_TABLES, TABLES
from ledger.wholeness import Progress, Step, Verified, prove_whole

__all__ = ["Progress", "Step", "Verified", "verify"]

_STEPS = 1_000_000
"""After how many steps of SQLite's machine it is asked whether anybody still waits."""

_FEW = 3
"""Parts that are proven on the connection that is there: the file, and one each of chain and bodies."""

Given = TypeVar("Given")


def _quiet(_step: Step, _position: int) -> None:
    """Tell nobody."""


async def verify(path: Path, expect: Head | None = None, progress: Progress = _quiet) -> Verified:
    """Recompute everything the ledger claims about itself, and compare it with a head kept elsewhere.

    The work is done in a thread, and in further processes where the ledger is long; it stops when the task that waits
    for it is cancelled.

    Raises:
        VerificationFailed: naming the first position that does not add up.
        LedgerMissing, NotALedger, LedgerNewer, LedgerOlder, LedgerDamaged: the file is not one this program can read.
    """
    with _blank_is_unproven():
        check_header(path)
        await _check_version(path)
    with failures.translated(path):
        connection = _connect(path)

    async def close() -> None:
        connection.close()

    async with counted(path, close):
        try:
            with failures.translated(path):
                return await _verify(path, connection, expect, progress)
        except ReadStopped:
            await anyio.lowlevel.checkpoint()
            raise


@contextmanager
def _blank_is_unproven() -> Iterator[None]:
    # Somebody holds this file to be a ledger: copied without its -wal, it can be as empty as one never begun.
    try:
        yield
    except LedgerBlank as blank:
        raise VerificationFailed(None, "it holds no events") from blank


async def _check_version(path: Path) -> None:
    async with connected(path) as connection:
        reader = Reader(Session(path, connection))
        try:
            await reader.check()
        except LedgerOlder as older:
            found = {row["name"] for row in await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if found >= {table.name for table in (*LEDGER_TABLES, *TABLES)}:
                raise VerificationFailed(None, "it says that it is older than its tables are") from older
            raise


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(read_uri(path), uri=True, isolation_level=None, check_same_thread=False)


def _stopped() -> bool:
    """Whether nobody waits for the verification any more; SQLite asks within its statements."""
    try:
        anyio.from_thread.check_cancelled()
    except anyio.get_cancelled_exc_class():
        return True
    return False


async def _verify(path: Path, connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> Verified:
    connection.set_progress_handler(_stopped, _STEPS)
    refolding.prepare(connection)
    parts = await anyio.to_thread.run_sync(recomputing.parts, connection)
    await _prove(path, connection, parts, progress)
    if len(parts) > _FEW:
        return await _verify_with_records_apart(path, connection, expect, progress)
    return await anyio.to_thread.run_sync(prove_whole, connection, expect, progress, refolding.ALL)


async def _verify_with_records_apart(
    path: Path, connection: sqlite3.Connection, expect: Head | None, progress: Progress
) -> Verified:
    rest: list[Verified] = []
    found: dict[str, Found] = {}

    async def fold_records() -> None:
        found["records"] = await _apart(path, refolding.differing_apart, refolding.APART)

    async def verify_rest() -> None:
        try:
            rest.append(await anyio.to_thread.run_sync(prove_whole, connection, expect, progress, refolding.BESIDE))
        except (LedgerError, sqlite3.Error) as error:
            found["rest"] = error

    async with anyio.create_task_group() as group:
        group.start_soon(fold_records)
        group.start_soon(verify_rest)
    raise_first([found.get("rest"), found["records"]])
    return rest[0]


async def _prove(path: Path, connection: sqlite3.Connection, parts: Sequence[Part], progress: Progress) -> None:
    """Prove every part: on this connection, or in processes of their own where there are many.

    Raises:
        VerificationFailed: the first fault.
        ReadStopped: the file was written anew meanwhile.
    """
    if len(parts) > _FEW:
        raise_first(await _prove_apart(path, parts, progress))
        if await anyio.to_thread.run_sync(recomputing.is_rewritten, path, connection):
            raise ReadStopped(path)
    else:
        raise_first(await anyio.to_thread.run_sync(_prove_here, connection, parts, progress))


def _prove_here(connection: sqlite3.Connection, parts: Sequence[Part], progress: Progress) -> list[Found]:
    found: list[Found] = []
    for part in parts:
        found.append(recomputing.prove(connection, part))
        if found[-1] is not None:
            break
        if part.kind == "chain":
            progress("chain", part.last)
    return found


async def _prove_apart(path: Path, parts: Sequence[Part], progress: Progress) -> list[Found]:
    found: dict[Part, Found] = {}

    async def prove(part: Part) -> None:
        found[part] = await _apart(path, recomputing.prove_apart, part)
        if part.kind == "chain":
            progress("chain", sum(one.last + 1 - one.first for one in found if one.kind == "chain"))

    async with anyio.create_task_group() as group:
        for part in parts:
            group.start_soon(prove, part)
    return [found[part] for part in parts]


async def _apart(path: Path, work: Callable[[Path, Given], Fault | None], given: Given) -> Found:
    """What came of some work in a process of its own, which ends with the task that waits for it."""
    try:
        return await anyio.to_process.run_sync(work, path, given, cancellable=True)
    except sqlite3.Error as error:
        return error
    except anyio.BrokenWorkerProcess:
        return ReadStopped(path)
