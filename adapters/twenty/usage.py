"""Which fields of an object hold values, and what: asked before a field or option is taken out of the data model."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import WITH_DELETED, Filter, both
from adapters.twenty.model import SUBFIELDS, Field, Model, selection
from adapters.twenty.reading import ROWS_A_PAGE, DataRow, walk_filter

Later = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""A record (its id and some fields) as it will be, None where it will not be there."""


def _as_it_is(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row


async def holding(
    client: TwentyClient,
    model: Model,
    kind: str,
    names: Sequence[str],
    values: Iterable[str] | None = None,
    later: Later = _as_it_is,
) -> set[str]:
    """Names of those of these fields that any record, in the bin or not, holds a value in.

    With `values`, option values: answers `field.VALUE` for each that is held. Empty text, empty lists and null are no
    values. One call where nothing is held (the filter finds only records that hold something). `later` says what
    a record will hold, where that is asked for.
    """
    target = model.object(kind)
    fields = [target.field(name) for name in names]
    columns = {field.name: field.join_column or field.name for field in fields}
    wanted = None if values is None else set(values)
    found: set[str] = set()
    where = both({"or": [one for field in fields for one in _filled(field)]}, WITH_DELETED)
    async for rows in walk_filter(client, target, selection(target, columns.values()), where, ROWS_A_PAGE):
        for row in filter(None, map(later, rows)):
            for field in fields:
                found |= _held(field, row.get(columns[field.name]), wanted)
        if wanted is None and found == set(names):
            break
    return found


async def holders_of(
    client: TwentyClient, model: Model, kind: str, name: str, values: Iterable[str] | None = None
) -> AsyncIterator[list[DataRow]]:
    """Go through the records, those in the bin too, that hold a value (or one of these option values) in a field.

    Answers pages of id and value, the latter under the field's name or, of a relation, its column's.
    """
    target = model.object(kind)
    field = target.field(name)
    column = field.join_column or name
    wanted = None if values is None else set(values)
    where = both({"or": _filled(field)}, WITH_DELETED)
    async for rows in walk_filter(client, target, selection(target, [column]), where, ROWS_A_PAGE):
        if held := [row for row in rows if _held(field, row.get(column), wanted)]:
            yield held


def _filled(field: Field) -> list[Filter]:
    """Filters that find the records with something in a field (one operator a field, GRAPHQL section 5)."""
    if field.type not in SUBFIELDS:
        return [{field.join_column or field.name: {"is": "NOT_NULL"}}]
    return [{field.name: {part: {"is": "NOT_NULL"}}} for part in SUBFIELDS[field.type]]


def _held(field: Field, value: Any, wanted: set[str] | None) -> set[str]:
    if wanted is None:
        return {field.name} if _is_value(value) else set()
    values = value if isinstance(value, list) else [value]
    return {f"{field.name}.{one}" for one in values if one in wanted}


def _is_value(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_value, value.values()))
    return value is not None and value not in ("", [])
