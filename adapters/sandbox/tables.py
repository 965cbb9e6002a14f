"""Record tables: one SQLite table per object, one column per scalar, subfield and many-to-one relation.

What is made for a custom field or object leaves no trace when it is dropped again: SQLite takes the very text of an
added column out of the schema, and every index carries its column's name.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import sqlite3
from hashlib import sha1

from adapters.sandbox.fieldtypes import Column, Kind
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta

LIST_MEMBER = "messageListMember"


def quoted(name: str) -> str:
    """An SQL identifier; names come from checked metadata, quoting is what makes them literal."""
    return '"' + name.replace('"', '""') + '"'


def foreign_key_name(table: str, column: str) -> str:
    """The name PostgreSQL gives the constraint, as Twenty's errors quote it (all recorded ones follow this rule)."""
    return "FK_" + sha1(f"{table}_{column}".encode()).hexdigest()[:27]  # noqa: S324


def create_table(connection: sqlite3.Connection, model: Model, item: ObjectMeta) -> None:
    """Create an object's record table with its indexes."""
    definitions = [_definition(model, item, field, column) for field in item.fields for column in field.columns]
    connection.execute(f"CREATE TABLE {quoted(item.table)} ({', '.join(definitions)}) WITHOUT ROWID")
    for field in item.fields:
        _create_indexes(connection, item, field)
    if item.name_singular == LIST_MEMBER:
        _create_member_index(connection, item)


def drop_table(connection: sqlite3.Connection, item: ObjectMeta) -> None:
    """Drop an object's record table; columns pointing at it must be gone."""
    connection.execute(f"DROP TABLE {quoted(item.table)}")


def add_columns(connection: sqlite3.Connection, model: Model, item: ObjectMeta, field: FieldMeta) -> None:
    """Give an existing table the columns of a new field."""
    for column in field.columns:
        definition = _definition(model, item, field, column)
        connection.execute(f"ALTER TABLE {quoted(item.table)} ADD COLUMN {definition}")
    _create_indexes(connection, item, field)


def drop_columns(connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta) -> None:
    """Take a field's columns and indexes away."""
    for column in field.columns:
        for prefix in ("UQ", "FK", "IDX"):
            connection.execute(f"DROP INDEX IF EXISTS {_index_name(prefix, item, column)}")
        connection.execute(f"ALTER TABLE {quoted(item.table)} DROP COLUMN {quoted(column.name)}")


def create_unique_index(connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta) -> None:
    """Make a field unique; soft-deleted rows count, NULLs do not (FACTS section 4).

    Raises sqlite3.IntegrityError while two rows hold the same value.
    """
    column = field.unique_column
    if column is not None:
        name = _index_name("UQ", item, column)
        connection.execute(f"CREATE UNIQUE INDEX {name} ON {quoted(item.table)} ({quoted(column.name)})")


def drop_unique_index(connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta) -> None:
    """Let a field's values repeat."""
    for column in field.columns:
        connection.execute(f"DROP INDEX IF EXISTS {_index_name('UQ', item, column)}")


def drop_option_index(connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta) -> None:
    """Drop the plain index of a standard SELECT, for good: what changing its options costs (GRAPHQL section 9)."""
    connection.execute(f"DROP INDEX IF EXISTS {_index_name('IDX', item, field.columns[0])}")


def _definition(model: Model, item: ObjectMeta, field: FieldMeta, column: Column) -> str:
    text = f"{quoted(column.name)} {column.kind.sql}"
    if column.name == "id":
        return f"{text} PRIMARY KEY NOT NULL"
    if field.join_column:
        target = item if field.target_object_id == item.id else model.target(field)
        action = field.on_delete.replace("_", " ")
        return f'{text} REFERENCES {quoted(target.table)} ("id") ON DELETE {action} DEFERRABLE INITIALLY DEFERRED'
    return text


def _create_indexes(connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta) -> None:
    create_unique_index(connection, item, field)
    if field.join_column:
        column = field.columns[0]
        connection.execute(
            f"CREATE INDEX {_index_name('FK', item, column)} ON {quoted(item.table)} ({quoted(column.name)})"
            f" WHERE {quoted(column.name)} IS NOT NULL"
        )
    elif field.type == "POSITION" or _is_standard_select(item, field):
        column, live = field.columns[0], ' WHERE "deletedAt" IS NULL' if field.type == "POSITION" else ""
        name = _index_name("IDX", item, column)
        connection.execute(f"CREATE INDEX {name} ON {quoted(item.table)} ({quoted(column.name)}){live}")


def _is_standard_select(item: ObjectMeta, field: FieldMeta) -> bool:
    return field.type == "SELECT" and bool(field.default_value) and field.application_id == item.application_id


def _create_member_index(connection: sqlite3.Connection, item: ObjectMeta) -> None:
    """A person is on a list once, among live rows only (FACTS section 4)."""
    name = quoted(f"UQ_{item.table}_listId_personId")
    columns = '"listId", "personId"'
    connection.execute(f'CREATE UNIQUE INDEX {name} ON {quoted(item.table)} ({columns}) WHERE "deletedAt" IS NULL')


def _index_name(prefix: str, item: ObjectMeta, column: Column) -> str:
    return quoted(f"{prefix}_{item.table}_{column.name}")


def fill_default(connection: sqlite3.Connection, item: ObjectMeta, column: Column, value: object) -> None:
    """Give existing rows a new column's default, as PostgreSQL does."""
    if value is not None and column.kind is not Kind.UUID:
        connection.execute(f"UPDATE {quoted(item.table)} SET {quoted(column.name)} = ?", (value,))
