"""From events to rows of `event`: checked, hashed into the chain, written with their bodies, and folded."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
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
_EVENT_VALUES = itemgetter(*_COLUMNS)
_HEAD = "SELECT position, hash FROM event ORDER BY position DESC LIMIT 1"
# A body that was erased never comes back: an event may name it, as those before its erasure do.
_NEW_PAYLOAD = """INSERT INTO payload (hash, body) SELECT ?1, ?2
  WHERE NOT EXISTS (SELECT 1 FROM payload WHERE hash = ?1)
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = ?1)"""
_UNBACKED = """SELECT named.value FROM json_each(:hashes) AS named
  WHERE NOT EXISTS (SELECT 1 FROM payload WHERE hash = named.value)
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = named.value)"""


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
    connection.executemany(_EVENT, list(map(_EVENT_VALUES, rows)))
    _check_bodies(connection, author, named - given.keys())
    folding.fold(connection, folded)
    return [Head(row["position"], row["hash"]) for row in rows]


def _keep(connection: sqlite3.Connection, given: Sequence[tuple[str, str]]) -> None:
    # Mostly all are new. The table refuses one that is there, or was erased; then each that is left is asked about.
    try:
        connection.executemany(_PAYLOAD, given)
    except sqlite3.IntegrityError:
        connection.executemany(_NEW_PAYLOAD, given)


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(_HEAD).fetchone()
    return Head(0, GENESIS) if row is None else Head(row[0], row[1])


def _rows(head: Head, author: Author, drafts: Sequence[Draft]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    rows: list[dict[str, Any]] = []
    folded: list[dict[str, Any]] = []
    for position, draft in enumerate(drafts, start=head.position + 1):
        envelope = {
            "position": position,
            "cause": draft.cause,
            "run_id": author.run_id,
            "recorded_at": now,
            "actor": author.actor,
        }
        row, own = _event_row(author.path, draft.event, envelope, rows[-1]["hash"] if rows else head.hash)
        rows.append(row)
        folded.append(folding.parameters(row, own))
    return rows, folded


def _event_row(
    path: Path, event: Event, envelope: Mapping[str, Any], prev_hash: str
) -> tuple[dict[str, Any], msgspec.Struct]:
    """An event as a row, hashed into the chain, and its own attributes. What cannot be read back is not written."""
    kind = type(event)
    try:
        shape = shape_of(kind)
        own = shape.attributes_of(event)
        data = canonical(own)
        row = {"type": kind.__name__, **envelope, **shape.columns_of(event), "data": data.decode()}
        shape.read(data)
        return {**row, "prev_hash": prev_hash, "hash": chain_hash(prev_hash, Chained(**row))}, own
    except (ValueError, msgspec.ValidationError) as error:
        raise AppendRefused(path, f"{kind.__name__}: {error}") from error


def _check_bodies(connection: sqlite3.Connection, author: Author, hashes: set[str]) -> None:
    # A body that is missing could never be told from one that was taken away.
    if not hashes:
        return
    named = msgspec.json.encode(sorted(hashes)).decode()
    missing = connection.execute(_UNBACKED, {"hashes": named}).fetchall()
    if missing:
        raise AppendRefused(author.path, f"{len(missing)} bodies are named but not there, the first {missing[0][0]}")
