"""The data model at rest: rows of core_object and core_field, and the workspace's own row.

These functions only read and write rows, inside the caller's transaction; the record tables follow in `tables`.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from adapters.sandbox.model import FieldMeta, Model, ObjectMeta

_MODELS = 8
"""How many models are remembered: a program opens a workspace anew with every command, and few of them change it."""

SCHEMA = """
CREATE TABLE core_workspace (
    id TEXT PRIMARY KEY NOT NULL,
    displayName TEXT NOT NULL,
    subdomain TEXT NOT NULL,
    standardApplicationId TEXT NOT NULL,
    customApplicationId TEXT NOT NULL,
    createdAt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE core_object (
    id TEXT PRIMARY KEY NOT NULL,
    nameSingular TEXT NOT NULL UNIQUE,
    namePlural TEXT NOT NULL UNIQUE,
    rank INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE core_field (
    id TEXT PRIMARY KEY NOT NULL,
    objectId TEXT NOT NULL REFERENCES core_object (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rank INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (objectId, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE core_job (
    id INTEGER PRIMARY KEY,
    due REAL NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX core_job_due ON core_job (due);
"""


class WorkspaceRow(msgspec.Struct, frozen=True, rename="camel"):
    """The workspace's identity; the ids are UUIDs, `created_at` is UTC text with milliseconds."""

    id: str
    display_name: str
    subdomain: str
    standard_application_id: str
    custom_application_id: str
    created_at: str


def read_workspace(connection: sqlite3.Connection) -> WorkspaceRow:
    """The one row of core_workspace."""
    columns = "id, displayName, subdomain, standardApplicationId, customApplicationId, createdAt"
    return WorkspaceRow(*connection.execute(f"SELECT {columns} FROM core_workspace").fetchone())


def write_workspace(connection: sqlite3.Connection, row: WorkspaceRow) -> None:
    """Store a new workspace's row."""
    connection.execute("INSERT INTO core_workspace VALUES (?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(row))


def read_model(connection: sqlite3.Connection, version: int) -> Model:
    """Every object with its fields, in order of rank; of the same rows, the same model."""
    fields = connection.execute("SELECT objectId, body FROM core_field ORDER BY rank, id").fetchall()
    objects = connection.execute("SELECT id, body FROM core_object ORDER BY rank, id").fetchall()
    return _model(version, tuple(objects), tuple(fields))


@lru_cache(_MODELS)
def _model(version: int, objects: tuple[tuple[str, str], ...], fields: tuple[tuple[str, str], ...]) -> Model:
    of_object: defaultdict[str, list[FieldMeta]] = defaultdict(list)
    for object_id, body in fields:
        of_object[object_id].append(_FIELD.decode(body))
    return Model(version, (_with_fields(_OBJECT.decode(body), of_object[object_id]) for object_id, body in objects))


def write_object(connection: sqlite3.Connection, item: ObjectMeta) -> None:
    """Insert or replace an object's own row; its fields are stored by `write_field`."""
    body = msgspec.json.encode(msgspec.structs.replace(item, fields=())).decode()
    connection.execute(
        "INSERT INTO core_object VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " nameSingular = excluded.nameSingular, namePlural = excluded.namePlural, body = excluded.body",
        (item.id, item.name_singular, item.name_plural, item.rank, body),
    )


def write_field(connection: sqlite3.Connection, field: FieldMeta) -> None:
    """Insert or replace a field's row."""
    connection.execute(
        "INSERT INTO core_field VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " name = excluded.name, body = excluded.body",
        (field.id, field.object_id, field.name, field.rank, msgspec.json.encode(field).decode()),
    )


def delete_field(connection: sqlite3.Connection, field_id: str) -> None:
    """Remove a field's row."""
    connection.execute("DELETE FROM core_field WHERE id = ?", (field_id,))


def delete_object(connection: sqlite3.Connection, object_id: str) -> None:
    """Remove an object's row and those of its fields."""
    connection.execute("DELETE FROM core_object WHERE id = ?", (object_id,))


def _with_fields(item: ObjectMeta, fields: Iterable[FieldMeta]) -> ObjectMeta:
    return msgspec.structs.replace(item, fields=tuple(fields))


_OBJECT: msgspec.json.Decoder[ObjectMeta] = msgspec.json.Decoder(ObjectMeta)
_FIELD: msgspec.json.Decoder[Any] = msgspec.json.Decoder(FieldMeta)
