"""Making what is missing of Twenty's data model, one change a call, each with its intent before it.

What is equal is adopted, what differs is refused by name. A lost answer is looked up: what was absent just before, is
custom and equal to the plan, is ours.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import anyio
import msgspec

from adapters.mapping.types import FieldPlan, ObjectPlan
from adapters.twenty import (
    Field,
    Object,
    OutcomeUnknown,
    SchemaRefused,
    add_options,
    create_field,
    create_object,
    equal,
)
from commands.errors import ElementRefused, SchemaConflict
from commands.present import Present, present
from commands.session import Twenty, Working
from ledger.events import (
    Event,
    FieldCreated,
    ObjectCreated,
    OptionsAdded,
    RelationCreated,
    SchemaAdopted,
    SchemaIntended,
)
from ledger.hashing import Payload, digest, seal
from ledger.projections.schema import SchemaElement, elements, options_intended
from ledger.store import Draft, Ledger

NOTHING_MADE: Mapping[str, int] = {"created": 0, "adopted": 0, "options": 0}
"""Counts by outcome, where there was nothing to do."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapping needs of the data model: custom objects, and fields and relations of any object.

    `ids` are Twenty's, of what the ledger made or adopted of it: by object and field (empty: the object itself).
    """

    objects: tuple[ObjectPlan, ...]
    fields: tuple[FieldPlan, ...]
    ids: Mapping[tuple[str, str], str] = {}

    def only(self, names: Sequence[str]) -> "Wanted":
        """What of it some objects need."""
        return Wanted(
            objects=tuple(plan for plan in self.objects if plan.name in names),
            fields=tuple(plan for plan in self.fields if plan.object in names),
            ids=self.ids,
        )


async def apply(working: Working, wanted: Wanted) -> dict[str, int]:
    """Make what is missing, one change a call, each with its intent before it; answers counts by outcome.

    Raises:
        SchemaConflict: a name is taken by something unequal, or people renamed what the ledger has under it.
    """
    _refuse_renamed(await present(working), wanted)
    settled = await settle_options(working)
    job = _Schema(working.ledger, working.twenty, await _known(working.ledger))
    job.counts["options"] += settled
    with working.reporter.phase("schema", len(wanted.objects) + len(wanted.fields)) as advance:
        for one in wanted.objects:
            await job.ensure_object(one)
            advance(1)
        for plan in wanted.fields:
            await job.ensure(plan)
            advance(1)
    if job.counts["created"] or job.counts["options"]:
        await working.twenty.refresh()
    return job.counts


def _refuse_renamed(known: Present, wanted: Wanted) -> None:
    """Made once more under the old name, an element would part our values from those written before."""
    names = [(plan.name, "") for plan in wanted.objects] + [(plan.object, plan.name) for plan in wanted.fields]
    for object_name, name in names:
        if today := known.renamed(object_name, name):
            raise SchemaConflict(f"{object_name}.{name}".rstrip("."), [f"its name is {today} now"])


async def _known(ledger: Ledger) -> dict[tuple[str, str], SchemaElement]:
    return {(one.object, one.name): one for one in await elements(ledger.reader)}


async def settle_options(working: Working) -> int:
    """Settle additions of options that had no answer: absent before, those there now are ours. Answers how many."""
    settled = 0
    known = await present(working)
    for one in await options_intended(working.ledger.reader):
        there = known.field(one.object, one.name)
        envelope = await working.ledger.reader.envelope(one.payload_hash)
        if there is None or envelope is None:
            continue
        values = {option.value for option in there.options or ()}
        added = {value: label for value, label in envelope.value["options"].items() if value in values}
        await _record_added(working.ledger, one.object, one.name, there, added, one.position)
        settled += len(added)
    return settled


async def _record_added(
    ledger: Ledger, object_name: str, name: str, there: Field, added: Mapping[str, str], cause: int
) -> None:
    events, bodies = await _options_added(ledger, object_name, name, there, added)
    await ledger.append([Draft(event, cause) for event in events], bodies)


class _Schema:
    """Settles one field after the other against the data model as read and the ledger's own past."""

    def __init__(self, ledger: Ledger, twenty: Twenty, known: Mapping[tuple[str, str], SchemaElement]) -> None:
        self._ledger = ledger
        self._twenty = twenty
        self._known = known
        self.counts = dict(NOTHING_MADE)

    async def ensure_object(self, plan: ObjectPlan) -> None:
        """Make a custom object, adopt an equal one, or refuse."""
        there = self._twenty.model.objects.get(plan.name)
        if there is None:
            with anyio.CancelScope(shield=True):
                await self._create_object(plan)
            return
        known = self._known.get((plan.name, ""))
        if not there.is_active or there.plural != plan.plural:
            raise SchemaConflict(plan.name, ["its plural" if there.is_active else "it is not active"])
        if known is not None and known.state == "intended":
            self._check_ours(plan, there, known)
            await self._ledger.append([ObjectCreated(object=plan.name, twenty_id=there.id)])
            self.counts["created"] += 1
        elif known is None or known.twenty_id != there.id:
            adopted = SchemaAdopted(object=plan.name, name="", element="object", twenty_id=there.id)
            await self._ledger.append([adopted])
            self.counts["adopted"] += 1

    async def _create_object(self, plan: ObjectPlan) -> None:
        body = seal(f"schema:{plan.name}", {"type": "object", "label": plan.label, "plural": plan.plural})
        intended = SchemaIntended(object=plan.name, name="", element="object", absent=True, payload_hash=body.hash)
        [cause] = await self._ledger.append([intended], [body])
        try:
            made = await create_object(self._twenty.client, plan)
        except SchemaRefused as refusal:
            raise ElementRefused(plan.name, refusal.codes) from refusal
        except OutcomeUnknown:
            made = await self._look_for_object(plan)
        await self._ledger.append([Draft(ObjectCreated(object=plan.name, twenty_id=made), cause)])
        await self._twenty.refresh()
        self.counts["created"] += 1

    async def _look_for_object(self, plan: ObjectPlan) -> str:
        await self._twenty.refresh()
        there = self._twenty.model.objects.get(plan.name)
        if there is None:
            return await create_object(self._twenty.client, plan)
        self._check_ours(plan, there, None)
        return there.id

    def _check_ours(self, plan: ObjectPlan, there: Object, known: SchemaElement | None) -> None:
        """A call of ours had no answer: the object is ours only if it was absent before and is custom now."""
        custom = there.application_id == self._twenty.workspace.custom_application_id
        if not custom or there.plural != plan.plural or (known is not None and not known.absent):
            raise SchemaConflict(plan.name, ["who made it is not known"])

    async def ensure(self, plan: FieldPlan) -> None:
        """Make a field, adopt an equal one, add missing options, or refuse."""
        there = self._twenty.model.object(plan.object).fields.get(plan.name)
        if there is None:
            with anyio.CancelScope(shield=True):
                await self._create(plan)
            return
        known = self._known.get((plan.object, plan.name))
        await self._settle_existing(plan, there, known)

    async def _settle_existing(self, plan: FieldPlan, there: Field, known: SchemaElement | None) -> None:
        missing = _missing_options(plan, there)
        unequal = [name for name in equal(plan, there) if name != "options" or not missing]
        if unequal:
            raise SchemaConflict(f"{plan.object}.{plan.name}", [f"its {name}" for name in unequal])
        if known is not None and known.state == "intended":
            await self._settle_intended(plan, there, known)
        elif known is None or known.twenty_id != there.id:
            await self._adopt(plan, there)
        if missing:
            with anyio.CancelScope(shield=True):
                await self._add_options(plan, there, missing)

    async def _settle_intended(self, plan: FieldPlan, there: Field, known: SchemaElement) -> None:
        """A call of ours had no answer: the field is ours only if it was absent before and is custom now."""
        if not known.absent or there.application_id != self._twenty.workspace.custom_application_id:
            raise SchemaConflict(f"{plan.object}.{plan.name}", ["who made it is not known"])
        await self._ledger.append(*await self._made(plan, there))
        self.counts["created"] += 1

    async def _adopt(self, plan: FieldPlan, there: Field) -> None:
        adopted = SchemaAdopted(object=plan.object, name=plan.name, element=_element(plan), twenty_id=there.id)
        await self._ledger.append([adopted])
        self.counts["adopted"] += 1

    async def _create(self, plan: FieldPlan) -> None:
        body = seal(f"schema:{plan.object}.{plan.name}", {"type": plan.type, "label": plan.label})
        intended = SchemaIntended(
            object=plan.object, name=plan.name, element=_element(plan), absent=True, payload_hash=body.hash
        )
        [cause] = await self._ledger.append([intended], [body])
        try:
            made = await self._make(plan)
        except SchemaRefused as refusal:
            raise ElementRefused(f"{plan.object}.{plan.name}", refusal.codes) from refusal
        except OutcomeUnknown:
            made = await self._look_for(plan)
        events, payloads = await self._made(plan, made)
        await self._ledger.append([Draft(event, cause) for event in events], payloads)
        self.counts["created"] += 1

    async def _made(self, plan: FieldPlan, made: Field) -> tuple[list[Event], list[Payload]]:
        kind = RelationCreated if plan.type == "RELATION" else FieldCreated
        added, bodies = await _options_added(self._ledger, plan.object, plan.name, made, plan.options)
        return [kind(object=plan.object, name=plan.name, twenty_id=made.id), *added], bodies

    async def _make(self, plan: FieldPlan) -> Field:
        model = self._twenty.model
        target_id = model.object(plan.target).id if plan.target else None
        return await create_field(self._twenty.client, model.object(plan.object).id, plan, target_id=target_id)

    async def _look_for(self, plan: FieldPlan) -> Field:
        """The answer was lost: what is there under the name, absent just before and equal to the plan, is ours."""
        await self._twenty.refresh()
        target = self._twenty.model.object(plan.object)
        there = target.fields.get(plan.name)
        if there is None:
            return await self._make(plan)
        unequal = equal(plan, there)
        if unequal or there.application_id != self._twenty.workspace.custom_application_id:
            raise SchemaConflict(f"{plan.object}.{plan.name}", [f"its {name}" for name in unequal])
        return there

    async def _add_options(self, plan: FieldPlan, there: Field, missing: Mapping[str, str]) -> None:
        body = seal(f"schema:{plan.object}.{plan.name}", {"options": dict(missing)})
        intended = SchemaIntended(
            object=plan.object, name=plan.name, element="options", absent=True, payload_hash=body.hash
        )
        [cause] = await self._ledger.append([intended], [body])
        try:
            await add_options(self._twenty.client, there, missing)
        except OutcomeUnknown:
            await self._twenty.refresh()
            now = self._twenty.model.object(plan.object).field(plan.name)
            await add_options(self._twenty.client, now, missing)
        await _record_added(self._ledger, plan.object, plan.name, there, missing, cause)
        self.counts["options"] += len(missing)


def _element(plan: FieldPlan) -> Literal["relation", "field"]:
    return "relation" if plan.type == "RELATION" else "field"


async def _options_added(
    ledger: Ledger, object_name: str, name: str, there: Field, added: Mapping[str, str]
) -> tuple[list[OptionsAdded], list[Payload]]:
    key = await ledger.reader.digest_key()
    bodies = {value: seal(f"schema:{object_name}.{name}", {"options": {value: added[value]}}) for value in added}
    events = [
        OptionsAdded(
            object=object_name, name=name, twenty_id=there.id, values=(digest(key, value),), payload_hash=body.hash
        )
        for value, body in bodies.items()
    ]
    return events, list(bodies.values())


def _missing_options(plan: FieldPlan, there: Field) -> dict[str, str]:
    present = {option.value for option in there.options or ()}
    return {value: label for value, label in plan.options.items() if value not in present}
