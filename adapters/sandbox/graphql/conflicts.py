"""Unique values and relations of rows about to be written: what PostgreSQL would refuse, in its order.

Rows are looked at in order, the id before the unique fields; relations are checked after all of them (GRAPHQL section
4). Only a unique field held by a live record is named.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
import sqlite3
from collections.abc import Sequence

from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.records import Row
from adapters.sandbox.model import Model, ObjectMeta
from adapters.sandbox.tables import foreign_key_name, quoted

Holders = dict[object, tuple[str, bool]]
"""Who holds a value: the record's id, and whether it is live."""


def check_new(connection: sqlite3.Connection, item: ObjectMeta, rows: Sequence[Row]) -> None:
    """Refuse the first row whose id or unique value is taken, in the table or earlier in the batch."""
    ids = _holders(connection, item, "id", [row["id"] for row in rows])
    taken = _unique_holders(connection, item, rows)
    for row in rows:
        if row["id"] in ids:
            raise refusals.duplicate()
        ids[row["id"]] = (row["id"], False)
        _claim(item, taken, row)


def check_changed(connection: sqlite3.Connection, item: ObjectMeta, record_id: str, row: Row) -> None:
    """Refuse a change whose unique value another record holds."""
    taken = _unique_holders(connection, item, [row])
    mine = {column: {v: h for v, h in holders.items() if h[0] != record_id} for column, holders in taken.items()}
    _claim(item, mine, row | {"id": record_id})


def check_relations(connection: sqlite3.Connection, model: Model, item: ObjectMeta, rows: Sequence[Row]) -> None:
    """Refuse the first row that points at a record that does not exist; deleted ones exist."""
    known = {
        column: _holders(connection, model.target(field), "id", [row.get(column) for row in rows])
        for column, field in item.field_by_join_column.items()
    }
    own = {row["id"] for row in rows if "id" in row}
    for row in rows:
        for column, field in item.field_by_join_column.items():
            value = row.get(column)
            if value is None or value in known[column] or (field.target_object_id == item.id and value in own):
                continue
            raise refusals.foreign_key(item.table, foreign_key_name(item.table, column))


def _unique_holders(connection: sqlite3.Connection, item: ObjectMeta, rows: Sequence[Row]) -> dict[str, Holders]:
    columns = [field.unique_column.name for field in item.unique_fields if field.unique_column]
    return {name: _holders(connection, item, name, [row.get(name) for row in rows]) for name in columns}


def _holders(connection: sqlite3.Connection, item: ObjectMeta, column: str, values: Sequence[object]) -> Holders:
    wanted = [value for value in values if value is not None]
    if not wanted:
        return {}
    sql = (
        f'SELECT {quoted(column)}, "id", "deletedAt" IS NULL FROM {quoted(item.table)}'
        f" WHERE {quoted(column)} IN (SELECT value FROM json_each(?))"
    )
    rows = connection.execute(sql, (json.dumps(wanted),))
    return {value: (record_id, bool(live)) for value, record_id, live in rows}


def _claim(item: ObjectMeta, taken: dict[str, Holders], row: Row) -> None:
    """Refuse a row whose unique values are taken; else they are taken by it from now on."""
    for field in item.unique_fields:
        column = field.unique_column
        value = row.get(column.name) if column else None
        if column is None or value is None:
            continue
        holder = taken[column.name].get(value)
        if holder:
            record_id, live = holder
            raise refusals.duplicate_of(field.label, record_id, item.name_singular) if live else refusals.duplicate()
        taken[column.name][value] = (row["id"], False)
