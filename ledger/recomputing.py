"""Hashes recomputed, and SQLite's own check: parts of a proof, none of which needs another one.

Each goes through a range of events or bodies on a connection of its own, so that a long ledger is proven by as many
processes as the machine has cores.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import msgspec

from ledger.connections import Inode, inode, read_uri
from ledger.errors import VerificationFailed
from ledger.hashing import GENESIS, Chained, chain_hash, sha256

_COLUMNS = ", ".join(Chained.__struct_fields__)
_RANGE = 50_000
"""About how many events or bodies are proven at once."""

_STEPS = 1_000_000
"""After how many steps of SQLite's machine a process asks whether anybody still waits."""

Kind = Literal["file", "chain", "bodies"]


class Part(msgspec.Struct, frozen=True):
    """A part of a proof: the events or the bodies from one position or row to another, both included."""

    kind: Kind
    first: int
    last: int


class Fault(msgspec.Struct, frozen=True):
    """What does not add up, and at which position."""

    position: int | None
    what: str


FILE = Part("file", 0, 0)
"""SQLite's own check of the file."""

Over = Callable[[], bool]
"""Whether nobody waits any more for what is asked."""

Found = Fault | Exception | None
"""What came of proving a part: a fault, an error that kept it from being proven, or nothing that speaks against it."""


def raise_first(found: Iterable[Found]) -> None:
    """Raise the first of these that speaks against the ledger, or kept it from being proven.

    Raises:
        VerificationFailed: there is a fault.
    """
    for one in found:
        if isinstance(one, Fault):
            raise VerificationFailed(one.position, one.what)
        if one is not None:
            raise one


def parts(connection: sqlite3.Connection) -> list[Part]:
    """What there is to prove, in the order in which faults are to be told."""
    chain = connection.execute("SELECT min(position), max(position), count(*) FROM event").fetchone()
    bodies = connection.execute("SELECT min(rowid), max(rowid), count(*) FROM payload").fetchone()
    return [FILE, *_parts("chain", *chain), *_parts("bodies", *bodies)]


