"""schema apply: make the fields and options the mapping needs; what is equal is adopted, what differs is refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import rich_click as click

from adapters.kartra import Export, read
from adapters.mapping import Gathered, MappingConfig, identify, plans, vocabulary
from adapters.mapping.types import FieldPlan, SourceRow
from adapters.twenty import Field, OutcomeUnknown, add_options, create_field, equal
from commands import reporting
from commands.errors import SchemaConflict
from commands.extract import exports_in, files_seen
from commands.mapping import signed_mapping
from commands.objects import ORDER
from commands.options import Options, destination
from commands.preflight import before_writing
from commands.reporting import Reporter
from commands.running import run
from commands.session import (
    Twenty,
    Working,
    bind_workspace,
    reach_twenty,
    refuse_unfinished,
    run_of,
    writing,
)
from commands.transform import known_options, prepare
from ledger.events import Event, FieldCreated, OptionsAdded, RunStarted, SchemaAdopted, SchemaIntended
from ledger.hashing import Payload, seal
from ledger.projections.schema import SchemaElement, elements, options_intended
from ledger.store import Draft, Ledger


async def plan_of(ledger: Ledger, config: MappingConfig) -> tuple[FieldPlan, ...]:
    """The fields needed for what the ledger holds: those of the mapping, the account's own, and all options."""
    return plans(config, (await prepare(ledger, config)).words)


async def plan_of_files(ledger: Ledger, config: MappingConfig, exports: Sequence[Export]) -> tuple[FieldPlan, ...]:
    """The fields needed for files that were not read into the ledger yet; rows that would be held ask for nothing."""
    gathered = Gathered(config)
    for export in exports:
        gathered.add(row for row in read(export) if isinstance(row, SourceRow) and identify(row).held is None)
    return plans(config, vocabulary(gathered, config, known_options=await known_options(ledger)))


async def apply(working: Working, wanted: Sequence[FieldPlan]) -> dict[str, int]:
    """Make what is missing, one change a call, each with its intent before it; answers counts by outcome.

    Raises:
        SchemaConflict: a name is taken by something unequal.
    """
    settled = await settle_options(working.ledger, working.twenty)
    job = _Schema(working.ledger, working.twenty, await _known(working.ledger))
    job.counts["options"] += settled
    with working.reporter.phase("schema", len(wanted)) as advance:
        for plan in wanted:
            await job.ensure(plan)
            advance(1)
    if job.counts["created"] or job.counts["options"]:
        await working.twenty.refresh()
    return job.counts


async def _known(ledger: Ledger) -> dict[tuple[str, str], SchemaElement]:
    return {(one.object, one.name): one for one in await elements(ledger.reader)}


async def settle_options(ledger: Ledger, twenty: Twenty) -> int:
    """Settle additions of options that had no answer: absent before, those there now are ours. Answers how many."""
    settled = 0
    for one in await options_intended(ledger.reader):
        there = twenty.model.object(one.object).fields.get(one.name)
        envelope = await ledger.reader.envelope(one.payload_hash)
        if there is None or envelope is None:
            continue
        present = {option.value for option in there.options or ()}
        added = {value: label for value, label in envelope.value["options"].items() if value in present}
        await _record_added(ledger, one.object, there, added, one.position)
        settled += len(added)
    return settled


async def _record_added(ledger: Ledger, object_name: str, there: Field, added: Mapping[str, str], cause: int) -> None:
    event, body = _options_added(object_name, there, added)
    await ledger.append([Draft(event, cause)], [body])


