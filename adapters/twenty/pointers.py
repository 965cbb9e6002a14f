"""Who points at our records: every relation of any object, found in the model, asked in one document."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import TARGETS_A_CALL, TIMELINE, WITH_DELETED, Root, both, names_of, nodes
from adapters.twenty.ids import Ids, portions
from adapters.twenty.model import Model
from adapters.twenty.reading import NARROW_ROWS_A_PAGE, DataRow, all_rows, ask_pages


class Pointer(msgspec.Struct, frozen=True):
    """A record (`object`, `id`) whose column `field` holds one of our ids (`target_id`). `created_by` is its actor."""

    object: str
    id: str
    field: str
    target_id: str
    created_by: Mapping[str, Any] | None


async def dependents(
    client: TwentyClient,
    model: Model,
    targets: Mapping[str, Ids],
    ours: Callable[[str, str], bool] | None = None,
) -> list[Pointer]:
    """List the records that point at these, those in the bin included. Timeline rows are traces, not dependents.

    `ours(object, id)` says which pointing records to leave out. A call asks for 5,000 targets in up to 20 pointing
    objects; only where over 10,000 records of one object point at them it takes more.
    """
    found: list[Pointer] = []
    for portion in portions(targets, TARGETS_A_CALL):
        found += await _pointing_at(client, model, portion)
    return [one for one in found if ours is None or not ours(one.object, one.id)]


async def _pointing_at(client: TwentyClient, model: Model, targets: Mapping[str, Ids]) -> list[Pointer]:
    columns = _columns(model, targets)
    roots = [_root(model, name, by_column) for name, by_column in columns.items()]
    found: list[Pointer] = []
    for root, page in zip(roots, await ask_pages(client, roots), strict=True):
        rows = await all_rows(client, root, page)
        found += (one for row in rows for one in _pointers(root.kind.singular, row, columns[root.kind.singular]))
    return found


def _columns(model: Model, targets: Mapping[str, Ids]) -> dict[str, dict[str, Ids]]:
    """Which columns of which objects may hold which of the ids."""
    columns: dict[str, dict[str, Ids]] = {}
    for target, ids in targets.items():
        for pointing in model.pointing_at(target):
            if pointing.object != TIMELINE.singular:
                columns.setdefault(pointing.object, {})[pointing.column] = ids
    return columns


def _root(model: Model, name: str, by_column: Mapping[str, Ids]) -> Root:
    either = [{column: {"in": list(ids.values)}} for column, ids in by_column.items()]
    select = nodes(_select(model, name, by_column))
    return Root(names_of(model.object(name)), both({"or": either}, WITH_DELETED), NARROW_ROWS_A_PAGE, select)


def _select(model: Model, name: str, by_column: Mapping[str, Ids]) -> str:
    actor = " createdBy{source name context}" if "createdBy" in model.object(name).fields else ""
    return f"id {' '.join(by_column)}{actor}"


def _pointers(name: str, row: DataRow, by_column: Mapping[str, Ids]) -> Iterator[Pointer]:
    for column, ids in by_column.items():
        target = row.get(column)
        if target in ids:
            yield Pointer(name, row["id"], column, str(target), row.get("createdBy"))
