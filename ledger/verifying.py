"""Proof that nothing was altered: chain, gaps, bodies, and projections against a fold from zero."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import anyio
import msgspec

from ledger import failures, folding, views
from ledger.connections import Session, connected, counted, read_uri
from ledger.errors import LedgerBlank, LedgerOlder, ReadStopped, VerificationFailed
from ledger.events import own_bodies
from ledger.hashing import GENESIS, Chained, Head, chain_hash, sha256
from ledger.reader import Reader, check_header
from ledger.tables import INDEXES, LEDGER_TABLES, TABLES, TRIGGERS, ddl

_COLUMNS = ", ".join(Chained.__struct_fields__)
_POSITION = Chained.__struct_fields__.index("position")
_NAMING = "SELECT position, type, payload_hash, data FROM event ORDER BY position"
_STEPS = 1_000_000
"""After how many steps of SQLite's machine it is asked whether anybody still waits."""

Step = Literal["chain", "bodies", "projections"]
"""What is recomputed: the chain, whether each body that an event names is there, and the projections from zero."""

Progress = Callable[[Step, int], None]
"""Is told the step and the position every thousand or so events; each step goes through all of them."""

_EVERY = 1000


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
                return await anyio.to_thread.run_sync(_verify, connection, expect, progress)
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


def _verify(connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> Verified:
    connection.set_progress_handler(_stopped, _STEPS)
    # What is computed anew stands in temporary tables, which need no more room in memory than any other.
    connection.execute("PRAGMA temp.cache_size = -64000")
    try:
        return _verify_all(connection, expect, progress)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", None) is not None:
            raise
        # A byte that is not UTF-8 is a change to be found like any other, not an error of the driver.
        connection.execute("ROLLBACK")
        connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        return _verify_all(connection, expect, progress)


def _verify_all(connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> Verified:
    connection.execute("BEGIN")
    _check_file(connection)
    head, events = _check_chain(connection, expect, progress)
    _check_digest_key(connection)
    kept = _check_payloads(connection)
    erased = _check_references(connection, kept, progress)
    _check_projections(connection, progress)
    _check_triggers(connection)
    _check_indexes(connection)
    _check_views(connection)
    return Verified(head, events, len(kept), len(erased - kept), len(erased & kept))


def _check_file(connection: sqlite3.Connection) -> None:
    # What queries find, they find by indexes: `quick_check` would not hold these against the tables.
    [answer] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise VerificationFailed(None, f"SQLite's own check says: {' '.join(answer.split())}")


def _check_chain(connection: sqlite3.Connection, expect: Head | None, progress: Progress) -> tuple[Head, int]:
    head, met = Head(0, GENESIS), expect is None
    for page in _pages(connection):
        head, found = _check_page(page, head, expect)
        met = met or found
        progress("chain", head.position)
    if head.position == 0:
        raise VerificationFailed(None, "it holds no events")
    if not met and expect is not None:
        what = (
            f"the ledger ends at {head.position}" if expect.position > head.position else "another event stands there"
        )
        raise VerificationFailed(expect.position, f"expected {expect}, but {what}")
    return head, head.position


def _pages(connection: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
    # In the order of the table: an event that was moved elsewhere must show.
    cursor = connection.execute(f"SELECT {_COLUMNS}, prev_hash, hash FROM event ORDER BY position")
    while page := cursor.fetchmany(_EVERY):
        yield page


def _check_page(page: list[tuple[Any, ...]], head: Head, expect: Head | None) -> tuple[Head, bool]:
    """Recompute the hashes of events behind a head; answers the last, and whether the expected one is among them."""
    position, prev_hash = head.position, head.hash
    for row in page:
        position += 1
        columns = Chained(*row[:-2])
        try:
            hash_ = chain_hash(prev_hash, columns)
        except UnicodeEncodeError:
            hash_ = ""
        if columns.position != position or row[-2:] != (prev_hash, hash_):
            raise _broken(columns, position, linked=row[-2] == prev_hash)
        prev_hash = hash_
    met = expect is not None and (expect.position, expect.hash) in ((row[_POSITION], row[-1]) for row in page)
    return Head(position, prev_hash), met


def _broken(columns: Chained, position: int, *, linked: bool) -> VerificationFailed:
    if columns.position != position:
        return VerificationFailed(position, f"the event is missing, the next one there is {columns.position}")
    if not linked:
        return VerificationFailed(position, "prev_hash is not the hash of the event before")
    return VerificationFailed(position, "the event was changed: its hash is another")


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


def _check_payloads(connection: sqlite3.Connection) -> set[str]:
    """Every body hashes to its name; answers the names, as the table itself has them."""
    kept = set()
    for hash_, body in connection.execute("SELECT hash, CAST(body AS BLOB) FROM payload"):
        if sha256(body) != hash_:
            raise VerificationFailed(_first_use(connection, hash_), "its body was changed: its hash is another")
        kept.add(hash_)
    return kept


def _first_use(connection: sqlite3.Connection, payload_hash: str) -> int | None:
    statement = "SELECT min(position) FROM event WHERE payload_hash = :hash OR instr(data, :hash) > 0"
    printable = payload_hash.encode(errors="replace").decode()
    [found] = connection.execute(statement, {"hash": printable}).fetchone()
    return None if found is None else int(found)


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
