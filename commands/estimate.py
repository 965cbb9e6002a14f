"""estimate: records, calls and time of a load and of its rollback, from the exports alone."""

from pathlib import Path

import anyio
import rich_click as click

from adapters.mapping import load_mapping
from commands import reporting
from commands.counting import records_in
from commands.estimating import Cost, Estimate, estimate, estimate_document, words_of
from commands.extract import exports_in
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run


async def estimate_folder(options: Options, folder: Path) -> Estimate:
    """Estimate a first load of a folder into an empty workspace with the automation every new one has.

    Raises:
        KartraError, MappingError, WrongUse: the folder or the mapping cannot be used.
    """
    config = load_mapping(options.mapping_path)
    found = await anyio.to_thread.run_sync(exports_in, folder, Reporter())
    return estimate(await records_in(found.exports, config))


@click.command("estimate")
@click.argument("folder", type=click.Path(path_type=Path))
@general
@click.pass_obj
def command(options: Options, folder: Path) -> None:
    """Records, calls and time of a load, and of taking it back. Needs no Twenty and no ledger.

    Counts what the exports of FOLDER come to; rows that would be held are left out. Calls on the data model are not
    limited, and not counted.

    Example:  kartra-to-twenty estimate exports
    """
    done = run(options, lambda: estimate_folder(options, folder))
    if options.as_json:
        reporting.document(estimate_document(done))
    else:
        _tell(done)


def _tell(done: Estimate) -> None:
    current, documented = done.costs
    rows = [(name, count, current.creates[name], documented.creates[name]) for name, count in done.records.items()]
    heads = ["object", "records", *(f"creates of {one.limits.batch}" for one in done.costs)]
    reporting.table(heads, rows, right=frozenset({1, 2, 3}))
    reporting.line("")
    columns = ["limits", "calls a minute", "a create takes", "calls", "time", "to take back", "time"]
    reporting.table(columns, [_row(one) for one in done.costs], right=frozenset(range(1, 7)))


def _row(cost: Cost) -> tuple[object, ...]:
    limits = cost.limits
    a_minute = limits.calls * 60 // limits.window_s
    load = (cost.calls, words_of(cost.seconds))
    return (limits.name, a_minute, limits.batch, *load, cost.rollback_calls, words_of(cost.rollback_seconds))
