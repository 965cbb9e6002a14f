"""Taking our objects, fields and options out of Twenty's data model again, where no record left needs them.

What people renamed is found by its id, and goes like the rest.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

import anyio

from adapters.twenty import (
    Field,
    NotFound,
    Object,
    OutcomeUnknown,
    TwentyClient,
    delete_field,
    delete_object,
)
from adapters.twenty.metadata import remove_options
from commands.compensation.additions import additions, store_additions
from commands.compensation.forcing import store_records, store_values
from commands.compensation.leaving import Leaving, Stay, Why
from commands.compensation.scope import called, elements_in, options_in
from commands.modelling import settle_options
from commands.present import digested, present
from commands.session import Working
from ledger.events import CompensationKept, RemovalIntended, SchemaRemoved
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.scopes import Scope
from ledger.store import Draft

Delete = Callable[[TwentyClient, str], Awaitable[None]]

_LOST_ANSWERS = 6
"""How often one removal's answer may be lost before the run gives up for now."""


async def remove_schema(working: Working, scope: Scope, leaving: Leaving, *, force: bool) -> list[Stay]:
    """Remove what the scope made of the data model; answers what stays, being in use.

    With `force` nothing stays: what records still hold is stored first.
    """
    await working.twenty.refresh()
    await settle_options(working)
    every = await elements_in(working.ledger.reader, scope)
    kept = await _remove_objects(working, [one for one in every if one.element == "object"], leaving, force=force)
    # The fields of an object that went are gone with it, in the ledger too.
    left = await elements_in(working.ledger.reader, scope)
    kept += await _remove_fields(working, [one for one in left if one.element != "object"], leaving, force=force)
    kept += await _remove_options(working, await options_in(working.ledger.reader, scope), leaving, force=force)
    await working.twenty.refresh()
    return kept


async def foresee_schema(working: Working, scope: Scope, leaving: Leaving) -> list[Stay]:
    """What of the data model would stay, being in use once what leaves has left. Nothing is changed."""
    every = await elements_in(working.ledger.reader, scope)
    known = await present(working)
    kept: list[Stay] = []
    going: set[str] = set()
    for one in reversed([one for one in every if one.element == "object"]):
        there = known.find(one.object)
        ours = there is not None and await _is_our_object(working, one, there)
        if there is not None and ours and (why := await _object_stays(working, one.object, there, leaving)):
            kept.append(Stay(called(one.object, "", there), why))
        else:
            going.add(one.object)
    for object_name, some in _by_object(one for one in every if one.element != "object").items():
        if object_name not in going:
            kept += [stay for _, stay in await _fields_staying(working, object_name, some, leaving)]
    for options in _by_field(await options_in(working.ledger.reader, scope)):
        kept += (await _options_staying(working, options, leaving)).values()
    return kept


async def _remove_objects(
    working: Working, elements: Sequence[SchemaElement], leaving: Leaving, *, force: bool
) -> list[Stay]:
    """Remove custom objects, the newest first: what ties others together was made after them."""
    kept: list[Stay] = []
    for one in reversed(elements):
        there = (await present(working)).find(one.object)
        if there is None or not await _is_our_object(working, one, there):
            await _remove(working, one, None)
            continue
        if why := await _object_stays(working, one.object, there, leaving):
            if not force:
                await _keep(working, one.object, "", there.id, why)
                kept.append(Stay(called(one.object, "", there), why))
                continue
            await store_records(working, _removal(one, there), there)
            await store_additions(working, one.object, await additions(working, one.object, there))
        await _remove(working, one, there)
        await working.twenty.refresh()
    return kept


async def _object_stays(working: Working, object_name: str, there: Object, leaving: Leaving) -> Why | None:
    """Why an object of ours stays, if it does: it holds records, or others gave it fields or relations of theirs."""
    why = await leaving.object_stays(working, object_name, there)
    return "in_use" if await additions(working, object_name, there) else why


async def _is_our_object(working: Working, element: SchemaElement, there: Object) -> bool:
    """An object whose making had no answer is ours if it was absent before, and is custom and as planned now."""
    if element.state == "created":
        return element.twenty_id == there.id
    custom = there.application_id == working.twenty.workspace.custom_application_id
    planned = await working.ledger.reader.envelope(element.payload_hash or "")
    return element.absent and custom and planned is not None and planned.value["plural"] == there.plural


async def _remove_fields(
    working: Working, elements: Sequence[SchemaElement], leaving: Leaving, *, force: bool
) -> list[Stay]:
    kept: list[Stay] = []
    for object_name, some in _by_object(elements).items():
        kept += await _remove_fields_of(working, object_name, some, leaving, force=force)
    return kept


def _by_object(elements: Iterable[SchemaElement]) -> dict[str, list[SchemaElement]]:
    found: dict[str, list[SchemaElement]] = {}
    for one in elements:
        found.setdefault(one.object, []).append(one)
    return found


