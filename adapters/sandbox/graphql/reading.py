"""Root queries: lists in pages, single records, groups (GRAPHQL section 5)."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import base64
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.sandbox.graphql import refusals, selection
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.filters import EVERYTHING, Condition, condition, mentions_deleted
from adapters.sandbox.graphql.nodes import Reader
from adapters.sandbox.graphql.ordering import BY_ID, Order, orders
from adapters.sandbox.graphql.scalars import uuid
from adapters.sandbox.model import Model, ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.tables import quoted

MAXIMUM_COUNT = 2**31 - 1
DEFAULT_FIRST = 200
"""Rows of a list whose `first` is left out (GRAPHQL section 0)."""


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for."""

    first: int
    offset: int
    after: str | None
    order: Order


def visible(model: Model, item: ObjectMeta, filter_: Any) -> Condition:
    """A filter's condition with soft-deleted records hidden, unless the filter names deletedAt."""
    asked = condition(model, item, filter_)
    if mentions_deleted(filter_):
        return asked
    return Condition(f't."deletedAt" IS NULL AND {asked.sql}', asked.parameters)


def find_many(ask: Ask) -> Any:
    """`people(filter, orderBy, first, after, offset)`."""
    plan = selection.connection(ask.model, ask.item, ask.root)
    page = _page(ask.model, ask.item, ask.arguments)
    where = visible(ask.model, ask.item, ask.arguments.get("filter"))
    answer: dict[str, Any] = {}
    if plan.has_total or plan.aggregates:
        answer |= _aggregates(ask.connection, ask.item, plan, where)
    if plan.has_edges or plan.page_info:
        answer |= _edges(ask, plan, where, page)
    return answer


def find_one(ask: Ask) -> Any:
    """`person(filter)`: the first record that matches."""
    plan = selection.node(ask.model, ask.item, ask.root)
    where = visible(ask.model, ask.item, ask.mapping("filter"))
    page = Page(first=1, offset=0, after=None, order=BY_ID)
    rows = _rows(ask.connection, ask.item, plan, where, page)
    if not rows:
        raise refusals.not_found()
    return Reader(ask.connection, ask.model).nodes(plan, rows[:1])[0]


def _page(model: Model, item: ObjectMeta, arguments: Mapping[str, Any]) -> Page:
    first = count_of(arguments, "first", DEFAULT_FIRST)
    if first < 0:
        raise Refusal("First argument must be non-negative", sub_code="INVALID_ARGS_FIRST")
    unsupported = [name for name in ("last", "before") if arguments.get(name) is not None]
    if unsupported:
        message = f'Argument "{unsupported[0]}" is not served here: page forward with "first" and "after"'
        raise Refusal(message, sub_code=refusals.INVALID_INPUT)
    order = orders(model, item, arguments.get("orderBy"))
    after = None if arguments.get("after") is None else _cursor_id(arguments["after"])
    if after is not None and order != BY_ID:
        message = "Paging is right in id order only: leave orderBy out where after is sent"
        raise Refusal(message, sub_code=refusals.INVALID_INPUT)
    return Page(first, count_of(arguments, "offset", 0), after, order)


def count_of(arguments: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number among the arguments; GraphQL's Int ends at 32 bits."""
    value = arguments.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(f'Invalid argument: "{name}" must be a number', sub_code=refusals.INVALID_INPUT)
    return min(value, MAXIMUM_COUNT)


def _aggregates(
    connection: sqlite3.Connection, item: ObjectMeta, plan: selection.Connection, where: Condition
) -> dict[str, Any]:
    wanted = ["count(*)", *(aggregate.sql for aggregate in plan.aggregates)]
    sql = f"SELECT {', '.join(wanted)} FROM {quoted(item.table)} AS t WHERE {where.sql}"
    total, *found = connection.execute(sql, where.parameters).fetchone()
    answer = {"totalCount": total} if plan.has_total else {}
    shown = zip(plan.aggregates, found, strict=True)
    return answer | {aggregate.name: aggregate.show(value) for aggregate, value in shown}


def _edges(ask: Ask, plan: selection.Connection, where: Condition, page: Page) -> dict[str, Any]:
    node = plan.node or selection.Node(("id",), (), (), ())
    rows = _rows(ask.connection, ask.item, node, where, page)
    shown = rows[: page.first]
    records = Reader(ask.connection, ask.model).nodes(node, shown)
    cursors = [_cursor(row[0], record, page.order) for row, record in zip(shown, records, strict=True)]
    answer: dict[str, Any] = {}
    if plan.has_edges:
        edges = zip(cursors, records, strict=True)
        answer["edges"] = [_edge(plan, cursor, record) for cursor, record in edges]
    if plan.page_info:
        info = _page_info(cursors, page, has_more=len(rows) > page.first)
        answer["pageInfo"] = {name: info[name] for name in plan.page_info}
    return answer


def _rows(
    connection: sqlite3.Connection, item: ObjectMeta, node: selection.Node, where: Condition, page: Page
) -> list[Sequence[Any]]:
    """The page's rows, and one more where there is one."""
    past = EVERYTHING if page.after is None else Condition('t."id" > ?', (page.after,))
    sql = (
        f"SELECT {selection.output_columns(node.columns)} FROM {quoted(item.table)} AS t {page.order.joins}"
        f" WHERE {where.sql} AND {past.sql} ORDER BY {page.order.sql} LIMIT ? OFFSET ?"
    )
    parameters = (*where.parameters, *past.parameters, page.first + 1, page.offset)
    return connection.execute(sql, parameters).fetchall()


def _edge(plan: selection.Connection, cursor: str, record: dict[str, Any]) -> dict[str, Any]:
    edge: dict[str, Any] = {"cursor": cursor} if plan.has_cursor else {}
    return edge | {"node": record} if plan.node else edge


def _page_info(cursors: Sequence[str], page: Page, *, has_more: bool) -> dict[str, Any]:
    return {
        "hasNextPage": has_more,
        "hasPreviousPage": page.after is not None,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }


def _cursor(record_id: str, record: Mapping[str, Any], order: Order) -> str:
    """A cursor as Twenty makes it: the id, and of the order's fields what the selection happens to hold."""
    place: dict[str, Any] = {}
    for name, sub in order.keys:
        if sub is not None:
            held = record.get(name) or {}
            place[name] = place.get(name, {}) | ({sub: held[sub]} if sub in held else {})
        elif name in record:
            place[name] = record[name]
    return base64.b64encode(json.dumps(place | {"id": record_id}, separators=(",", ":")).encode()).decode()


def _cursor_id(cursor: Any) -> str:
    try:
        return uuid(json.loads(base64.b64decode(str(cursor), validate=True))["id"], "id")
    except (ValueError, TypeError, KeyError, Refusal) as error:
        raise Refusal(f"Invalid cursor: {cursor}", sub_code="INVALID_CURSOR") from error
