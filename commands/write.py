"""write: send what is pending to Twenty, parents first, each record exactly once."""

from collections.abc import Mapping, Sequence

import msgspec
import rich_click as click

from adapters.twenty import BatchSize
from commands import reporting
from commands.automations import HOW, quiet
from commands.baseline import before_writing, take_baseline
from commands.delivery import Delivery
from commands.errors import UNDONE
from commands.mapping import last_mapping
from commands.objects import STANDARD, in_order, written_objects
from commands.options import Options, destination
from commands.policies import Policies, policies_of, policy_options
from commands.portions import Asked, Portion, portion_of
from commands.reporting import Reporter
from commands.running import run
from commands.session import Working, bind_workspace, reach_twenty, refuse_unfinished, run_of, writing
from commands.updating.addresses import move_addresses
from commands.updating.displacing import displace_again
from commands.updating.existing import adopt_again, meet_existing
from commands.updating.sending import Sending
from commands.updating.settling import settle_changes
from commands.updating.updates import link_late, retry, update
from ledger import work
from ledger.events import RunStarted
from ledger.work import Work


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a write came to, by object; `removed` is what left Kartra."""

    created: dict[str, int]
    updated: dict[str, int]
    adopted: dict[str, int]
    skipped: dict[str, int]
    rejected: dict[str, int]
    held: dict[str, int]
    removed: dict[str, int] = {}

    @property
    def undone(self) -> int:
        """Records that were left."""
        return sum(self.rejected.values()) + sum(self.held.values())


async def write(working: Working, portion: Portion, policies: Policies, *, changes: bool = False) -> Written:
    """Settle what may have left, then send what is pending of a portion, parents first.

    With `changes` the records that are there and not as they should be are changed too. Those that Twenty refuses are
    named and left.
    """
    await take_baseline(working.ledger, working.twenty, await written_objects(working.ledger.reader))
    size = BatchSize()
    delivery = Delivery(working, await working.ledger.reader.namespace(), size)
    sending = Sending(working, size)
    await delivery.settle()
    await settle_changes(working)
    await displace_again(working)
    await _begin_again(working, sending, policies)
    for object_name in portion.objects:
        keys = portion.keys_of(object_name)
        moved = await move_addresses(working, sending, object_name, policies) if changes else frozenset()
        await meet_existing(working, sending, object_name, policies, keys)
        await _write_object(working, delivery, object_name, keys)
        await link_late(working, sending, object_name, keys)
        if changes:
            await update(working, sending, object_name, policies, but=moved)
    return Written(
        created=+delivery.created,
        updated=+sending.updated,
        adopted=+sending.adopted,
        skipped=+sending.skipped,
        rejected=delivery.rejected + sending.rejected,
        held=delivery.held + sending.held,
    )


async def _begin_again(working: Working, sending: Sending, policies: Policies) -> None:
    """Changes and adoptions that were begun and did not land are made anew, from what Twenty holds now."""
    left: dict[tuple[str, bool], list[Work]] = {}
    for one in await work.intended(working.ledger.reader):
        left.setdefault((one.state.object, one.state.written_hash is None), []).append(one)
    for (object_name, new), records in left.items():
        await (adopt_again if new else retry)(working, sending, object_name, records, policies)


async def _write_object(working: Working, delivery: Delivery, object_name: str, keys: frozenset[str] | None) -> None:
    total = await work.count_pending(working.ledger.reader, object_name, keys)
    if not total:
        return
    with working.reporter.phase(object_name, total) as advance:
        await delivery.deliver(object_name, keys, advance)


@click.command("write")
@click.option("--automations", "how", type=HOW, help="What to do with automations that would fire.")
@click.option("--beside", is_flag=True, help="Write beside another ledger's records.")
@policy_options("existing", "adoption", "deleted")
@destination
@click.pass_context
def command(context: click.Context, /, how: str | None, beside: bool, **policies: tuple[str, ...]) -> None:
    """Only write the records made.

    Example:  kartra-to-twenty --sandbox write --automations leave
    """
    options: Options = context.obj
    written = run(options, lambda: _alone(options, how, beside, policies))
    if options.as_json:
        reporting.document(written)
    else:
        parts = msgspec.structs.astuple(written)
        names = in_order({name: None for part in parts for name in part})
        rows = [(name, *(part.get(name, 0) for part in parts)) for name in names]
        reporting.table(["object", *Written.__struct_fields__], rows, right=frozenset(range(1, 8)))
    context.exit(UNDONE if written.undone else 0)


async def _alone(options: Options, how: str | None, beside: bool, said: Mapping[str, Sequence[str]]) -> Written:
    async with writing(options, "write") as ledger, reach_twenty(options) as twenty:
        await refuse_unfinished(ledger.reader)
        await before_writing(ledger, twenty, STANDARD, beside=beside)
        working = Working(ledger, twenty, Reporter())
        last = await last_mapping(ledger)
        policies = policies_of(last.config, said) if last else Policies()
        started = RunStarted(command="write", settings={"automations": how}, policies=policies.said)
        async with run_of(ledger, started) as outcome:
            await bind_workspace(ledger, twenty)
            portion = await portion_of(ledger.reader, Asked())
            async with quiet(working, portion.objects, how):
                written = await write(working, portion, policies)
            outcome.counts = {name: sum(part.values()) for name, part in msgspec.structs.asdict(written).items()}
            outcome.undone = written.undone
            return written
