"""write: send what is pending to Twenty, parents first, each record exactly once."""

import msgspec
import rich_click as click

from adapters.twenty import BatchSize
from commands import reporting
from commands.automations import HOW, quiet
from commands.baseline import before_writing, take_baseline
from commands.collisions import hold_collisions
from commands.delivery import Delivery
from commands.errors import UNDONE
from commands.objects import STANDARD, in_order, written_objects
from commands.options import Options, destination
from commands.portions import Asked, Portion, portion_of
from commands.reporting import Reporter
from commands.running import run
from commands.session import Working, bind_workspace, reach_twenty, refuse_unfinished, run_of, writing
from ledger import work
from ledger.events import RunStarted


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a write came to, by object."""

    created: dict[str, int]
    rejected: dict[str, int]
    held: dict[str, int]

    @property
    def undone(self) -> int:
        """Records that were left."""
        return sum(self.rejected.values()) + sum(self.held.values())


async def write(working: Working, portion: Portion) -> Written:
    """Settle what may have left, then send what is pending of a portion, parents first.

    Records that Twenty refuses are named and left.
    """
    await take_baseline(working.ledger, working.twenty, await written_objects(working.ledger.reader))
    delivery = Delivery(working, await working.ledger.reader.namespace(), BatchSize())
    await delivery.settle()
    for object_name in portion.objects:
        await _write_object(working, delivery, object_name, portion.keys_of(object_name))
    return Written(created=delivery.created, rejected=delivery.rejected, held=delivery.held)


async def _write_object(working: Working, delivery: Delivery, object_name: str, keys: frozenset[str] | None) -> None:
    total = await work.count_pending(working.ledger.reader, object_name, keys)
    if not total:
        return
    delivery.count_held(object_name, await hold_collisions(working, object_name, keys))
    after = 0
    with working.reporter.phase(object_name, total) as advance:
        while batch := await work.pending(working.ledger.reader, object_name, delivery.limit, after, keys):
            after = batch[-1].state.position
            await delivery.deliver(object_name, batch)
            advance(len(batch))


@click.command("write")
@click.option("--automations", "how", type=HOW, help="What to do with automations that would fire.")
@click.option("--beside", is_flag=True, help="Write beside another ledger's records.")
@destination
@click.pass_context
def command(context: click.Context, how: str | None, beside: bool) -> None:
    """Only write the records made.

    Example:  kartra-to-twenty --sandbox write --automations leave
    """
    options: Options = context.obj
    written = run(options, lambda: _alone(options, how, beside))
    if options.as_json:
        reporting.document(written)
    else:
        parts = msgspec.structs.astuple(written)
        names = in_order({name: None for part in parts for name in part})
        rows = [(name, *(part.get(name, 0) for part in parts)) for name in names]
        reporting.table(["object", *Written.__struct_fields__], rows, right=frozenset({1, 2, 3}))
    context.exit(UNDONE if written.undone else 0)


async def _alone(options: Options, how: str | None, beside: bool) -> Written:
    async with writing(options, "write") as ledger, reach_twenty(options) as twenty:
        await refuse_unfinished(ledger.reader)
        await before_writing(ledger, twenty, STANDARD, beside=beside)
        working = Working(ledger, twenty, Reporter())
        async with run_of(ledger, RunStarted(command="write", settings={"automations": how})) as outcome:
            await bind_workspace(ledger, twenty)
            portion = await portion_of(ledger.reader, Asked())
            async with quiet(working, portion.objects, how):
                written = await write(working, portion)
            outcome.counts = {name: sum(part.values()) for name, part in msgspec.structs.asdict(written).items()}
            outcome.undone = written.undone
            return written
