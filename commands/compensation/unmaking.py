"""Taking our objects, fields and options out of Twenty's data model again, where no record left needs them.

What people renamed is found by its id, and goes like the rest.
"""

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
from commands.compensation.additions import additions, store_additions
from commands.compensation.forcing import store_records, store_values
from commands.compensation.scope import called, elements_in, options_in
from commands.modelling import settle_options
from commands.present import present
from commands.session import Working
from ledger.events import CompensationKept, RemovalIntended, SchemaRemoved
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.scopes import Scope
from ledger.store import Draft

Delete = Callable[[TwentyClient, str], Awaitable[None]]

_LOST_ANSWERS = 6
"""How often one removal's answer may be lost before the run gives up for now."""


async def remove_schema(working: Working, scope: Scope, *, force: bool) -> list[str]:
    """Remove what the scope made of the data model; answers the names of what stays, being in use.

    With `force` nothing stays: what records still hold is stored first.
    """
    await working.twenty.refresh()
    await settle_options(working)
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
        there = (await present(working)).find(one.object)
        if there is None or not await _is_our_object(working, one, there):
            await _remove(working, one, None)
            continue
        if await _is_used(working, one.object, there):
            if not force:
                await _keep(working, one.object, "", there.id)
                kept.append(called(one.object, "", there))
                continue
            await store_records(working, _removal(one, there), there)
            await store_additions(working, one.object, await additions(working, one.object, there))
        await _remove(working, one, there)
        await working.twenty.refresh()
    return kept


async def _is_used(working: Working, object_name: str, there: Object) -> bool:
    """Whether an object of ours holds records, or others gave it fields or relations of theirs."""
    count = (await counts(working.twenty.client, [there]))[there.singular]
    return bool(count.live + (count.deleted or 0)) or bool(await additions(working, object_name, there))


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
        kept += await _remove_fields_of(working, object_name, some, force=force)
    return kept


async def _remove_fields_of(
    working: Working, object_name: str, elements: Sequence[SchemaElement], *, force: bool
) -> list[str]:
    known = await present(working)
    owner = known.find(object_name)
    found = [(one, known.field(object_name, one.name)) for one in elements]
    ours = {one.name: there for one, there in found if there and await _is_ours(working, one, there)}
    used = await _used(working, owner, list(ours.values()))
    kept: list[str] = []
    for one in elements:
        there = ours.get(one.name)
        if owner and there and there.name in used:
            if not force:
                await _keep(working, one.object, one.name, there.id)
                kept.append(called(one.object, one.name, there))
                continue
            await store_values(working, _removal(one, there), owner, there)
        await _remove(working, one, there)
    return kept


async def _used(working: Working, owner: Object | None, fields: Sequence[Field]) -> set[str]:
    """Which of the fields, by their names of today, any record holds a value in."""
    if owner is None or not fields:
        return set()
    names = [field.name for field in fields]
    return await holding(working.twenty.client, working.twenty.model, owner.singular, names)


async def _keep(working: Working, object_name: str, name: str, field_id: str) -> None:
    await working.ledger.append([CompensationKept(object=object_name, twenty_id=field_id, why="in_use", name=name)])


def _removal(element: SchemaElement, there: Field | Object) -> RemovalIntended:
    return RemovalIntended(object=element.object, name=element.name, element=element.element, twenty_id=there.id)


async def _remove(working: Working, element: SchemaElement, there: Field | Object | None) -> None:
    """Delete an element of ours. One not there was never made, or is gone; what has its name now is others'."""
    element_id = there.id if there else element.twenty_id or ""
    kind = element.element
    with anyio.CancelScope(shield=True):
        cause = None
        if there is not None:
            [cause] = await working.ledger.append([_removal(element, there)])
            await _delete(working, delete_object if kind == "object" else delete_field, there.id)
        removed = SchemaRemoved(object=element.object, name=element.name, element=kind, twenty_id=element_id)
        await working.ledger.append([Draft(removed, cause)])


async def _is_ours(working: Working, element: SchemaElement, there: Field) -> bool:
    """A field whose making had no answer is ours if it was absent before, and is custom and of the planned type now."""
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
    by_field: dict[tuple[str, str, str], list[SchemaOption]] = {}
    for one in options:
        by_field.setdefault((one.object, one.name, one.twenty_id), []).append(one)
    for some in by_field.values():
        kept += await _remove_options_of(working, some, force=force)
    return kept


async def _remove_options_of(working: Working, options: Sequence[SchemaOption], *, force: bool) -> list[str]:
    """Remove options of one field, which is asked for by its id: one that has its name now is not ours to change."""
    one, values = options[0], {option.value for option in options}
    known = await present(working)
    owner, there = known.find(one.object), known.field(one.object, one.name, one.twenty_id)
    used: set[str] = set()
    if owner is not None and there is not None:
        intended = RemovalIntended(object=one.object, name=one.name, element="options", twenty_id=there.id)
        used = await _used_values(working, owner, there, values)
        if used and force:
            await store_values(working, intended, owner, there, used)
            used = set()
        await _drop(working, there, intended, values - used)
    removed = [
        SchemaRemoved(object=one.object, name=f"{one.name}.{value}", element="options", twenty_id=one.twenty_id)
        for value in sorted(values - used)
    ]
    await working.ledger.append(removed)
    for value in sorted(used):
        await _keep(working, one.object, f"{one.name}.{value}", one.twenty_id)
    return [f"{called(one.object, one.name, there)}.{value}" for value in sorted(used) if there]


async def _drop(working: Working, there: Field, intended: RemovalIntended, values: set[str]) -> None:
    if not values:
        return
    with anyio.CancelScope(shield=True):
        await working.ledger.append([intended])
        await remove_options(working.twenty.client, there, values)


async def _used_values(working: Working, owner: Object, there: Field, values: set[str]) -> set[str]:
    found = await holding(
        working.twenty.client, working.twenty.model, owner.singular, [there.name], values=sorted(values)
    )
    return {value.partition(".")[2] for value in found}
