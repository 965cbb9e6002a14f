"""`data` of creates and updates, as rows of the record table."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.fieldtypes import COMPOSITES, capitalised
from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.composites import composite
from adapters.sandbox.graphql.scalars import record_id, scalar, uuid
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.stored import json_text
from adapters.sandbox.tables import quoted

Row = dict[str, Any]

ACTOR_SUBS = ("source", "workspaceMemberId", "name", "context")


class Author(msgspec.Struct, frozen=True):
    """Who writes: the API key's name, and the moment (stored form) the write is stamped with."""

    key_name: str
    moment: str

    def columns(self, field: str) -> Row:
        """The columns of an actor field that names the key."""
        values = ("API", None, self.key_name, "{}")
        return {field + capitalised(sub): value for sub, value in zip(ACTOR_SUBS, values, strict=True)}


def given(connection: sqlite3.Connection, model: Model, item: ObjectMeta, data: Any) -> Row:
    """The columns that one record's `data` sets, checked and in stored form.

    Raises Refusal for the first value Twenty would refuse.
    """
    if not isinstance(data, Mapping):
        raise refusals.missing_argument("data", "object")
    row: Row = {}
    for name, value in data.items():
        row |= _columns(connection, model, item, name, value)
    return row


def check_not_null(item: ObjectMeta, row: Row) -> None:
    """Refuse NULL in a column that takes none."""
    for field in item.fields:
        if not field.is_nullable and field.type not in COMPOSITES and row.get(field.name, "") is None:
            raise refusals.not_null(item.table, field.name)


def completed(item: ObjectMeta, row: Row, author: Author) -> Row:
    """A new record: what was given, and defaults for the rest. `position` is filled by `place`."""
    defaults: Row = {column.name: None for column in item.columns}
    for field in item.fields:
        defaults |= defaults_of(field, author.moment)
    defaults |= {"id": str(uuid4()), "position": "first"}
    return defaults | row | _created_by(row, author) | author.columns("updatedBy")


def defaults_of(field: FieldMeta, moment: str) -> Row:
    """A field's default in stored form; Twenty writes text defaults in quotes and `now` for this moment."""
    value = field.default_value
    if value is None or value == "uuid" or field.type in COMPOSITES:
        return {}
    if value == "now":
        return {field.name: moment}
    if isinstance(value, str):
        return {field.name: value.strip("'") or None}
    if isinstance(value, list | dict):
        plain = [entry.strip("'") if isinstance(entry, str) else entry for entry in value]
        return {field.name: json_text(plain if isinstance(value, list) else value)}
    return {field.name: int(value) if isinstance(value, bool) else value}


def place(connection: sqlite3.Connection, item: ObjectMeta, rows: Sequence[Row]) -> None:
    """Turn "first" and "last" into positions: first is one below the least of the live ones (FACTS section 3)."""
    waiting = [(place_, row) for place_, row in enumerate(rows, 1) if row.get("position") in ("first", "last")]
    if not waiting:
        return
    live = f'"position") FROM {quoted(item.table)} WHERE "deletedAt" IS NULL'
    ends = f"SELECT (SELECT min({live}), (SELECT max({live})"
    least, greatest = connection.execute(ends).fetchone()
    for place_, row in waiting:
        is_first = row["position"] == "first"
        row["position"] = (1 if least is None else least) - place_ if is_first else (greatest or 0) + place_


def _columns(connection: sqlite3.Connection, model: Model, item: ObjectMeta, name: str, value: Any) -> Row:
    if name == "id":
        return {"id": None if value is None else record_id(value)}
    if name in item.field_by_join_column:
        return {name: None if value is None else uuid(value, name)}
    field = item.field_by_name.get(name)
    if field is None or (field.type == "RELATION" and not field.join_column):
        raise refusals.unknown_field(item.name_singular, name)
    if field.join_column:
        return _connected(connection, model, field, value)
    if field.type in COMPOSITES:
        return {} if name == "updatedBy" else composite(field, value)
    return {name: scalar(field, value)}


def _connected(connection: sqlite3.Connection, model: Model, field: FieldMeta, value: Any) -> Row:
    """`company: {connect: {where: {domainName: {primaryLinkUrl}}}}`: the one record a unique value stands for."""
    if value is None:
        return {}
    try:
        where = value["connect"]["where"]
        condition = dict(_conditions(model.target(field), where))
    except (TypeError, KeyError, AttributeError) as error:
        message = f'Invalid object value {refusals.inspect(value)} for field "{field.name}"'
        raise Refusal(message, sub_code=refusals.INVALID_DATA, friendly="Invalid value for JSON.") from error
    table = quoted(model.target(field).table)
    clause = " AND ".join(f"{quoted(column)} = ?" for column in condition)
    query = f'SELECT "id" FROM {table} WHERE {clause} LIMIT 2'
    found = connection.execute(query, tuple(condition.values())).fetchall()
    if len(found) != 1:
        shown = " and ".join(f"{column} = {wanted}" for column, wanted in condition.items())
        message = f"Expected 1 record to connect to {field.name}, but found {len(found)} for {shown}"
        friendly = f"Can't connect to {field.name}. No unique record found with condition: {shown}"
        raise Refusal(message, friendly=friendly)
    return {field.join_column or "": found[0][0]}


def _conditions(item: ObjectMeta, where: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The columns and values of a connect's `where`."""
    columns: list[tuple[str, Any]] = []
    for name, wanted in where.items():
        field = item.field_by_name[name]
        subs = {column.sub: column for column in field.columns}
        pairs = wanted.items() if isinstance(wanted, Mapping) else [(None, wanted)]
        columns += [(subs[sub].name, part) for sub, part in pairs]
    return columns


def _created_by(row: Row, author: Author) -> Row:
    """createdBy as sent; without a name it is the key's, of the source that was sent (API by default)."""
    default = author.columns("createdBy")
    if row.get("createdByName") is None:
        return default | {"createdBySource": row.get("createdBySource") or "API"}
    return {"createdBySource": row.get("createdBySource") or "MANUAL", "createdByContext": row.get("createdByContext")}
