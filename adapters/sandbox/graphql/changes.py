"""Writing rows: inserts and updates with their checks, and the jobs they leave for the worker.

Every function runs inside the caller's transaction.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from adapters.sandbox import worker
from adapters.sandbox.graphql import conflicts, refusals, selection
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.nodes import Reader
from adapters.sandbox.graphql.records import Author, Row, check_not_null, completed, place
from adapters.sandbox.model import FieldMeta
from adapters.sandbox.tables import quoted

UNTOLD = ("updatedAt", "searchVector")
"""Fields whose change is no news."""


def author(ask: Ask) -> Author:
    """Whoever holds the key, now."""
    return Author(ask.workspace.settings.key_name, ask.workspace.now())


def insert(ask: Ask, given: Sequence[Row]) -> list[str]:
    """Insert new records, all or none; their ids in order."""
    who = author(ask)
    for row in given:
        check_not_null(ask.item, row)
    rows = [completed(ask.item, row, who) for row in given]
    place(ask.connection, ask.item, rows)
    conflicts.check_new(ask.connection, ask.item, rows)
    conflicts.check_relations(ask.connection, ask.model, ask.item, rows)
    _insert_rows(ask.connection, ask.item.table, rows)
    ids = [row["id"] for row in rows]
    worker.note_created(ask.workspace, ask.item, ids)
    if worker.fires(ask.workspace, ask.item):
        worker.note_runs(ask.workspace, ask.item, [(None, record) for record in _whole(ask, ids)])
    return ids


def update(ask: Ask, record_id: str, given: Row, who: Author, *, stamp: Row | None = None) -> None:
    """Change one record that exists; `stamp` are columns written besides, deletedAt of a revival for one."""
    check_not_null(ask.item, given)
    changed = {name: value for name, value in given.items() if name != "id"}
    place(ask.connection, ask.item, [changed])
    conflicts.check_changed(ask.connection, ask.item, record_id, changed)
    conflicts.check_relations(ask.connection, ask.model, ask.item, [changed])
    (before,) = _whole(ask, [record_id])
    row = {"updatedAt": who.moment} | (stamp or {}) | changed | who.columns("updatedBy")
    _update_row(ask.connection, ask.item.table, record_id, row)
    _tell_update(ask, before, *_whole(ask, [record_id]))


def _tell_update(ask: Ask, before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = [name for name, value in after.items() if value != before[name] and name not in UNTOLD]
    if not changed:
        return
    joins = ask.item.field_by_join_column
    diff = dict(_change(joins.get(name), name, before, after) for name in changed)
    worker.note_updated(ask.workspace, ask.item, after["id"], diff)
    if worker.fires(ask.workspace, ask.item, changed):
        worker.note_runs(ask.workspace, ask.item, [(before, after)])


def _change(
    relation: FieldMeta | None, name: str, before: dict[str, Any], after: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """A field's name and what became of it; a relation is told by the ids of its targets."""
    if relation is not None:
        return relation.name, {"before": {"id": before[name]}, "after": {"id": after[name]}}
    return name, {"before": before[name], "after": after[name]}


def _whole(ask: Ask, ids: Sequence[str]) -> list[dict[str, Any]]:
    plan = selection.everything(ask.model, ask.item.name_singular)
    return Reader(ask.connection, ask.model).by_ids(plan, ask.item.table, ids)


def exists(ask: Ask, record_id: str) -> bool:
    """Whether a record is there, deleted or not."""
    sql = f'SELECT 1 FROM {quoted(ask.item.table)} WHERE "id" = ?'
    return ask.connection.execute(sql, (record_id,)).fetchone() is not None


def mark_deleted(ask: Ask, ids: Sequence[str], *, is_deleted: bool) -> None:
    """Soft-delete or restore records; updatedAt follows, updatedBy stays as it was."""
    moment = ask.workspace.now()
    sql = (
        f'UPDATE {quoted(ask.item.table)} SET "deletedAt" = ?, "updatedAt" = ?'
        ' WHERE "id" IN (SELECT value FROM json_each(?))'
    )
    _guarded(ask.connection, sql, (moment if is_deleted else None, moment, json.dumps(ids)))
    worker.note_marked(ask.workspace, ask.item, ids, "deleted" if is_deleted else "restored")


def destroy(ask: Ask, ids: Sequence[str]) -> None:
    """Remove records; what points at them goes or is set to NULL, as the relations say."""
    sql = f'DELETE FROM {quoted(ask.item.table)} WHERE "id" IN (SELECT value FROM json_each(?))'
    ask.connection.execute(sql, (json.dumps(ids),))


def _insert_rows(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})"
    try:
        connection.executemany(sql, ([row[column] for column in columns] for row in rows))
    except sqlite3.IntegrityError as error:
        raise refusals.duplicate() from error


def _update_row(connection: sqlite3.Connection, table: str, record_id: str, row: Row) -> None:
    assignments = ", ".join(f"{quoted(column)} = ?" for column in row)
    sql = f'UPDATE {quoted(table)} SET {assignments} WHERE "id" = ?'
    _guarded(connection, sql, (*row.values(), record_id))


def _guarded(connection: sqlite3.Connection, sql: str, parameters: tuple[Any, ...]) -> None:
    """Run a write; the partial unique index of list members is the one check SQLite makes alone."""
    try:
        connection.execute(sql, parameters)
    except sqlite3.IntegrityError as error:
        raise refusals.duplicate() from error
