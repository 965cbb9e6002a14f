"""Taking our objects, fields and options out of Twenty's data model again, where no record left needs them."""

from collections.abc import Awaitable, Callable, Sequence

import anyio

from adapters.twenty import (
    Field,
    NotFound,
    Object,
    OutcomeUnknown,
    TwentyClient,
    counts,
    delete_field,
    delete_object,
)
from adapters.twenty.metadata import remove_options
from adapters.twenty.usage import holding
from commands.compensation.scope import Scope, elements_in, named, options_in
from commands.modelling import settle_options
from commands.session import Working
from ledger.events import CompensationKept, RemovalIntended, SchemaRemoved
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.store import Draft

Delete = Callable[[TwentyClient, str], Awaitable[None]]

_LOST_ANSWERS = 6
"""How often one removal's answer may be lost before the run gives up for now."""


async def remove_schema(working: Working, scope: Scope, *, force: bool) -> list[str]:
    """Remove what the scope made of the data model; answers the names of what stays, being in use."""
    await working.twenty.refresh()
    await settle_options(working.ledger, working.twenty)
    every = await elements_in(working.ledger.reader, scope)
    kept = await _remove_objects(working, [one for one in every if one.element == "object"], force=force)
    # The fields of an object that went are gone with it, in the ledger too.
    left = await elements_in(working.ledger.reader, scope)
    kept += await _remove_fields(working, [one for one in left if one.element != "object"], force=force)
    kept += await _remove_options(working, await options_in(working.ledger.reader, scope), force=force)
    await working.twenty.refresh()
    return kept


async def _remove_objects(working: Working, elements: Sequence[SchemaElement], *, force: bool) -> list[str]:
    """Remove custom objects, the newest first: what ties others together was made after them."""
    kept: list[str] = []
    for one in reversed(elements):
        there = working.twenty.model.objects.get(one.object)
        if there is None or not await _is_our_object(working, one, there):
            await _remove(working, one, None)
        elif await _has_records(working, there) and not force:
            await _keep(working, one.object, "", there.id)
            kept.append(one.object)
        else:
            await _remove(working, one, there)
            await working.twenty.refresh()
    return kept


async def _has_records(working: Working, there: Object) -> bool:
    count = (await counts(working.twenty.client, [there]))[there.singular]
    return bool(count.live + (count.deleted or 0))


async def _is_our_object(working: Working, element: SchemaElement, there: Object) -> bool:
    """An object whose making had no answer is ours if it was absent before, and is custom and as planned now."""
    if element.state == "created":
        return element.twenty_id == there.id
    custom = there.application_id == working.twenty.workspace.custom_application_id
    planned = await working.ledger.reader.envelope(element.payload_hash or "")
    return element.absent and custom and planned is not None and planned.value["plural"] == there.plural


async def _remove_fields(working: Working, elements: Sequence[SchemaElement], *, force: bool) -> list[str]:
    kept: list[str] = []
    by_object: dict[str, list[SchemaElement]] = {}
    for one in elements:
        by_object.setdefault(one.object, []).append(one)
    for object_name, some in by_object.items():
        there = working.twenty.model.objects.get(object_name)
        known = there.fields if there else {}
        ours = {one.name: known[one.name] for one in some if await _is_ours(working, one, known.get(one.name))}
        used = await _used(working, object_name, list(ours.values()), force=force)
        for one in some:
            if one.name in used:
                await _keep(working, one.object, one.name, ours[one.name].id)
                kept.append(named(one))
            else:
                await _remove(working, one, ours.get(one.name))
    return kept


async def _used(working: Working, object_name: str, fields: Sequence[Field], *, force: bool) -> set[str]:
    if force or not fields:
        return set()
    return await holding(working.twenty.client, working.twenty.model, object_name, [field.name for field in fields])


async def _keep(working: Working, object_name: str, name: str, field_id: str) -> None:
    await working.ledger.append([CompensationKept(object=object_name, twenty_id=field_id, why="in_use", name=name)])


async def _remove(working: Working, element: SchemaElement, there: Field | Object | None) -> None:
    """Delete an element of ours. One not there was never made, or is gone; what has its name now is others'."""
    element_id = there.id if there else element.twenty_id or ""
    kind = element.element
    with anyio.CancelScope(shield=True):
        cause = None
        if there is not None:
            intended = RemovalIntended(object=element.object, name=element.name, element=kind, twenty_id=element_id)
            [cause] = await working.ledger.append([intended])
            await _delete(working, delete_object if kind == "object" else delete_field, there.id)
        removed = SchemaRemoved(object=element.object, name=element.name, element=kind, twenty_id=element_id)
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


async def _delete(working: Working, delete: Delete, element_id: str, lost: int = 0) -> None:
    try:
        await delete(working.twenty.client, element_id)
    except OutcomeUnknown:
        # Repeating it is safe, but a gateway that never answers must not be asked for ever.
        if lost >= _LOST_ANSWERS:
            raise
        await _delete(working, delete, element_id, lost + 1)
    except NotFound:
        return


async def _remove_options(working: Working, options: Sequence[SchemaOption], *, force: bool) -> list[str]:
    kept: list[str] = []
    by_field: dict[tuple[str, str], list[SchemaOption]] = {}
    for one in options:
        by_field.setdefault((one.object, one.name), []).append(one)
    for (object_name, name), some in by_field.items():
        owner = working.twenty.model.objects.get(object_name)
        there = owner.fields.get(name) if owner else None
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