class _Schema:
    """Settles one field after the other against the data model as read and the ledger's own past."""

    def __init__(self, ledger: Ledger, twenty: Twenty, known: Mapping[tuple[str, str], SchemaElement]) -> None:
        self._ledger = ledger
        self._twenty = twenty
        self._known = known
        self.counts = {"created": 0, "adopted": 0, "options": 0}

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
        if known is None or known.state == "removed":
            await self._adopt(plan, there)
        elif known.state == "intended":
            await self._settle_intended(plan, there, known)
        if missing:
            with anyio.CancelScope(shield=True):
                await self._add_options(plan, there, missing)

    async def _settle_intended(self, plan: FieldPlan, there: Field, known: SchemaElement) -> None:
        """A call of ours had no answer: the field is ours only if it was absent before and is custom now."""
        if not known.absent or there.application_id != self._twenty.workspace.custom_application_id:
            raise SchemaConflict(f"{plan.object}.{plan.name}", ["who made it is not known"])
        await self._ledger.append(*_made(plan, there))
        self.counts["created"] += 1

    async def _adopt(self, plan: FieldPlan, there: Field) -> None:
        element = "relation" if plan.type == "RELATION" else "field"
        adopted = SchemaAdopted(object=plan.object, name=plan.name, element=element, twenty_id=there.id)  # type: ignore[arg-type]
        await self._ledger.append([adopted])
        self.counts["adopted"] += 1

    async def _create(self, plan: FieldPlan) -> None:
        body = seal(f"schema:{plan.object}.{plan.name}", {"type": plan.type, "label": plan.label})
        intended = SchemaIntended(
            object=plan.object, name=plan.name, element="field", absent=True, payload_hash=body.hash
        )
        [cause] = await self._ledger.append([intended], [body])
        try:
            target = self._twenty.model.object(plan.object)
            made = await create_field(self._twenty.client, target.id, plan)
        except OutcomeUnknown:
            made = await self._look_for(plan)
        events, payloads = _made(plan, made)
        await self._ledger.append([Draft(event, cause) for event in events], payloads)
        self.counts["created"] += 1

    async def _look_for(self, plan: FieldPlan) -> Field:
        """The answer was lost: what is there under the name, absent just before and equal to the plan, is ours."""
        await self._twenty.refresh()
        target = self._twenty.model.object(plan.object)
        there = target.fields.get(plan.name)
        if there is None:
            return await create_field(self._twenty.client, target.id, plan)
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
        await _record_added(self._ledger, plan.object, there, missing, cause)
        self.counts["options"] += len(missing)


def _made(plan: FieldPlan, made: Field) -> tuple[list[Event], list[Payload]]:
    events: list[Event] = [FieldCreated(object=plan.object, name=plan.name, twenty_id=made.id)]
    if not plan.options:
        return events, []
    added, body = _options_added(plan.object, made, plan.options)
    return [*events, added], [body]


def _options_added(object_name: str, there: Field, added: Mapping[str, str]) -> tuple[OptionsAdded, Payload]:
    body = seal(f"schema:{object_name}.{there.name}", {"options": dict(added)})
    event = OptionsAdded(
        object=object_name, name=there.name, twenty_id=there.id, values=tuple(added), payload_hash=body.hash
    )
    return event, body


def _missing_options(plan: FieldPlan, there: Field) -> dict[str, str]:
    present = {option.value for option in there.options or ()}
    return {value: label for value, label in plan.options.items() if value not in present}


@click.group("schema")
def command() -> None:
    """Twenty's data model: make what the mapping needs.

    Example:  kartra-to-twenty --sandbox schema apply --accept-defaults
    """


@command.command("apply")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@destination
@click.pass_obj
def apply_command(options: Options, folder: Path | None, accept_defaults: bool) -> None:
    """Make the fields and options that the mapping needs for the rows read so far, or for the exports of FOLDER.

    Doing it again changes nothing; `load` does it by itself.

    Example:  kartra-to-twenty --sandbox schema apply --accept-defaults
    """
    counts = run(options, lambda: _alone(options, folder, accept_defaults))
    if options.as_json:
        reporting.document(counts)
    else:
        reporting.line(", ".join(f"{name}: {count}" for name, count in counts.items()))


async def _alone(options: Options, folder: Path | None, accept_defaults: bool) -> dict[str, int]:
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter) if folder else None
    async with writing(options, "schema apply") as ledger, reach_twenty(options) as twenty:
        await refuse_unfinished(ledger.reader)
        await before_writing(ledger, twenty, ORDER, beside=False)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        files = files_seen(found) if found else ()
        started = RunStarted(command="schema apply", mapping_hash=signed.payload.hash, files=files)
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            wanted = await plan_of_files(ledger, signed.config, found.exports) if found else ()
            wanted = wanted or await plan_of(ledger, signed.config)
            outcome.counts = await apply(Working(ledger, twenty, reporter), wanted)
            return outcome.counts
