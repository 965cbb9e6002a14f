"""Selections, checked against the data model and turned into plans of what to read.

Twenty answers null for a field that does not exist; here it is an error, on purpose: a typo must not read as "empty".
Field aliases are ignored, as in Twenty (GRAPHQL section 0).
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import COMPOSITES, UNIQUE_SUBFIELD, Column, Kind, capitalised
from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.document import Selected
from adapters.sandbox.model import ONE_TO_MANY, FieldMeta, Model, ObjectMeta
from adapters.sandbox.protocol import DocumentRefusal, Refusal, located
from adapters.sandbox.stored import SHOWN
from adapters.sandbox.tables import quoted

Show = Callable[[Any], Any]

PAGE_INFO = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
_AGGREGATE = re.compile(r"(countUniqueValues|countEmpty|countNotEmpty|percentageEmpty|percentageNotEmpty|min|max)(\w+)")


class Value(msgspec.Struct, frozen=True):
    """A scalar to answer: under which name, from which place of the row, shown how."""

    name: str
    place: int
    show: Show


class Group(msgspec.Struct, frozen=True):
    """A composite to answer."""

    name: str
    values: tuple[Value, ...]


class Relation(msgspec.Struct, frozen=True):
    """A relation to answer: `place` is the join column's (many-to-one) or the id's (one-to-many) place in the row."""

    name: str
    field: FieldMeta
    target: ObjectMeta
    place: int
    plan: "Node | Connection"


class Node(msgspec.Struct, frozen=True):
    """What to read of each record: the columns, and how they make up the answer."""

    columns: tuple[str, ...]
    values: tuple[Value, ...]
    groups: tuple[Group, ...]
    relations: tuple[Relation, ...]


class Aggregate(msgspec.Struct, frozen=True):
    """A number or time over all matching records, as an SQL expression."""

    name: str
    sql: str
    show: Show


class Connection(msgspec.Struct, frozen=True):
    """What to read of a list of records."""

    node: Node | None
    has_edges: bool
    has_cursor: bool
    page_info: tuple[str, ...]
    has_total: bool
    aggregates: tuple[Aggregate, ...]


def node(model: Model, item: ObjectMeta, root: Selected, *, in_list: bool = False) -> Node:
    """The plan of one record's selection; `in_list` is true below a one-to-many relation.

    Raises DocumentRefusal for a field the object does not have, Refusal with TOO_COMPLEX_QUERY for lists in lists.
    """
    plan = _Columns()
    for selected in root.children:
        _check_directive(selected)
        _select(plan, model, item, selected, in_list)
    return Node(tuple(plan.names), tuple(plan.values), tuple(plan.groups), tuple(plan.relations))


def connection(model: Model, item: ObjectMeta, root: Selected, *, in_list: bool = False) -> Connection:
    """The plan of a list's selection."""
    chosen = {selected.name: selected for selected in root.children}
    edges, page = chosen.pop("edges", None), chosen.pop("pageInfo", None)
    has_total = chosen.pop("totalCount", None) is not None
    inner = {selected.name: selected for selected in edges.children} if edges else {}
    below = inner.pop("node", None)
    has_cursor = inner.pop("cursor", None) is not None
    _refuse_left(inner, f"{item.type_name}Edge")
    return Connection(
        node=node(model, item, below, in_list=in_list) if below else None,
        has_edges=edges is not None,
        has_cursor=has_cursor,
        page_info=_page_info(page),
        has_total=has_total,
        aggregates=tuple(_aggregate(item, selected) for selected in chosen.values()),
    )


@lru_cache(maxsize=64)
def everything(model: Model, object_name: str) -> Node:
    """Every scalar and composite of an object's records, and the ids of what they point at."""
    plan = _Columns()
    for field in model.by_singular[object_name].fields:
        if field.type in COMPOSITES:
            plan.groups.append(Group(field.name, tuple(plan.value(c, c.sub or "") for c in field.columns)))
        else:
            plan.values += [plan.value(column, column.name) for column in field.columns]
    return Node(tuple(plan.names), tuple(plan.values), tuple(plan.groups), ())