def _parts(kind: Kind, first: int | None, last: int | None, count: int) -> Iterator[Part]:
    if first is None or last is None:
        return
    # Positions that are not the numbers from one on are a fault, which shows where they are gone through in order.
    several = 1 if kind == "chain" and (first, last) != (1, count) else -(-count // _RANGE)
    bounds = [first + (last + 1 - first) * at // several for at in range(several + 1)]
    for begin, end in pairwise(bounds):
        yield Part(kind, begin, end - 1)


_PARENT = os.getppid()


def is_orphan() -> bool:
    """Whether the process that started this one is gone."""
    return os.getppid() != _PARENT


@contextmanager
def apart(path: Path, over: Over) -> Iterator[sqlite3.Connection]:
    """A connection of its own, which cannot write; what it is asked ends when `over` says so.

    Else nobody who rewrites the ledger could, until a process that nobody waits for has come to its end.
    """
    with closing(sqlite3.connect(read_uri(path), uri=True, isolation_level=None)) as connection:
        connection.set_progress_handler(over, _STEPS)
        yield connection


def is_rewritten(path: Path, file: Inode, moment: sqlite3.Connection) -> bool:
    """Whether another file or none stands at a path, or it was written anew since the moment that a connection sees."""
    if not path.exists() or inode(path) != file:
        return True
    with closing(sqlite3.connect(read_uri(path), uri=True, isolation_level=None)) as now:
        return _version(now) != _version(moment)


def _version(connection: sqlite3.Connection) -> int:
    # SQLite counts it up with every VACUUM, which gives bodies other rows, and with every table that is made or dropped
    # (sqlite.org/pragma.html#pragma_schema_version).
    [version] = connection.execute("PRAGMA schema_version").fetchone()
    return int(version)


def prove_apart(path: Path, part: Part, over: Over) -> Fault | None:
    """Prove a part on a connection of its own."""
    with apart(path, over) as connection:
        return prove(connection, part)


def prove(connection: sqlite3.Connection, part: Part) -> Fault | None:
    """Prove a part; answers the first fault in it."""
    try:
        return _prove(connection, part)
    except sqlite3.OperationalError as error:
        if not is_unreadable(error):
            raise
        connection.text_factory = escaped
        return _prove(connection, part)


def is_unreadable(error: sqlite3.OperationalError) -> bool:
    """Whether the driver met bytes that are not UTF-8: a change to be found like any other (`escaped`)."""
    return getattr(error, "sqlite_errorname", None) is None


def escaped(raw: bytes) -> str:
    """Text, whatever its bytes are."""
    return raw.decode(errors="surrogateescape")


def _prove(connection: sqlite3.Connection, part: Part) -> Fault | None:
    match part.kind:
        case "file":
            return _prove_file(connection)
        case "chain":
            return _prove_chain(connection, part)
        case "bodies":
            return _prove_bodies(connection, part)


def _prove_file(connection: sqlite3.Connection) -> Fault | None:
    # What queries find, they find by indexes: `quick_check` would not hold these against the tables.
    [answer] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if answer == "ok" else Fault(None, f"SQLite's own check says: {' '.join(answer.split())}")


def _prove_chain(connection: sqlite3.Connection, part: Part) -> Fault | None:
    begin, prev_hash = _begin(connection, part)
    # In the order of the table: an event that was moved elsewhere must show.
    statement = f"""SELECT {_COLUMNS}, prev_hash, hash FROM event
      WHERE position BETWEEN ? AND ? ORDER BY position"""
    position = begin - 1
    for position, row in enumerate(connection.execute(statement, (part.first, part.last)), begin):
        columns = Chained(*row[:-2])
        if columns.position != position or row[-2:] != (prev_hash, hash_ := _hash(prev_hash, columns)):
            return _broken(columns, position, linked=row[-2] == prev_hash)
        prev_hash = hash_
    return None if position == part.last else Fault(position + 1, "the event is missing")


def _begin(connection: sqlite3.Connection, part: Part) -> tuple[int, Any]:
    """The position that comes first in a part, and the hash before it, which the part before proves."""
    statement = "SELECT hash FROM event WHERE position < ? ORDER BY position DESC LIMIT 1"
    before = connection.execute(statement, (part.first,)).fetchone()
    return (1, GENESIS) if before is None else (part.first, before[0])


def _hash(prev_hash: str, columns: Chained) -> str:
    try:
        return chain_hash(prev_hash, columns)
    except UnicodeEncodeError:
        return ""


def _broken(columns: Chained, position: int, *, linked: bool) -> Fault:
    if columns.position != position:
        return Fault(position, f"the event is missing, the next one there is {columns.position}")
    if not linked:
        return Fault(position, "prev_hash is not the hash of the event before")
    return Fault(position, "the event was changed: its hash is another")


def _prove_bodies(connection: sqlite3.Connection, part: Part) -> Fault | None:
    """Every body hashes to its name."""
    statement = "SELECT hash, CAST(body AS BLOB) FROM payload WHERE rowid BETWEEN ? AND ?"
    for hash_, body in connection.execute(statement, (part.first, part.last)):
        if sha256(body) != hash_:
            return Fault(_first_use(connection, hash_), "its body was changed: its hash is another")
    return None


def _first_use(connection: sqlite3.Connection, payload_hash: str) -> int | None:
    statement = "SELECT min(position) FROM event WHERE payload_hash = :hash OR instr(data, :hash) > 0"
    printable = payload_hash.encode(errors="replace").decode()
    [found] = connection.execute(statement, {"hash": printable}).fetchone()
    return None if found is None else int(found)


def names(connection: sqlite3.Connection) -> set[Any]:
    """The name of every body."""
    return {hash_ for [hash_] in connection.execute("SELECT hash FROM payload")}
