"""schema apply: make the objects, fields and options the mapping needs; equal ones are adopted, others refused."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import rich_click as click

from adapters.kartra import Export
from adapters.mapping import MappingConfig, object_plans, plans
from commands import reporting
from commands.baseline import before_writing
from commands.extract import exports_in, files_seen
from commands.making.prepared import Prepared, known_options, prepare
from commands.mapping import signed_mapping
from commands.modelling import Wanted, apply
from commands.objects import STANDARD
from commands.options import Options, destination
from commands.planning.needs import needs_of
from commands.present import known_ids
from commands.reporting import Reporter
from commands.running import run
from commands.session import Working, bind_workspace, reach_twenty, refuse_unfinished, run_of, writing
from ledger import work
from ledger.events import RunStarted
from ledger.store import Ledger


async def plan_of(ledger: Ledger, config: MappingConfig, prepared: Prepared | None = None) -> Wanted:
    """What the records of the ledger need; before there are any, all that the mapping names."""
    words = (prepared or await prepare(ledger, config)).words
    wanted = Wanted(objects=object_plans(config), fields=plans(config, words), ids=await known_ids(ledger.reader))
    objects = await work.objects(ledger.reader)
    return wanted.only(objects) if objects else wanted


async def plan_of_files(ledger: Ledger, config: MappingConfig, exports: Sequence[Export]) -> Wanted:
    """What files need that were not read into the ledger yet; rows that would be held ask for nothing."""
    return needs_of(config, exports, await known_options(ledger))


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
        await before_writing(ledger, twenty, STANDARD, beside=False)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        files = files_seen(found) if found else ()
        started = RunStarted(command="schema apply", mapping_hash=signed.payload.hash, files=files)
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            wanted = await plan_of_files(ledger, signed.config, found.exports) if found else None
            wanted = wanted or await plan_of(ledger, signed.config)
            outcome.counts = await apply(Working(ledger, twenty, reporter), wanted)
            return outcome.counts
