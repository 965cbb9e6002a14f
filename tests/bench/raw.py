"""The yardstick of appending: a program of plain sqlite3 calls that writes the very rows that a ledger writes.

It computes the same canonical bytes and the same chain, and fills event, payload and projections under the ledger's
own triggers, indexes and settings, a transaction a batch. It checks nothing, and knows what a load appends.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from ledger.events import split
from ledger.hashing import unseal
from ledger.tables import EventRow
from ledger.writing import _WRITER
from tests.bench.load_batches import Batch

Columns = tuple[str, dict[str, str | None], dict[str, Any]]
"""An event's name, its columns and its own attributes."""
Row = dict[str, Any]

_encode = msgspec.json.Encoder(order="sorted").encode
_NAMES = tuple(EventRow.model_fields)
_EVENT = f"INSERT INTO event ({', '.join(_NAMES)}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"
_ALIAS = "INSERT OR IGNORE INTO alias (alias, source_key) VALUES (?, ?)"


class Plain(msgspec.Struct, frozen=True):
    """A batch as a plain program would hold it: dictionaries, each body's hash, text and label."""

    events: list[Columns]
    bodies: list[tuple[str, str]]
    labels: dict[str, str | None]


def plain(batches: Sequence[Batch]) -> list[Plain]:
    """Batches as a plain program would hold them."""
    return [
        Plain(
            [(type(event).__name__, *split(event)) for event in batch.events],
            [(body.hash, body.body) for body in batch.payloads],
            {body.hash: unseal(body.body).labels.get("name") for body in batch.payloads},
        )
        for batch in batches
    ]


def append_raw(path: Path, run_id: str, actor: str, batches: Sequence[Plain]) -> None:
    """Append batches to a ledger that is there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in _WRITER:
            connection.execute(f"PRAGMA {pragma}")
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            rows = _rows(connection, run_id, actor, batch.events)
            connection.executemany("INSERT INTO payload (hash, body) VALUES (?, ?)", batch.bodies)
            connection.executemany(_EVENT, rows)
            for name in _FOLDS.keys() & {row["type"] for row in rows}:
                mine = [(row, own) for row, (kind, _, own) in zip(rows, batch.events, strict=True) if kind == name]
                _FOLDS[name](connection, mine, batch.labels)
            connection.execute("COMMIT")


def _rows(connection: sqlite3.Connection, run_id: str, actor: str, events: Sequence[Columns]) -> list[Row]:
    position, prev_hash = connection.execute(
        "SELECT position, hash FROM event ORDER BY position DESC LIMIT 1"
    ).fetchone()
    rows = []
    for kind, columns, own in events:
        position += 1
        row = {
            "type": kind,
            "position": position,
            "cause": None,
            "run_id": run_id,
            "recorded_at": "2026-03-02T09:00:00.000000Z",
            "actor": actor,
            **columns,
            "data": _encode(own).decode(),
        }
        hash_ = hashlib.sha256(prev_hash.encode() + _encode(row)).hexdigest()
        rows.append({**row, "prev_hash": prev_hash, "hash": hash_})
        prev_hash = hash_
    return rows


Folded = Sequence[tuple[Row, dict[str, Any]]]
Labels = Mapping[str, str | None]


def _linked(connection: sqlite3.Connection, folded: Folded, _labels: Labels) -> None:
    connection.executemany(_ALIAS, [(own["alias"], row["source_key"]) for row, own in folded])


def _extracted(connection: sqlite3.Connection, folded: Folded, _labels: Labels) -> None:
    connection.executemany(_ALIAS, [(row["source_key"], row["source_key"]) for row, _ in folded])
    statement = """INSERT INTO source_row (file, line, source_key, state, payload_hash, run_id, position)
      VALUES (?, ?, ?, 'extracted', ?, ?, ?)"""
    connection.executemany(statement, [_source_row(row) for row, _ in folded])


def _source_row(row: Row) -> tuple[Any, ...]:
    file, _, line = row["source_ref"].partition(":")
    return file, int(line), row["source_key"], row["payload_hash"], row["run_id"], row["position"]


def _transformed(connection: sqlite3.Connection, folded: Folded, labels: Labels) -> None:
    statement = """INSERT INTO record (object, source_key, state, payload_hash, generation, label, label_hash,
        source_ref, position) VALUES (?, ?, 'pending', ?, 0, ?, ?, ?, ?)"""
    values = [
        (row["object"], row["source_key"], hash_, labels[hash_], hash_, own["sources"][0], row["position"])
        for row, own in folded
        for hash_ in [row["payload_hash"]]
    ]
    connection.executemany(_ALIAS, [(row["source_key"], row["source_key"]) for row, _ in folded])
    connection.executemany(statement, values)


def _intended(connection: sqlite3.Connection, folded: Folded, _labels: Labels) -> None:
    statement = """UPDATE record SET state = 'intended', intent = ?, action = ?, run_id = ?, twenty_id = ?
      WHERE object = ? AND source_key = ?"""
    for row, own in folded:
        at, object_ = row["position"], row["object"]
        connection.executemany(
            statement,
            [(at, own["action"], row["run_id"], one["id"], object_, one["key"]) for one in own["items"]],
        )
        named = "INSERT INTO intent (source_key, object, position) VALUES (?, ?, ?)"
        connection.executemany(named, [(one["key"], object_, at) for one in own["items"]])


def _created(connection: sqlite3.Connection, folded: Folded, _labels: Labels) -> None:
    statement = """UPDATE record SET state = 'written', origin = 'created', written_hash = ?, intent = NULL,
        action = NULL, twenty_id = ?, updated_at = ?, run_id = ?, since = ? WHERE object = ? AND source_key = ?"""
    values = [
        (row["payload_hash"], row["twenty_id"], own["updated_at"], row["run_id"], row["position"], row["object"],
         row["source_key"])
        for row, own in folded
    ]  # fmt: skip
    connection.executemany(statement, values)


_FOLDS: Mapping[str, Callable[[sqlite3.Connection, Folded, Labels], None]] = {
    "IdentityLinked": _linked,
    "RowExtracted": _extracted,
    "RowTransformed": _transformed,
    "BatchIntended": _intended,
    "RecordCreated": _created,
}
