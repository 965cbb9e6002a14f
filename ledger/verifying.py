"""Proof that nothing was altered: chain, gaps, bodies, and projections against a fold from zero."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import anyio
import anyio.to_process

from ledger import failures, recomputing, refolding
from ledger.connections import Inode, Session, connected, counted, inode, read_uri
from ledger.errors import LedgerBlank, LedgerOlder, ReadStopped, VerificationFailed
from ledger.hashing import Head
from ledger.reader import Reader, check_header
from ledger.recomputing import Fault, Found, Over, Part, raise_first
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
        file = inode(path)
        connection = _connect(path)

    async def close() -> None:
        connection.close()

    async with counted(path, close):
        try:
            with failures.translated(path):
                return await _verify(path, file, connection, expect, progress)
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


async def _verify(
    path: Path, file: Inode, connection: sqlite3.Connection, expect: Head | None, progress: Progress
) -> Verified:
    connection.set_progress_handler(_stopped, _STEPS)
    refolding.prepare(connection)
    parts = await _parts(connection)
    if len(parts) > _FEW:
        verified = await _verify_apart(_Ledger(path, file, connection), parts, expect, progress)
        if verified is not None:
            return verified
        # What the processes saw was no one moment's. This connection sees one, so all is proven on it.
        connection.execute("ROLLBACK")
        refolding.prepare(connection)
        parts = await _parts(connection)
    raise_first(await anyio.to_thread.run_sync(_prove_here, connection, parts, progress))
    return await anyio.to_thread.run_sync(prove_whole, connection, expect, progress, refolding.ALL)


async def _parts(connection: sqlite3.Connection) -> Sequence[Part]:
    try:
        return await anyio.to_thread.run_sync(recomputing.parts, connection)
    except sqlite3.DatabaseError:
        # An index that cannot be read is a fault of the file, and told as such.
        raise_first([await anyio.to_thread.run_sync(recomputing.prove, connection, recomputing.FILE)])
        raise


def _prove_here(connection: sqlite3.Connection, parts: Sequence[Part], progress: Progress) -> list[Found]:
    found: list[Found] = []
    for part in parts:
        found.append(recomputing.prove(connection, part))
        if found[-1] is not None:
            break
        if part.kind == "chain":
            progress("chain", part.last)
    return found


class _Ledger(NamedTuple):
    """A ledger that is proven by several processes: its path, the file that stood there, and a moment of it."""

    path: Path
    file: Inode
    moment: sqlite3.Connection

    async def is_rewritten(self) -> bool:
        """Whether another file stands there by now, or the same one written anew: then a part may have missed rows."""
        return await anyio.to_thread.run_sync(recomputing.is_rewritten, self.path, self.file, self.moment)


async def _verify_apart(
    ledger: _Ledger, parts: Sequence[Part], expect: Head | None, progress: Progress
) -> Verified | None:
    """Verify by several processes, each of which sees a moment of its own; answers None where that proves nothing."""
    proven = await _prove_apart(ledger.path, parts, progress)
    if await ledger.is_rewritten():
        return None
    raise_first(proven)
    verified, found = await _fold_apart(ledger, expect, progress)
    if await ledger.is_rewritten():
        return None
    raise_first(found)
    return verified


async def _prove_apart(path: Path, parts: Sequence[Part], progress: Progress) -> list[Found]:
    found: dict[Part, Found] = {}

    async def prove(part: Part) -> None:
        found[part] = await _apart(recomputing.prove_apart, path, part)
        if part.kind == "chain":
            progress("chain", sum(one.last + 1 - one.first for one in found if one.kind == "chain"))

    async with anyio.create_task_group() as group:
        for part in parts:
            group.start_soon(prove, part)
    return [found[part] for part in parts]


async def _fold_apart(
    ledger: _Ledger, expect: Head | None, progress: Progress
) -> tuple[Verified | None, Sequence[Found]]:
    """Prove the whole on the moment that is seen, while another process folds the records; what spoke against it."""
    verified: list[Verified] = []
    found: dict[str, Found] = {}

    async def fold_records() -> None:
        found["records"] = await _apart(refolding.differing_apart, ledger.path, refolding.APART)

    async def prove_rest() -> None:
        try:
            verified.append(
                await anyio.to_thread.run_sync(prove_whole, ledger.moment, expect, progress, refolding.BESIDE)
            )
        except Exception as error:  # noqa: BLE001  # raised once the other has come to its end
            found["rest"] = error

    async with anyio.create_task_group() as group:
        group.start_soon(fold_records)
        group.start_soon(prove_rest)
    return next(iter(verified), None), [found.get("rest"), found["records"]]


async def _apart(work: Callable[[Path, Given, Over], Fault | None], path: Path, given: Given) -> Found:
    """What came of some work in a process of its own, which ends with the task that waits for it.

    Where none can be started, or it is killed, the work is done in a thread.
    """
    # Processes are started by a module's name: what lies in the current folder under that name must not be run.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    try:
        return await anyio.to_process.run_sync(work, path, given, recomputing.is_orphan, cancellable=True)
    except (anyio.BrokenWorkerProcess, OSError):
        return await _beside(work, path, given)
    except Exception as error:  # noqa: BLE001  # raised in the order of the parts: SQLite's own check speaks first
        return error


async def _beside(work: Callable[[Path, Given, Over], Fault | None], path: Path, given: Given) -> Found:
    try:
        return await anyio.to_thread.run_sync(work, path, given, _stopped)
    except Exception as error:  # noqa: BLE001  # raised in the order of the parts
        return error
