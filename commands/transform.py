"""transform: make records of the rows read. Pure mapping over the ledger's rows; nothing is sent."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec
import rich_click as click

from adapters.mapping import MappingConfig
from commands import reporting
from commands.errors import UNDONE
from commands.making.bought import make_bookings, make_sales, make_subscriptions
from commands.making.maker import Maker
from commands.making.people import make_companies, make_people
from commands.making.prepared import Prepared, prepare
from commands.mapping import signed_mapping
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from ledger import work
from ledger.events import RunStarted
from ledger.projections import runs
from ledger.store import Ledger


class Transformed(msgspec.Struct, frozen=True, kw_only=True):
    """What a transform came to: records made or made anew by object, how many stayed as they were, rows held.

    `again` counts those made anew as they were, since they are not in Twenty.
    """

    made: dict[str, int] = {}
    again: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    held: int = 0
    warnings: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Everything, by name; what is made again is among what is made."""
        told = msgspec.structs.asdict(self)
        del told["again"]
        return {**told.pop("made"), **told}


async def transform(
    ledger: Ledger,
    config: MappingConfig,
    mapping_hash: str,
    reporter: Reporter,
    files: Sequence[str] | None = None,
    prepared: Prepared | None = None,
    again: AbstractSet[str] = frozenset(),
) -> Transformed:
    """Make the records of all streams, or of those that some files speak of; append those that are new or changed.

    Streams to be made `again` are made whatever files speak of them.
    Under another mapping than before all streams are mapped again, and what it does not make any more is withdrawn.
    People come first, since what they bought points at them; the companies named on the way come last.
    """
    before = ledger.head.position
    prepared = prepared or await prepare(ledger, config)
    maker = Maker(ledger, config, mapping_hash, prepared, await ledger.reader.digest_key(), again)
    everything = files is None or await runs.mapped_otherwise(ledger.reader, mapping_hash)
    some = None if everything else files
    await make_people(maker, some, reporter)
    await make_sales(maker, some, reporter)
    await make_subscriptions(maker, some, reporter)
    await make_bookings(maker, some, reporter)
    await make_companies(maker)
    if everything:
        # What was made or made anew just now stands behind all there was.
        async for derived in work.derived(ledger.reader, before):
            await maker.withdraw(one for one in derived if one[1] not in prepared.erased and not maker.makes(*one))
    return Transformed(
        made=maker.made,
        again=maker.missed,
        unchanged=maker.unchanged,
        withdrawn=maker.withdrawn,
        held=maker.held,
        warnings=maker.warnings,
    )


@click.command("transform")
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@general
@click.pass_context
def command(context: click.Context, accept_defaults: bool) -> None:
    """Only make records of the rows read; nothing is sent.

    Example:  kartra-to-twenty transform --accept-defaults
    """
    options: Options = context.obj
    done = run(options, lambda: _alone(options, accept_defaults))
    if options.as_json:
        reporting.document(done.counts)
    else:
        reporting.line(", ".join(f"{name}: {count}" for name, count in done.counts.items()))
    context.exit(UNDONE if done.held else 0)


async def _alone(options: Options, accept_defaults: bool) -> Transformed:
    async with writing(options, "transform") as ledger:
        await refuse_unfinished(ledger.reader)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        started = RunStarted(command="transform", mapping_hash=signed.payload.hash)
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            done = await transform(ledger, signed.config, signed.payload.hash, Reporter())
            outcome.counts, outcome.undone = done.counts, done.held
            return done
