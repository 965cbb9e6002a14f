"""transform: make records of the rows read. Pure mapping over the ledger's rows; nothing is sent."""

from collections.abc import Sequence

import msgspec
import rich_click as click

from adapters.mapping import MappingConfig
from commands import reporting
from commands.making.affiliates import Affiliates, make_affiliates
from commands.making.bought import make_bookings, make_subscriptions, make_transactions
from commands.making.maker import Maker
from commands.making.people import make_companies, make_people
from commands.making.prepared import prepare
from commands.mapping import signed_mapping
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from ledger.events import RunStarted
from ledger.store import Ledger


class Transformed(msgspec.Struct, frozen=True, kw_only=True):
    """What a transform came to: records made or made anew by object, how many stayed as they were, rows held."""

    made: dict[str, int]
    unchanged: int
    held: int
    warnings: int


async def transform(
    ledger: Ledger, config: MappingConfig, mapping_hash: str, reporter: Reporter, files: Sequence[str] | None = None
) -> Transformed:
    """Make the records of all streams, or of those that some files speak of; append those that are new or changed.

    People come first, since what they bought points at them; the companies named on the way come last.
    """
    maker = Maker(ledger, config, mapping_hash, await prepare(ledger, config), await ledger.reader.digest_key())
    await make_people(maker, files, reporter)
    affiliates = Affiliates(config.source.currency)
    await make_transactions(maker, affiliates, reporter)
    await make_subscriptions(maker, files, reporter)
    await make_bookings(maker, files, reporter)
    await make_affiliates(maker, affiliates, reporter)
    await make_companies(maker)
    return Transformed(made=maker.made, unchanged=maker.unchanged, held=maker.held, warnings=maker.warnings)


@click.command("transform")
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@general
@click.pass_obj
def command(options: Options, accept_defaults: bool) -> None:
    """Only make records of the rows read; nothing is sent.

    Example:  kartra-to-twenty transform --accept-defaults
    """
    counts = run(options, lambda: _alone(options, accept_defaults))
    if options.as_json:
        reporting.document(counts)
    else:
        reporting.line(", ".join(f"{name}: {count}" for name, count in counts.items()))


async def _alone(options: Options, accept_defaults: bool) -> dict[str, int]:
    async with writing(options, "transform") as ledger:
        await refuse_unfinished(ledger.reader)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        started = RunStarted(command="transform", mapping_hash=signed.payload.hash)
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            done = await transform(ledger, signed.config, signed.payload.hash, Reporter())
            outcome.counts = {**done.made, "unchanged": done.unchanged, "held": done.held, "warnings": done.warnings}
            return outcome.counts
