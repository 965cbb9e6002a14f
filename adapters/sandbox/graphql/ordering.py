"""`orderBy`: by scalars, subfields, and scalars of a related record."""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import COMPOSITES
from adapters.sandbox.graphql.refusals import INVALID_INPUT
from adapters.sandbox.model import Model, ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.tables import quoted

DIRECTIONS = {
    "AscNullsFirst": "ASC NULLS FIRST",
    "AscNullsLast": "ASC NULLS LAST",
    "DescNullsFirst": "DESC NULLS FIRST",
    "DescNullsLast": "DESC NULLS LAST",
}


class Order(msgspec.Struct, frozen=True):
    """An ORDER BY list, the joins it needs, and the fields it goes by (name, subfield or None)."""

    sql: str
    joins: str = ""
    keys: tuple[tuple[str, str | None], ...] = ()


BY_ID = Order('t."id"')


class _Terms(msgspec.Struct):
    """What an `orderBy` has come to so far."""

    sql: list[str] = []
    joins: list[str] = []
    keys: list[tuple[str, str | None]] = []


def orders(model: Model, item: ObjectMeta, order_by: Any) -> Order:
    """The order a list is asked for; always by id in the end, and by id alone where nothing is asked.

    Raises Refusal with subCode FIELD_NOT_FOUND or INVALID_QUERY_INPUT.
    """
    terms = _Terms()
    for entry in order_by if isinstance(order_by, list) else [order_by or {}]:
        if not isinstance(entry, Mapping):
            raise Refusal("Each orderBy entry must be an object", sub_code=INVALID_INPUT)
        for name, value in entry.items():
            _add(terms, model, item, name, value)
    if not terms.sql or terms.sql == [_term("t", "id", "id", "AscNullsFirst")]:
        return BY_ID
    return Order(", ".join([*terms.sql, BY_ID.sql]), " ".join(terms.joins), tuple(terms.keys))


def _add(terms: _Terms, model: Model, item: ObjectMeta, name: str, value: Any) -> None:
    field = item.field_by_name.get(name)
    if field is None or not field.join_column:
        terms.sql += _own_terms(item, "t", name, value)
        subs = value if isinstance(value, Mapping) else [None]
        terms.keys += [(name, sub) for sub in subs]
        return
    target, alias = model.target(field), quoted(f"by_{name}")
    terms.joins.append(f'LEFT JOIN {quoted(target.table)} AS {alias} ON t.{quoted(field.join_column)} = {alias}."id"')
    for inner, direction in value.items() if isinstance(value, Mapping) else ():
        terms.sql += _own_terms(target, alias, inner, direction)


def _own_terms(item: ObjectMeta, alias: str, name: str, value: Any) -> list[str]:
    """The terms of a scalar, a join column, or a composite's subfields."""
    field = item.field_by_name.get(name)
    if name in item.field_by_join_column or (field and field.type not in COMPOSITES and field.columns):
        return [_term(alias, name, name, value)]
    if field is None or field.type not in COMPOSITES or not isinstance(value, Mapping):
        raise Refusal(f'Field "{name}" does not exist or is not sortable', sub_code="FIELD_NOT_FOUND")
    columns = {column.sub: column.name for column in field.columns}
    return [_term(alias, columns.get(sub, ""), f"{name}.{sub}", direction) for sub, direction in value.items()]


def _term(alias: str, column: str, path: str, direction: Any) -> str:
    if not column:
        raise Refusal(f'Field "{path}" does not exist or is not sortable', sub_code="FIELD_NOT_FOUND")
    if not isinstance(direction, str) or direction not in DIRECTIONS:
        message = f'Scalar field "{path}" requires a direction value ({", ".join(DIRECTIONS)})'
        raise Refusal(message, sub_code=INVALID_INPUT)
    return f"{alias}.{quoted(column)} {DIRECTIONS[direction]}"
