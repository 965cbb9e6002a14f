"""From events to rows of `event`: checked, hashed into the chain, written with their bodies, and folded."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ledger import folding
from ledger.errors import AppendRefused
from ledger.events import Event, bodies, shape_of
from ledger.hashing import GENESIS, Chained, Head, Payload, canonical, chain_hash

_COLUMNS = (*Chained.__struct_fields__, "prev_hash", "hash")
_EVENT = f"INSERT INTO event ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_PAYLOAD = "INSERT INTO payload (hash, body) VALUES (?, ?)"
_POSITION = _COLUMNS.index("position")
_HEAD = "SELECT position, hash FROM event ORDER BY position DESC LIMIT 1"
# A body that was erased never comes back: an event may name it, as those before its erasure do.
_NEW_PAYLOAD = """INSERT INTO payload (hash, body) SELECT ?1, ?2
  WHERE NOT EXISTS (SELECT 1 FROM payload WHERE hash = ?1)
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = ?1)"""
_UNBACKED = """SELECT named.value FROM json_each(:hashes) AS named
  WHERE NOT EXISTS (SELECT 1 FROM payload WHERE hash = named.value)
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = named.value)"""


Row = tuple[Any, ...]
"""A row of `event`, in the order of `Chained`, with the hash before its own and its own."""


class Draft(msgspec.Struct, frozen=True):
    """An event to append, and the position of the event that led to it."""

    event: Event
    cause: int | None = None


class Author(msgspec.Struct, frozen=True):
    """Who appends, in which run, to which file."""

    path: Path
    actor: str
    run_id: str


def append(
    connection: sqlite3.Connection, author: Author, drafts: Sequence[Draft], payloads: Iterable[Payload] = ()
) -> list[Head]:
    """Write events behind the last one, their bodies, and what they fold to; answers the head after each.

    The head is read from the table and never remembered: an append whose answer was lost does not mislead the next.

    Raises:
        AppendRefused: an event does not hold what its type says, or names a body that is not there.
    """
    rows, folded = _rows(_head(connection), author, drafts)
    named = {name for draft in drafts for name in bodies(draft.event)}
    # A body that no event names could never be found again, nor erased.
    given = {one.hash: one.body for one in payloads if one.hash in named}
    if given:
        _keep(connection, list(given.items()))
    connection.executemany(_EVENT, rows)
    _check_bodies(connection, author, named - given.keys())
    folding.fold(connection, folded)
    return [Head(row[_POSITION], row[-1]) for row in rows]


def _keep(connection: sqlite3.Connection, given: Sequence[tuple[str, str]]) -> None:
    # Mostly all are new. The table refuses one that is there, or was erased; then each that is left is asked about.
    try:
        connection.executemany(_PAYLOAD, given)
    except sqlite3.IntegrityError:
        connection.executemany(_NEW_PAYLOAD, given)


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(_HEAD).fetchone()
    return Head(0, GENESIS) if row is None else Head(row[0], row[1])


def _rows(head: Head, author: Author, drafts: Sequence[Draft]) -> tuple[list[Row], list[dict[str, Any]]]:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    rows: list[Row] = []
    folded: list[dict[str, Any]] = []
    prev_hash = head.hash
    for position, draft in enumerate(drafts, start=head.position + 1):
        event, own, hash_ = _chained(author, draft, position, now, prev_hash)
        rows.append((*msgspec.structs.astuple(event), prev_hash, hash_))
        folded.append(folding.parameters(event, own))
        prev_hash = hash_
    return rows, folded


def _chained(
    author: Author, draft: Draft, position: int, now: str, prev_hash: str
) -> tuple[Chained, msgspec.Struct, str]:
    """An event's columns, its own attributes, and its hash in the chain. What cannot be read back is not written."""
    kind = type(draft.event)
    try:
        shape = shape_of(kind)
        own = shape.attributes_of(draft.event)
        data = canonical(own)
        columns = Chained(
            position=position,
            type=kind.__name__,
            run_id=author.run_id,
            cause=draft.cause,
            recorded_at=now,
            actor=author.actor,
            data=data.decode(),
            **shape.columns_of(draft.event),
        )
        shape.read(data)
        return columns, own, chain_hash(prev_hash, columns)
    except (ValueError, msgspec.ValidationError) as error:
        raise AppendRefused(author.path, f"{kind.__name__}: {error}") from error


def _check_bodies(connection: sqlite3.Connection, author: Author, hashes: set[str]) -> None:
    # A body that is missing could never be told from one that was taken away.
    if not hashes:
        return
    named = msgspec.json.encode(sorted(hashes)).decode()
    missing = connection.execute(_UNBACKED, {"hashes": named}).fetchall()
    if missing:
        raise AppendRefused(author.path, f"{len(missing)} bodies are named but not there, the first {missing[0][0]}")