async def _remove_fields_of(
    working: Working, object_name: str, elements: Sequence[SchemaElement], leaving: Leaving, *, force: bool
) -> list[Stay]:
    owner = (await present(working)).find(object_name)
    ours = await _ours(working, object_name, elements)
    staying = await _fields_staying(working, object_name, elements, leaving)
    used = {there.name: stay for there, stay in staying}
    kept: list[Stay] = []
    for one in elements:
        there = ours.get(one.name)
        if owner and there and there.name in used:
            if not force:
                await _keep(working, one.object, one.name, there.id, used[there.name].why)
                kept.append(used[there.name])
                continue
            await store_values(working, _removal(one, there), owner, there)
        await _remove(working, one, there)
    return kept


async def _ours(working: Working, object_name: str, elements: Sequence[SchemaElement]) -> dict[str, Field]:
    """The fields of an object that are there and are ours, by the names the ledger has for them."""
    known = await present(working)
    found = [(one, known.field(object_name, one.name)) for one in elements]
    return {one.name: there for one, there in found if there and await _is_ours(working, one, there)}


async def _fields_staying(
    working: Working, object_name: str, elements: Sequence[SchemaElement], leaving: Leaving
) -> list[tuple[Field, Stay]]:
    """Which fields of ours any record holds a value in."""
    owner = (await present(working)).find(object_name)
    if owner is None:
        return []
    ours = await _ours(working, object_name, elements)
    used = await leaving.fields_stay(working, object_name, owner, list(ours.values()))
    return [
        (there, Stay(called(object_name, name, there), used[there.name]))
        for name, there in ours.items()
        if there.name in used
    ]


async def _keep(working: Working, object_name: str, name: str, field_id: str, why: Why) -> None:
    await working.ledger.append([CompensationKept(object=object_name, twenty_id=field_id, why=why, name=name)])


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


async def _remove_options(
    working: Working, options: Sequence[SchemaOption], leaving: Leaving, *, force: bool
) -> list[Stay]:
    kept: list[Stay] = []
    for some in _by_field(options):
        kept += await _remove_options_of(working, some, leaving, force=force)
    return kept


def _by_field(options: Iterable[SchemaOption]) -> list[list[SchemaOption]]:
    found: dict[tuple[str, str, str], list[SchemaOption]] = {}
    for one in options:
        found.setdefault((one.object, one.name, one.twenty_id), []).append(one)
    return list(found.values())


async def _remove_options_of(
    working: Working, options: Sequence[SchemaOption], leaving: Leaving, *, force: bool
) -> list[Stay]:
    """Remove options of one field, which is asked for by its id: one that has its name now is not ours to change."""
    one, digests = options[0], {option.value for option in options}
    known = await present(working)
    owner, there = known.find(one.object), known.field(one.object, one.name, one.twenty_id)
    staying = await _options_staying(working, options, leaving)
    if owner is not None and there is not None:
        intended = RemovalIntended(object=one.object, name=one.name, element="options", twenty_id=there.id)
        values = await _values(working, there, digests)
        if staying and force:
            await store_values(working, intended, owner, there, {values[each] for each in staying})
            staying = {}
        await _drop(working, there, intended, {value for each, value in values.items() if each not in staying})
    removed = [
        SchemaRemoved(object=one.object, name=f"{one.name}.{gone}", element="options", twenty_id=one.twenty_id)
        for gone in sorted(digests - staying.keys())
    ]
    await working.ledger.append(removed)
    for kept, stay in staying.items():
        await _keep(working, one.object, f"{one.name}.{kept}", one.twenty_id, stay.why)
    return list(staying.values())


async def _options_staying(working: Working, options: Sequence[SchemaOption], leaving: Leaving) -> dict[str, Stay]:
    """Which options of one field any record has chosen, by their digests."""
    one = options[0]
    known = await present(working)
    owner, there = known.find(one.object), known.field(one.object, one.name, one.twenty_id)
    if owner is None or there is None:
        return {}
    values = await _values(working, there, {option.value for option in options})
    used = await leaving.options_stay(working, one.object, owner, there, values.values())
    named = called(one.object, one.name, there)
    return {each: Stay(f"{named}.{value}", used[value]) for each, value in values.items() if value in used}


async def _values(working: Working, there: Field, digests: AbstractSet[str]) -> dict[str, str]:
    """The options of a field that go by these digests, as Twenty has them."""
    return {each: value for each, value in (await digested(working, there)).items() if each in digests}


async def _drop(working: Working, there: Field, intended: RemovalIntended, values: set[str]) -> None:
    if not values:
        return
    with anyio.CancelScope(shield=True):
        await working.ledger.append([intended])
        await remove_options(working.twenty.client, there, values)
