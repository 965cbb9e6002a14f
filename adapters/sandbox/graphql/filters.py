"""Filters as SQL conditions (GRAPHQL section 5).

Exactly one operator a field; two keys mean and; `and`, `or`, `not` nest. Times compare in whole milliseconds, except
with `in`, which compares what is stored. Lists go in as one JSON parameter, so ten thousand ids are one.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import COMPOSITES, Column, Kind
from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.refusals import INVALID_FILTER, INVALID_INPUT
from adapters.sandbox.graphql.scalars import MAXIMUM_STORED, bad_time, uuid
from adapters.sandbox.graphql.times import filter_time
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.tables import quoted


class Condition(msgspec.Struct, frozen=True):
    """An SQL condition with its parameters, in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


EVERYTHING = Condition("TRUE")

_COMPARE = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "is")
_TEXT = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "is", "like", "ilike", "startsWith", "endsWith")
_OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: _TEXT,
    Kind.WORD: ("eq", "neq", "in", "is", "like", "ilike", "startsWith", "endsWith", "containsAny"),
    Kind.UUID: _COMPARE,
    Kind.TIME: _COMPARE,
    Kind.DATE: _COMPARE,
    Kind.NUMBER: _COMPARE,
    Kind.BOOLEAN: ("eq", "is"),
    Kind.LIST: ("is", "like", "containsAny", "isEmptyArray"),
    Kind.JSON: ("is", "like"),
}
_SYMBOLS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
MILLISECONDS = 23


def mentions_deleted(filter_: Any) -> bool:
    """Whether deletedAt is named anywhere, which is what brings soft-deleted records into sight."""
    if isinstance(filter_, Mapping):
        return "deletedAt" in filter_ or any(mentions_deleted(value) for value in filter_.values())
    return isinstance(filter_, list) and any(mentions_deleted(value) for value in filter_)


def condition(model: Model, item: ObjectMeta, filter_: Any, alias: str = "t") -> Condition:
    """The condition a filter stands for, on the record table under `alias`; no filter is every record.

    Raises Refusal with subCode INVALID_ARGS_FILTER or INVALID_QUERY_INPUT.
    """
    return EVERYTHING if filter_ is None else _Compiler(model).compile(item, filter_, alias)


class _Compiler:
    """Turns one filter into SQL; counts the aliases it gives to related tables."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._aliases = 0

    def compile(self, item: ObjectMeta, filter_: Any, alias: str) -> Condition:
        if not isinstance(filter_, Mapping):
            raise _filter_refusal("Filter must be an object", "filter value must be an object")
        return _all([self._key(item, name, value, alias) for name, value in filter_.items()])

    def _key(self, item: ObjectMeta, name: str, value: Any, alias: str) -> Condition:
        if name in ("and", "or"):
            parts = [self.compile(item, part, alias) for part in _branches(name, value)]
            return _all(parts) if name == "and" else _hoisted(value, parts, alias)
        if name == "not":
            inner = self.compile(item, value, alias)
            return Condition(f"NOT ({inner.sql})", inner.parameters)
        return self._field(item, name, value, alias)

    def _field(self, item: ObjectMeta, name: str, value: Any, alias: str) -> Condition:
        field = item.field_by_join_column.get(name) or item.field_by_name.get(name)
        if field is None or (field.type == "RELATION" and not field.join_column):
            raise refusals.unknown_filter_field(item.name_singular, name)
        if not isinstance(value, Mapping):
            message = f'Filter value for field "{name}" must be an object'
            raise _filter_refusal(message, "filter value must be an object")
        if field.type in COMPOSITES:
            return self._composite(field, value, alias)
        if field.join_column and name != field.join_column:
            return self._related(field, value, alias)
        return _compared(field.columns[0], "UUID" if field.join_column else field.type, value, alias)

    def _composite(self, field: FieldMeta, value: Mapping[str, Any], alias: str) -> Condition:
        columns = {column.sub: column for column in field.columns}
        parts = []
        for sub, operators in value.items():
            if sub not in columns:
                message = f'Sub field "{sub}" not found in field "{field.name}"'
                raise _filter_refusal(message, "unknown sub field")
            parts.append(_compared(columns[sub], field.type, operators, alias))
        return _all(parts)

    def _related(self, field: FieldMeta, value: Mapping[str, Any], alias: str) -> Condition:
        self._aliases += 1
        other, target = f"r{self._aliases}", self._model.target(field)
        inner = self.compile(target, value, other)
        link = f'{other}."id" = {alias}.{quoted(field.join_column or "")}'
        sql = f"EXISTS (SELECT 1 FROM {quoted(target.table)} AS {other} WHERE {link} AND {inner.sql})"
        return Condition(sql, inner.parameters)


def _compared(column: Column, type_name: str, operators: Any, alias: str) -> Condition:
    name = column.sub or column.name
    if not isinstance(operators, Mapping):
        message = f'Filter value for field "{name}" must be an object'
        raise _filter_refusal(message, "filter value must be an object")
    if len(operators) != 1:
        message = f'Filter for field "{name}" must have exactly one operator'
        raise _filter_refusal(message, "exactly one operator per field is required")
    ((operator, value),) = operators.items()
    allowed = _OPERATORS[column.kind]
    if operator not in allowed:
        message = f'Operator "{operator}" is not valid for field "{name}" of type {type_name}'
        friendly = f'Invalid filter : Operator "{operator}" is not valid for this "{name}" {type_name} field'
        full = f"{message} - Allowed operators: {', '.join(allowed)}"
        raise Refusal(full, sub_code=INVALID_FILTER, friendly=friendly)
    return _condition(column, name, operator, value, f"{alias}.{quoted(column.name)}")


def _condition(column: Column, name: str, operator: str, value: Any, sql: str) -> Condition:
    if operator == "is":
        return _is(name, value, sql)
    if operator == "isEmptyArray":
        return Condition(f"{sql} IS NULL" if value else f"{sql} IS NOT NULL")
    if operator in ("in", "containsAny"):
        return _listed(column, name, operator, value, sql)
    if operator in _PATTERNS:
        return Condition(*_PATTERNS[operator](sql, str(value)))
    return _relation(column, name, operator, value, sql)


def _is(name: str, value: Any, sql: str) -> Condition:
    if value not in ("NULL", "NOT_NULL"):
        message = f'Filter operator "is" requires NULL or NOT_NULL for field {name}'
        raise _filter_refusal(message, '"is" operator requires NULL or NOT_NULL')
    return Condition(f"{sql} IS NULL" if value == "NULL" else f"{sql} IS NOT NULL")


def _relation(column: Column, name: str, operator: str, value: Any, sql: str) -> Condition:
    wanted = _wanted(column, name, value)
    if column.kind is Kind.TIME:
        sql, wanted = f"substr({sql}, 1, {MILLISECONDS})", wanted[:MILLISECONDS]
    if wanted == "" and operator in ("eq", "neq"):
        return Condition(f"{sql} IS NULL" if operator == "eq" else f"{sql} IS NOT NULL")
    return Condition(f"{sql} {_SYMBOLS[operator]} ?", (wanted,))


def _listed(column: Column, name: str, operator: str, value: Any, sql: str) -> Condition:
    if not isinstance(value, list):
        message = f'Filter operator "{operator}" requires an array value for field {name}'
        raise _filter_refusal(message, f'"{operator}" operator requires an array')
    if not value:
        message = f"Invalid filter value for field {name}. Expected non-empty array"
        raise Refusal(message, sub_code=INVALID_INPUT, friendly='Invalid filter value: ""')
    wanted = json.dumps([_wanted(column, name, entry) for entry in value])
    if operator == "in":
        return Condition(f"{sql} IN (SELECT value FROM json_each(?))", (wanted,))
    inner = "SELECT 1 FROM json_each({}) AS held JOIN json_each(?) AS asked ON held.value = asked.value"
    return Condition(f"EXISTS ({inner.format(sql)})", (wanted,))


def _wanted(column: Column, name: str, value: Any) -> Any:
    """A filter's value in stored form."""
    if column.kind is Kind.UUID:
        return uuid(value, name, INVALID_FILTER)
    if column.kind is Kind.TIME:
        stored = filter_time(value)
        if stored is None:
            raise bad_time(value, name, INVALID_FILTER)
        return stored
    if isinstance(value, list | dict):
        message = f"Invalid filter value {refusals.inspect(value)} for field {name}"
        raise _filter_refusal(message, "filter value must be a scalar")
    if isinstance(value, int) and abs(value) > MAXIMUM_STORED:
        return float(value)
    return int(value) if isinstance(value, bool) else value


