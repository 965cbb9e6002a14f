"""Proof that nothing was altered: chain, gaps, bodies, and projections against a fold from zero."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import anyio
import anyio.to_process
import msgspec

from ledger import failures, folding, recomputing, views
from ledger.connections import Session, connected, counted, read_uri
from ledger.errors import LedgerBlank, LedgerOlder, ReadStopped, VerificationFailed
from ledger.events import own_bodies
from ledger.hashing import Head, sha256
from ledger.reader import Reader, check_header
from ledger.recomputing import Fault, Part
from ledger.tables import INDEXES, LEDGER_TABLES, TABLES, TRIGGERS, ddl

_NAMING = "SELECT position, type, payload_hash, data FROM event ORDER BY position"
_STEPS = 1_000_000
"""After how many steps of SQLite's machine it is asked whether anybody still waits."""

Step = Literal["chain", "bodies", "projections"]
"""What is recomputed: the chain, whether each body that an event names is there, and the projections from zero."""

Progress = Callable[[Step, int], None]
"""Is told the step and the position every thousand or so events; each step goes through all of them."""

_EVERY = 1000

_FEW = 3
"""Parts that are proven on the connection that is there: the file, and one each of chain and bodies."""


Found = Fault | Exception | None
"""What came of proving a part: a fault, an error that kept it from being proven, or nothing that speaks against it."""


def _quiet(_step: Step, _position: int) -> None:
    """Tell nobody."""


class Verified(msgspec.Struct, frozen=True):
    """What was checked. `unerased` bodies are erased by the events, and still in the file: an erasure was cut short."""

    head: Head
    events: int
    payloads: int
    erased: int
    unerased: int


async def verify(path: Path, expect: Head | None = None, progress: Progress = _quiet) -> Verified:
    """Recompute everything the ledger claims about itself, and compare it with a head kept elsewhere.

    The work is done in a thread, which tells `progress`; it stops when the task that waits for it is cancelled.

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
    # What is computed anew stands in temporary tables, which need no more room in memory than any other.
    connection.execute("PRAGMA temp.cache_size = -64000")
    connection.execute("BEGIN")
    parts = await anyio.to_thread.run_sync(recomputing.parts, connection)
    await _prove(path, connection, parts, progress)
    return await anyio.to_thread.run_sync(_verify_rest, connection, expect, progress)


async def _prove(path: Path, connection: sqlite3.Connection, parts: Sequence[Part], progress: Progress) -> None:
    """Prove every part: on this connection, or in processes of their own where there are many.

    Raises:
        VerificationFailed: the first fault.
    """
    if len(parts) > _FEW:
        found = await _prove_apart(path, parts, progress)
    else:
        found = await anyio.to_thread.run_sync(_prove_here, connection, parts, progress)
    for one in found:
        if isinstance(one, Fault):
            raise VerificationFailed(one.position, one.what)
        if one is not None:
            raise one


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
        try:
            found[part] = await anyio.to_process.run_sync(recomputing.prove_apart, path, part, cancellable=True)
        except sqlite3.Error as error:
            found[part] = error
        except anyio.BrokenWorkerProcess:
            found[part] = ReadStopped(path)
        if part.kind == "chain":
            progress("chain", sum(one.last + 1 - one.first for one in found if one.kind == "chain"))

    async with anyio.create_task_group() as group:
        for part in parts:
            group.start_soon(prove, part)
    return [found[part] for part in parts]


def _verify_rest(connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> Verified:
    try:
        return _verify_whole(connection, expect, progress)
    except sqlite3.OperationalError as error:
        if not recomputing.is_unreadable(error):
            raise
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        connection.text_factory = recomputing.escaped
        return _verify_whole(connection, expect, progress)


def _verify_whole(connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> Verified:
    """What is to be proven of the ledger as a whole, once its parts are."""
    head = _head(connection)
    _check_expected(connection, head, expect)
    _check_digest_key(connection)
    kept = recomputing.names(connection)
    erased = _check_references(connection, kept, progress)
    _check_projections(connection, progress)
    _check_triggers(connection)
    _check_indexes(connection)
    _check_views(connection)
    return Verified(head, head.position, len(kept), len(erased - kept), len(erased & kept))


def _head(connection: sqlite3.Connection) -> Head:
    last = connection.execute("SELECT position, hash FROM event ORDER BY position DESC LIMIT 1").fetchone()
    if last is None:
        raise VerificationFailed(None, "it holds no events")
    return Head(*last)


def _check_expected(connection: sqlite3.Connection, head: Head, expect: Head | None) -> None:
    if expect is None:
        return
    there = connection.execute("SELECT hash FROM event WHERE position = ?", (expect.position,)).fetchone()
    if there != (expect.hash,):
        what = (
            f"the ledger ends at {head.position}" if expect.position > head.position else "another event stands there"
        )
        raise VerificationFailed(expect.position, f"expected {expect}, but {what}")


def _check_digest_key(connection: sqlite3.Connection) -> None:
    held = dict(connection.execute("SELECT name, value FROM meta"))
    born = connection.execute("SELECT json_extract(data, '$.key_fingerprint') FROM event WHERE position = 1")
    if (_fingerprint(held.pop("digest_key", "")),) != born.fetchone():
        raise VerificationFailed(1, "the digest key is not the one this ledger was created with")
    if held:
        raise VerificationFailed(None, "something beside the digest key stands in `meta`")


def _fingerprint(key: str) -> str | None:
    try:
        return sha256(bytes.fromhex(key))
    except ValueError:
        return None


def _check_references(connection: sqlite3.Connection, kept: set[str], progress: Progress) -> set[str]:
    """Every body an event names is there, or PayloadErased says that it went, and no other is; answers the erased."""
    erased = {hash_ for [hash_] in connection.execute("SELECT payload_hash FROM event WHERE type = 'PayloadErased'")}
    unnamed = set(kept)
    for position, type_, payload_hash, data in connection.execute(_NAMING):
        if position % _EVERY == 0:
            progress("bodies", position)
        hashes = own_bodies({"position": position, "type": type_, "data": data})
        for one in hashes if payload_hash is None else (payload_hash, *hashes):
            unnamed.discard(one)
            if one not in kept and one not in erased:
                raise VerificationFailed(position, "its body is missing, and no PayloadErased says so")
    if unnamed:
        raise VerificationFailed(None, f"there is a body that no event names: {min(unnamed)}")
    return erased


def _check_projections(connection: sqlite3.Connection, progress: Progress) -> None:
    # Unqualified names find temporary tables first: the folds fill these, beside the ledger's, which stay as they are.
    for table in TABLES:
        folding.run(connection, [ddl.table(table, "temp"), *ddl.indexes(table, "temp", folding=True)])
    folding.refold(connection, progress=lambda position: progress("projections", position))
    if differing := folding.differences(connection, "main", "temp"):
        raise VerificationFailed(
            None, f"projections differ from a fold of the events: {', '.join(differing)}; `ledger rebuild`"
        )


def _check_triggers(connection: sqlite3.Connection) -> None:
    found = {sql for [sql] in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
    if found != set(TRIGGERS):
        raise VerificationFailed(None, "the triggers that keep it append-only are not the ones it was made with")


def _check_indexes(connection: sqlite3.Connection) -> None:
    found = {sql for [sql] in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")}
    if not found.issuperset(INDEXES):
        raise VerificationFailed(None, "indexes that it was made with are not there")


def _check_views(connection: sqlite3.Connection) -> None:
    # Whoever reads with a client of their own believes what these show.
    if altered := views.altered(connection):
        raise VerificationFailed(None, f"views are not as they were made: {', '.join(altered)}; `ledger rebuild`")