class _Columns:
    """The columns a plan reads, each once, and what is built from them."""

    def __init__(self) -> None:
        self.names: list[str] = ["id"]
        self.values: list[Value] = []
        self.groups: list[Group] = []
        self.relations: list[Relation] = []

    def place(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def value(self, column: Column, name: str) -> Value:
        return Value(name, self.place(column.name), SHOWN[column.kind])


def _select(plan: _Columns, model: Model, item: ObjectMeta, selected: Selected, in_list: bool) -> None:
    name = selected.name
    if name in item.field_by_join_column:
        _refuse_children(selected, "ID")
        return plan.values.append(plan.value(Column(name, Kind.UUID, name), name))
    field = item.field_by_name.get(name)
    if field is None:
        raise refusals.cannot_query(name, item.type_name, selected.position)
    if field.type == "RELATION":
        return plan.relations.append(_relation(plan, model, field, selected, in_list))
    if field.type in COMPOSITES:
        return plan.groups.append(_group(plan, field, selected))
    _refuse_children(selected, field.type)
    return plan.values.append(plan.value(field.columns[0], name))


def _group(plan: _Columns, field: FieldMeta, selected: Selected) -> Group:
    type_name = "".join(word.capitalize() for word in field.type.split("_"))
    _require_children(selected, type_name)
    columns = {column.sub: column for column in field.columns}
    for child in selected.children:
        _check_directive(child)
        if child.name not in columns:
            raise refusals.cannot_query(child.name, type_name, child.position)
    return Group(field.name, tuple(plan.value(columns[child.name], child.name) for child in selected.children))


def _relation(plan: _Columns, model: Model, field: FieldMeta, selected: Selected, in_list: bool) -> Relation:
    target = model.target(field)
    _require_children(selected, target.type_name)
    if field.relation_type != ONE_TO_MANY:
        inner: Node | Connection = node(model, target, selected, in_list=in_list)
        return Relation(field.name, field, target, plan.place(field.join_column or ""), inner)
    if in_list:
        message = "Query complexity is too high. One-to-Many relation cannot be nested in another One-to-Many relation."
        raise Refusal(message, sub_code="TOO_COMPLEX_QUERY")
    return Relation(field.name, field, target, 0, connection(model, target, selected, in_list=True))


def _page_info(selected: Selected | None) -> tuple[str, ...]:
    children = selected.children if selected else ()
    for child in children:
        if child.name not in PAGE_INFO:
            raise refusals.cannot_query(child.name, "PageInfo", child.position)
    return tuple(child.name for child in children)


def _aggregate(item: ObjectMeta, selected: Selected) -> Aggregate:
    match = _AGGREGATE.fullmatch(selected.name)
    field = match and next((field for field in item.fields if capitalised(field.name) == match[2]), None)
    if not match or not field or not field.columns:
        raise refusals.cannot_query(selected.name, f"{item.type_name}Connection", selected.position)
    column = _counted_column(field)
    operation, sql = match[1], quoted(column.name)
    if operation in ("min", "max"):
        return Aggregate(selected.name, f"{operation}({sql})", SHOWN[column.kind])
    counted = {
        "countUniqueValues": f"count(DISTINCT {sql})",
        "countEmpty": f"count(*) - count({sql})",
        "countNotEmpty": f"count({sql})",
        "percentageEmpty": f"(count(*) - count({sql})) * 1.0 / nullif(count(*), 0)",
        "percentageNotEmpty": f"count({sql}) * 1.0 / nullif(count(*), 0)",
    }
    return Aggregate(selected.name, counted[operation], SHOWN[Kind.NUMBER])


def _counted_column(field: FieldMeta) -> Column:
    """The column a composite is counted by: the one it would be unique by, else its first."""
    wanted = UNIQUE_SUBFIELD.get(field.type)
    return next((column for column in field.columns if column.sub == wanted), field.columns[0])


def _check_directive(selected: Selected) -> None:
    """Twenty's direct execution knows no variables in directives and fails (GRAPHQL section 0)."""
    if selected.directive is not None:
        raise refusals.server_error(f"Cannot read properties of undefined (reading '{selected.directive}')")


def _refuse_left(left: dict[str, Selected], type_name: str) -> None:
    for selected in left.values():
        raise refusals.cannot_query(selected.name, type_name, selected.position)


def _refuse_children(selected: Selected, type_name: str) -> None:
    if selected.children:
        message = f'Field "{selected.name}" must not have a selection since type "{type_name}" has no subfields.'
        raise DocumentRefusal(located(message, [selected.position]))


def _require_children(selected: Selected, type_name: str) -> None:
    if not selected.children:
        ending = f'Did you mean "{selected.name} {{ ... }}"?'
        message = f'Field "{selected.name}" of type "{type_name}" must have a selection of subfields. {ending}'
        raise DocumentRefusal(located(message, [selected.position]))


def output_columns(columns: Sequence[str], alias: str = "t") -> str:
    """The SELECT list of a plan's columns."""
    return ", ".join(f"{alias}.{quoted(column)}" for column in columns)
