"""plan: propose mapping.toml from the exports, column by column, and say what Twenty has of it already."""

from pathlib import Path

import anyio
import rich_click as click

from adapters.assist import AssistAddress, check_address
from adapters.twenty import Model
from commands import reporting
from commands.errors import WrongUse
from commands.extract import exports_in
from commands.options import DEFAULT_MAPPING, Options, destination
from commands.planning.assisting import Assistant
from commands.planning.file import check_place, stamped, write
from commands.planning.making import ALIASES, Planned, plan
from commands.planning.strangers import Left, left_alone
from commands.planning.telling import document_of, tell
from commands.reporting import Reporter
from commands.running import run
from commands.session import reach_twenty


@click.command("plan")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the mapping goes.  [default: as --mapping]")
@click.option("--force", is_flag=True, help="Replace a mapping that was edited.")
@click.option(
    "--assist",
    nargs=2,
    metavar="URL MODEL",
    help="Ask a model at an OpenAI-compatible URL about unmapped columns: headers and shapes of values are sent, no"
    " values. Its key comes from KARTRA_TO_TWENTY_ASSIST_KEY.",
)
@destination
@click.pass_obj
def command(options: Options, folder: Path, out: Path | None, force: bool, assist: tuple[str, str] | None) -> None:
    """Propose a mapping for the exports, and what it needs of Twenty's data model.

    Each column has a confidence and a reason. The mapping is written to be read, edited and confirmed; with a
    destination the plan says what Twenty has already.

    Example:  kartra-to-twenty --sandbox plan exports
    """
    path = out or options.mapping or DEFAULT_MAPPING
    planned, left = run(options, lambda: _plan(options, folder, path, force, assist))
    if options.as_json:
        reporting.document(document_of(planned, left, path))
    else:
        tell(planned, left, path)


async def _plan(
    options: Options, folder: Path, path: Path, force: bool, assist: tuple[str, str] | None
) -> tuple[Planned, tuple[Left, ...]]:
    check_place(path, force=force)
    assistant = _assistant(*assist) if assist else None
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    planned = await plan(found, await _model(options), assistant, reporter)
    write(path, stamped(planned.text))
    return planned, left_alone(found.unknown, ALIASES)


def _assistant(url: str, model: str) -> Assistant:
    try:
        check_address(url)
    except AssistAddress as error:
        raise WrongUse(str(error)) from error
    return Assistant(url=url, model=model)


async def _model(options: Options) -> Model | None:
    """Twenty's data model, where a destination is named."""
    if not (options.sandbox or options.twenty_url):
        return None
    async with reach_twenty(options) as twenty:
        return twenty.model
