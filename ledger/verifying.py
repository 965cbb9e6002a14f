"""Proof that nothing was altered: chain, gaps, bodies, and projections against a fold from zero."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger import failures, folding, views
from ledger.engines import connected, read_engine
from ledger.errors import LedgerBlank, LedgerOlder, VerificationFailed
from ledger.events import bodies, restore
from ledger.hashing import GENESIS, Head, chain_hash, sha256
from ledger.reader import Reader, check_header
from ledger.tables import INDEXES, LEDGER_TABLES, TABLES, TRIGGERS, EventRow

_COLUMNS = tuple(name for name in EventRow.model_fields if name not in ("prev_hash", "hash"))

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

    Raises:
        VerificationFailed: naming the first position that does not add up.
        LedgerMissing, NotALedger, LedgerNewer, LedgerOlder, LedgerDamaged: the file is not one this program can read.
    """
    with _blank_is_unproven():
        check_header(path)
    async with Reader.unchecked(path) as reader:
        with _blank_is_unproven():
            await _check_version(reader)
    async with connected(path, read_engine(path)) as connection:
        await _keep_every_byte(connection)
        with failures.translated(path):
            async with connection.begin():
                return await connection.run_sync(_verify, expect, progress)


@contextmanager
def _blank_is_unproven() -> Iterator[None]:
    # Somebody holds this file to be a ledger: copied without its -wal, it can be as empty as one never begun.
    try:
        yield
    except LedgerBlank as blank:
        raise VerificationFailed(None, "it holds no events") from blank


