"""`peopleGroupBy`: counts by the value of a scalar, or of a related record's scalar (GRAPHQL section 5)."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

from collections.abc import Mapping
from typing import Any

from adapters.sandbox.fieldtypes import COMPOSITES, Column, Kind
from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.reading import count_of, visible
from adapters.sandbox.model import FieldMeta, ObjectMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.stored import SHOWN
from adapters.sandbox.tables import quoted

ANSWERED = ("groupByDimensionValues", "totalCount")
MAXIMUM_GROUPS = 200


def group(ask: Ask) -> list[dict[str, Any]]:
    """`peopleGroupBy(groupBy, filter, limit)`: the largest groups first."""
    for selected in ask.root.children:
        if selected.name not in ANSWERED:
            raise refusals.cannot_query(selected.name, f"{ask.item.type_name}GroupByConnection", selected.position)
    dimensions = [_dimension(ask, entry) for entry in ask.records("groupBy")]
    where = visible(ask.model, ask.item, ask.arguments.get("filter"))
    columns = ", ".join(sql for sql, _ in dimensions)
    sql = (
        f"SELECT count(*), {columns} FROM {quoted(ask.item.table)} AS t WHERE {where.sql}"
        f" GROUP BY {columns} ORDER BY 1 DESC, 2 LIMIT ?"
    )
    rows = ask.connection.execute(sql, (*where.parameters, count_of(ask.arguments, "limit", MAXIMUM_GROUPS)))
    wanted = {selected.name for selected in ask.root.children}
    return [_row(wanted, dimensions, total, values) for total, *values in rows]


def _row(wanted: set[str], dimensions: list[tuple[str, Kind]], total: int, values: list[Any]) -> dict[str, Any]:
    shown = [SHOWN[kind](value) for (_, kind), value in zip(dimensions, values, strict=True)]
    answer = {"groupByDimensionValues": shown, "totalCount": total}
    return {name: value for name, value in answer.items() if name in wanted}


def _dimension(ask: Ask, entry: Any) -> tuple[str, Kind]:
    """The SQL expression a `groupBy` entry stands for, and its kind."""
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise Refusal("Each groupBy entry must name one field", sub_code=refusals.INVALID_INPUT)
    ((name, value),) = entry.items()
    field = ask.item.field_by_name.get(name)
    if field is None or not field.columns or field.type in COMPOSITES:
        raise Refusal(f'Field "{name}" is not supported in groupBy', sub_code=refusals.INVALID_INPUT)
    if field.join_column:
        return _related(ask, field, value)
    if field.type in ("DATE", "DATE_TIME"):
        message = "Time zone should be specified for a group by date on Day, Week, Month, Quarter or Year"
        raise Refusal(message, sub_code="MISSING_TIMEZONE_FOR_DATE_GROUP_BY")
    return f"t.{quoted(name)}", field.columns[0].kind


def _related(ask: Ask, field: FieldMeta, value: Any) -> tuple[str, Kind]:
    target = ask.model.target(field)
    column = _column(target, next(iter(value), "") if isinstance(value, Mapping) else "")
    link = f'o."id" = t.{quoted(field.join_column or "")}'
    return f"(SELECT o.{quoted(column.name)} FROM {quoted(target.table)} AS o WHERE {link})", column.kind


def _column(item: ObjectMeta, name: str) -> Column:
    field = item.field_by_name.get(name)
    if field is None or len(field.columns) != 1:
        raise Refusal(f'Field "{name}" is not supported in groupBy', sub_code=refusals.INVALID_INPUT)
    return field.columns[0]
