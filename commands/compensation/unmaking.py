"""Taking our fields and options out of Twenty's data model again, where no record left holds a value in them."""

from collections.abc import Sequence

import anyio

from adapters.twenty import Field, NotFound, OutcomeUnknown, delete_field
from adapters.twenty.metadata import remove_options
from adapters.twenty.usage import holding
from commands.compensation.scope import Scope, elements_in, options_in
from commands.schema import settle_options
from commands.session import Working
from ledger.events import CompensationKept, RemovalIntended, SchemaRemoved
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.store import Draft

_LOST_ANSWERS = 6
"""How often one removal's answer may be lost before the run gives up for now."""


async def remove_schema(working: Working, scope: Scope, *, force: bool) -> list[str]:
    """Remove what the scope made of the data model; answers the names of what stays, being in use."""
    await working.twenty.refresh()
    await settle_options(working.ledger, working.twenty)
    kept = await _remove_fields(working, await elements_in(working.ledger.reader, scope), force=force)
    kept += await _remove_options(working, await options_in(working.ledger.reader, scope), force=force)
    await working.twenty.refresh()
    return kept


async def _remove_fields(working: Working, elements: Sequence[SchemaElement], *, force: bool) -> list[str]:
    kept: list[str] = []
    by_object: dict[str, list[SchemaElement]] = {}
    for one in elements:
        by_object.setdefault(one.object, []).append(one)
    for object_name, some in by_object.items():
        known = working.twenty.model.object(object_name).fields
        ours = {one.name: known[one.name] for one in some if await _is_ours(working, one, known.get(one.name))}
        used = await _used(working, object_name, list(ours.values()), force=force)
        for one in some:
            if one.name in used:
                await _keep(working, one.object, one.name, ours[one.name].id)
                kept.append(f"{one.object}.{one.name}")
            else:
                await _remove(working, one, ours.get(one.name))
    return kept


async def _used(working: Working, object_name: str, fields: Sequence[Field], *, force: bool) -> set[str]:
    if force or not fields:
        return set()
    return await holding(working.twenty.client, working.twenty.model, object_name, [field.name for field in fields])


async def _keep(working: Working, object_name: str, name: str, field_id: str) -> None:
    await working.ledger.append([CompensationKept(object=object_name, twenty_id=field_id, why="in_use", name=name)])


async def _remove(working: Working, element: SchemaElement, there: Field | None) -> None:
    """Delete a field of ours. One that is not there was never made, or is gone; what has its name now is others'."""
    element_id = there.id if there else element.twenty_id or ""
    kind = "relation" if element.element == "relation" else "field"
    with anyio.CancelScope(shield=True):
        cause = None
        if there is not None:
            intended = RemovalIntended(object=element.object, name=element.name, element=kind, twenty_id=element_id)  # type: ignore[arg-type]
            [cause] = await working.ledger.append([intended])
            await _delete(working, there.id)
        removed = SchemaRemoved(object=element.object, name=element.name, element=kind, twenty_id=element_id)  # type: ignore[arg-type]
        await working.ledger.append([Draft(removed, cause)])


async def _is_ours(working: Working, element: SchemaElement, there: Field | None) -> bool:
    """A field whose making had no answer is ours if it was absent before, and is custom and of the planned type now."""
    if there is None:
        return False
    if element.state == "created":
        return element.twenty_id == there.id
    custom = there.application_id == working.twenty.workspace.custom_application_id
    planned = await working.ledger.reader.envelope(element.payload_hash or "")
    return element.absent and custom and planned is not None and planned.value["type"] == there.type


async def _delete(working: Working, field_id: str, lost: int = 0) -> None:
    try:
        await delete_field(working.twenty.client, field_id)
    except OutcomeUnknown:
        # Repeating it is safe, but a gateway that never answers must not be asked for ever.
        if lost >= _LOST_ANSWERS:
            raise
        await _delete(working, field_id, lost + 1)
    except NotFound:
        return


async def _remove_options(working: Working, options: Sequence[SchemaOption], *, force: bool) -> list[str]:
    kept: list[str] = []
    by_field: dict[tuple[str, str], list[SchemaOption]] = {}
    for one in options:
        by_field.setdefault((one.object, one.name), []).append(one)
    for (object_name, name), some in by_field.items():
        there = working.twenty.model.object(object_name).fields.get(name)
        values = {one.value for one in some}
        if there is None:
            used: set[str] = set()
        else:
            used = set() if force else await _used_values(working, object_name, there, values)
            await _drop(working, there, object_name, values - used)
        removed = [
            SchemaRemoved(object=object_name, name=f"{name}.{value}", element="options", twenty_id=some[0].twenty_id)
            for value in sorted(values - used)
        ]
        await working.ledger.append(removed)
        for value in sorted(used):
            await _keep(working, object_name, f"{name}.{value}", some[0].twenty_id)
            kept.append(f"{object_name}.{name}.{value}")
    return kept


async def _drop(working: Working, there: Field, object_name: str, values: set[str]) -> None:
    if not values:
        return
    with anyio.CancelScope(shield=True):
        intended = RemovalIntended(object=object_name, name=there.name, element="options", twenty_id=there.id)
        await working.ledger.append([intended])
        await remove_options(working.twenty.client, there, values)


async def _used_values(working: Working, object_name: str, there: Field, values: set[str]) -> set[str]:
    found = await holding(working.twenty.client, working.twenty.model, object_name, [there.name], values=sorted(values))
    return {value.partition(".")[2] for value in found}
