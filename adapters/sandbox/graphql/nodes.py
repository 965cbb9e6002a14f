"""Records as a plan asks for them: rows in, JSON objects out, relations fetched for all records at once."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from adapters.sandbox.graphql.selection import Connection, Node, Relation, Value, output_columns
from adapters.sandbox.model import Model
from adapters.sandbox.tables import quoted

NESTED_MAXIMUM = 60
"""Rows of a nested one-to-many list, whatever `first` says (GRAPHQL section 0)."""


class Reader:
    """Builds answers from rows over one connection."""

    def __init__(self, connection: sqlite3.Connection, model: Model) -> None:
        """Read over `connection`, by `model`."""
        self._connection, self._model = connection, model

    def nodes(self, plan: Node, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """The JSON objects of rows that were selected by `plan.columns`."""
        related = [(relation, self._related(relation, rows)) for relation in plan.relations]
        built = [_record(plan, row) for row in rows]
        for relation, found in related:
            for record, row in zip(built, rows, strict=True):
                record[relation.name] = found.get(row[relation.place], self._absent(relation))
        return built

    def by_ids(self, plan: Node, table: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The records of these ids in their order, deleted ones included; absent ones are left out."""
        columns = output_columns(plan.columns)
        sql = f'SELECT {columns} FROM {quoted(table)} AS t WHERE t."id" IN (SELECT value FROM json_each(?))'
        rows = {row[0]: row for row in self._connection.execute(sql, (json.dumps(ids),))}
        return self.nodes(plan, [rows[id_] for id_ in ids if id_ in rows])

    def listing(self, plan: Connection, rows: Sequence[Sequence[Any]], total: int) -> dict[str, Any]:
        """A nested list of rows: the selection's edges and totalCount."""
        answer: dict[str, Any] = {}
        if plan.has_total:
            answer["totalCount"] = total
        if plan.has_edges:
            records = self.nodes(plan.node, rows) if plan.node else [None] * len(rows)
            answer["edges"] = [{"node": record} if plan.node else {} for record in records]
        return answer

    def _absent(self, relation: Relation) -> Any:
        return self.listing(relation.plan, [], 0) if isinstance(relation.plan, Connection) else None

    def _related(self, relation: Relation, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """What a relation answers for each record, by the value at the relation's place."""
        keys = sorted({row[relation.place] for row in rows if row[relation.place] is not None})
        if isinstance(relation.plan, Connection):
            return self._children(relation, relation.plan, keys)
        return self._parents(relation, relation.plan, keys)

    def _parents(self, relation: Relation, plan: Node, keys: Sequence[str]) -> dict[str, Any]:
        rows = self._rows(relation, plan, '"id"', keys)
        return dict(zip((row[0] for row in rows), self.nodes(plan, rows), strict=True))

    def _children(self, relation: Relation, plan: Connection, keys: Sequence[str]) -> dict[str, Any]:
        join = self._model.field_by_id[relation.field.target_field_id or ""].join_column or ""
        node = plan.node or Node(("id",), (), (), ())
        wide = Node((*node.columns, join), node.values, node.groups, node.relations)
        grouped: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
        for row in self._rows(relation, wide, quoted(join), keys):
            if len(grouped[row[-1]]) < NESTED_MAXIMUM:
                grouped[row[-1]].append(row)
        return {key: self.listing(plan, rows, len(rows)) for key, rows in grouped.items()}

    def _rows(self, relation: Relation, plan: Node, column: str, keys: Sequence[str]) -> list[Sequence[Any]]:
        table, columns = quoted(relation.target.table), output_columns(plan.columns)
        where = f't.{column} IN (SELECT value FROM json_each(?)) AND t."deletedAt" IS NULL'
        sql = f'SELECT {columns} FROM {table} AS t WHERE {where} ORDER BY t."id"'
        return self._connection.execute(sql, (json.dumps(keys),)).fetchall()


def _record(plan: Node, row: Sequence[Any]) -> dict[str, Any]:
    record = _values(plan.values, row)
    for group in plan.groups:
        record.setdefault(group.name, {}).update(_values(group.values, row))
    return record


def _values(values: Sequence[Value], row: Sequence[Any]) -> dict[str, Any]:
    return {value.name: value.show(row[value.place]) for value in values}
