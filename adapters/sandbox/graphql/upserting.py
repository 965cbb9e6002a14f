"""Upserts: each row matched by its id or any unique field, deleted records included (FACTS section 3).

Updates go first, each committed by itself, then the rest is inserted in one piece: what was updated stays when the
insert, or a later update, is refused. The answer has the updated records first, each once, then the new ones.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
from collections.abc import Sequence

from adapters.sandbox.fieldtypes import Column
from adapters.sandbox.graphql import changes
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.records import Row
from adapters.sandbox.model import ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.tables import quoted

Match = tuple[Column, str]
"""The column a row was matched by, and the id of the record that holds its value."""


def upsert(ask: Ask, rows: Sequence[Row]) -> list[str]:
    """Update the rows that exist, insert the others; the ids, updated ones first."""
    targets = _targets(ask, rows)
    for row, target in zip(rows, targets, strict=True):
        if target is not None:
            with ask.workspace.transaction():
                changes.update(ask, target, _kept_author(row), changes.author(ask), stamp={"deletedAt": None})
    with ask.workspace.transaction():
        inserted = changes.insert(ask, [row for row, target in zip(rows, targets, strict=True) if target is None])
    return [*dict.fromkeys(target for target in targets if target is not None), *inserted]


def _kept_author(row: Row) -> Row:
    """An upsert leaves createdBy as it was."""
    return {name: value for name, value in row.items() if not name.startswith("createdBy")}


def _targets(ask: Ask, rows: Sequence[Row]) -> list[str | None]:
    """For each row the id of the record it stands for, or None where it is new."""
    columns = _matching_columns(ask.item)
    holders = {column.name: _holders(ask, column, rows) for column in columns}
    return [_target(row, columns, holders) for row in rows]


def _matching_columns(item: ObjectMeta) -> list[Column]:
    unique = [field.unique_column for field in item.unique_fields]
    return [*item.field_by_name["id"].columns, *(column for column in unique if column)]


def _holders(ask: Ask, column: Column, rows: Sequence[Row]) -> dict[object, str]:
    wanted = json.dumps([row[column.name] for row in rows if row.get(column.name) is not None])
    sql = (
        f'SELECT {quoted(column.name)}, "id" FROM {quoted(ask.item.table)}'
        f" WHERE {quoted(column.name)} IN (SELECT value FROM json_each(?))"
    )
    return dict(ask.connection.execute(sql, (wanted,)).fetchall())


def _target(row: Row, columns: Sequence[Column], holders: dict[str, dict[object, str]]) -> str | None:
    matches = [
        (column, holders[column.name][row[column.name]])
        for column in columns
        if row.get(column.name) in holders[column.name]
    ]
    if len({record_id for _, record_id in matches}) > 1:
        raise _ambiguous(row, matches)
    return matches[0][1] if matches else None


def _ambiguous(row: Row, matches: Sequence[Match]) -> Refusal:
    def described(column: Column) -> str:
        path = f"{column.field}.{column.sub}" if column.sub else column.field
        return f"{column.field} ({path}: {row[column.name]})"

    values = "; ".join(described(column) for column, _ in matches)
    message = f"Multiple records found with the same unique field values for {values}."
    full = f"{message} Cannot determine which record to update."
    return Refusal(full, sub_code="UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT", friendly=full)