async def _check_version(reader: Reader) -> None:
    try:
        await reader.check()
    except LedgerOlder as older:
        found = {row["name"] for row in await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if found >= {table.name for table in (*LEDGER_TABLES, *TABLES)}:
            raise VerificationFailed(None, "it says that it is older than its tables are") from older
        raise


async def _keep_every_byte(connection: AsyncConnection) -> None:
    # A byte that is not UTF-8 is a change to be found like any other, not an error of the driver.
    driver: Any = (await connection.get_raw_connection()).driver_connection
    driver.text_factory = lambda raw: raw.decode(errors="surrogateescape")


def _verify(connection: Connection, expect: Head | None, progress: Progress) -> Verified:
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


def _check_file(connection: Connection) -> None:
    # What queries find, they find by indexes: `quick_check` would not hold these against the tables.
    answer = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
    if answer != "ok":
        raise VerificationFailed(None, f"SQLite's own check says: {' '.join(answer.split())}")


def _check_chain(connection: Connection, expect: Head | None, progress: Progress) -> tuple[Head, int]:
    position, prev_hash, met = 0, GENESIS, expect is None
    for row in _pages(connection):
        position += 1
        _check_event(row, position, prev_hash)
        prev_hash = row["hash"]
        met = met or (expect is not None and expect == Head(position, prev_hash))
        if position % _EVERY == 0:
            progress("chain", position)
    if position == 0:
        raise VerificationFailed(None, "it holds no events")
    if not met and expect is not None:
        what = f"the ledger ends at {position}" if expect.position > position else "another event stands there"
        raise VerificationFailed(expect.position, f"expected {expect}, but {what}")
    return Head(position, prev_hash), position


def _pages(connection: Connection, size: int = 2000) -> Any:
    # In the order of the table, not by position alone: an event moved elsewhere must show.
    first = -(2**63)
    statement = "SELECT * FROM event WHERE position >= :first ORDER BY position LIMIT :size"
    while rows := list(connection.exec_driver_sql(statement, {"first": first, "size": size}).mappings()):
        yield from rows
        first = rows[-1]["position"] + 1


def _check_event(row: Mapping[str, Any], position: int, prev_hash: str) -> None:
    if row["position"] != position:
        raise VerificationFailed(position, f"the event is missing, the next one there is {row['position']}")
    if row["prev_hash"] != prev_hash:
        raise VerificationFailed(position, "prev_hash is not the hash of the event before")
    if row["hash"] != _hash_of(row, prev_hash):
        raise VerificationFailed(position, "the event was changed: its hash is another")
    restore(row)


def _hash_of(row: Mapping[str, Any], prev_hash: str) -> str | None:
    try:
        return chain_hash(prev_hash, {name: row[name] for name in _COLUMNS})
    except UnicodeEncodeError:
        return None


def _check_digest_key(connection: Connection) -> None:
    held = {row.name: row.value for row in connection.exec_driver_sql("SELECT name, value FROM meta")}
    born = connection.exec_driver_sql("SELECT json_extract(data, '$.key_fingerprint') FROM event WHERE position = 1")
    if _fingerprint(held.pop("digest_key", "")) != born.scalar():
        raise VerificationFailed(1, "the digest key is not the one this ledger was created with")
    if held:
        raise VerificationFailed(None, "something beside the digest key stands in `meta`")


def _fingerprint(key: str) -> str | None:
    try:
        return sha256(bytes.fromhex(key))
    except ValueError:
        return None


def _check_payloads(connection: Connection) -> set[str]:
    """Every body hashes to its name; answers the names, as the table itself has them."""
    kept = set()
    for hash_, body in connection.exec_driver_sql("SELECT hash, body FROM payload"):
        if sha256(body.encode(errors="surrogateescape")) != hash_:
            raise VerificationFailed(_first_use(connection, hash_), "its body was changed: its hash is another")
        kept.add(hash_)
    return kept


def _first_use(connection: Connection, payload_hash: str) -> int | None:
    statement = "SELECT min(position) FROM event WHERE payload_hash = :hash OR instr(data, :hash) > 0"
    printable = payload_hash.encode(errors="replace").decode()
    found = connection.exec_driver_sql(statement, {"hash": printable}).scalar()
    return None if found is None else int(found)


def _check_references(connection: Connection, kept: set[str], progress: Progress) -> set[str]:
    """Every body an event names is there, or PayloadErased says that it went, and no other is; answers the erased."""
    statement = "SELECT payload_hash FROM event WHERE type = 'PayloadErased'"
    erased = {row[0] for row in connection.exec_driver_sql(statement)}
    unnamed = set(kept)
    for row in _pages(connection):
        if row["position"] % _EVERY == 0:
            progress("bodies", row["position"])
        if row["payload_hash"] is None and "hash" not in row["data"]:
            continue
        for payload_hash in bodies(restore(row)):
            unnamed.discard(payload_hash)
            if payload_hash not in kept and payload_hash not in erased:
                raise VerificationFailed(row["position"], "its body is missing, and no PayloadErased says so")
    if unnamed:
        raise VerificationFailed(None, f"there is a body that no event names: {min(unnamed)}")
    return erased


def _check_projections(connection: Connection, progress: Progress) -> None:
    # Unqualified names find temporary tables first: the folds fill these, beside the ledger's, which stay as they are.
    for table in TABLES:
        ddl = str(CreateTable(table).compile(dialect=connection.dialect))
        connection.exec_driver_sql(ddl.replace("CREATE TABLE ", "CREATE TABLE temp.", 1))
        for index in sorted(table.indexes, key=str):
            statement = str(CreateIndex(index).compile(dialect=connection.dialect))
            connection.exec_driver_sql(statement.replace("CREATE INDEX ", "CREATE INDEX temp.", 1))
    folding.refold(connection, progress=lambda position: progress("projections", position))
    if differing := folding.differences(connection, "main", "temp"):
        raise VerificationFailed(
            None, f"projections differ from a fold of the events: {', '.join(differing)}; `ledger rebuild`"
        )


def _check_triggers(connection: Connection) -> None:
    found = set(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'").scalars())
    if found != set(TRIGGERS):
        raise VerificationFailed(None, "the triggers that keep it append-only are not the ones it was made with")


def _check_indexes(connection: Connection) -> None:
    found = set(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index'").scalars())
    if not found.issuperset(INDEXES):
        raise VerificationFailed(None, "indexes that it was made with are not there")


def _check_views(connection: Connection) -> None:
    # Whoever reads with a client of their own believes what these show.
    if altered := views.altered(connection):
        raise VerificationFailed(None, f"views are not as they were made: {', '.join(altered)}; `ledger rebuild`")