_PATTERNS: dict[str, Callable[[str, str], tuple[str, tuple[Any, ...]]]] = {
    "like": lambda sql, value: (f"{sql} LIKE ? ESCAPE '\\'", (value,)),
    "ilike": lambda sql, value: (f"fold({sql}) LIKE ? ESCAPE '\\'", (value.lower(),)),
    "startsWith": lambda sql, value: (f"substr({sql}, 1, ?) = ?", (len(value), value)),
    "endsWith": lambda sql, value: (f"substr({sql}, -max(1, ?)) = ?", (len(value), value)),
}


def _hoisted(branches: list[Any], parts: Sequence[Condition], alias: str) -> Condition:
    """`or`; where every branch names one id, the ids go ahead as a list, so that the index finds the few rows."""
    either = _joined(parts, "OR", "FALSE") if branches else EVERYTHING
    ids = [_named_id(branch) for branch in branches]
    if len(ids) < 2 or None in ids:
        return either
    among = f'{alias}."id" IN (SELECT value FROM json_each(?))'
    return Condition(f"({among} AND {either.sql})", (json.dumps(ids), *either.parameters))


def _named_id(branch: Any) -> str | None:
    """The id a branch is bound to by `id: {eq}`, directly or inside its `and`."""
    if not isinstance(branch, Mapping):
        return None
    found = branch.get("id")
    if isinstance(found, Mapping) and isinstance(found.get("eq"), str):
        return str(found["eq"]).lower()
    return next((named for named in map(_named_id, branch.get("and") or ()) if named), None)


def _branches(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _filter_refusal(f'Filter "{name}" requires an array', f'"{name}" requires an array')
    return value


def _all(parts: Sequence[Condition]) -> Condition:
    return _joined(parts, "AND", "TRUE")


def _joined(parts: Sequence[Condition], word: str, empty: str) -> Condition:
    """The parts joined as a balanced tree: SQLite takes expressions a thousand levels deep, not more."""
    if not parts:
        return Condition(empty)
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = _joined(parts[:middle], word, empty), _joined(parts[middle:], word, empty)
    return Condition(f"({left.sql} {word} {right.sql})", left.parameters + right.parameters)


def _filter_refusal(message: str, reason: str) -> Refusal:
    return Refusal(message, sub_code=INVALID_FILTER, friendly=f"Invalid filter: {reason}")
