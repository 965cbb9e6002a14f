"""ledger: care of the ledger file."""

import rich_click as click

from commands import reporting
from commands.options import Options, general
from commands.running import run
from commands.session import writing


async def rebuild(options: Options) -> int:
    """Empty the projections and fold every event again; answers how many there were."""
    async with writing(options, "ledger rebuild") as ledger:
        return await ledger.rebuild()


@click.group("ledger")
def command() -> None:
    """Care of the ledger file.

    Example:  kartra-to-twenty ledger rebuild
    """


@command.command("rebuild")
@general
@click.pass_obj
def rebuild_command(options: Options) -> None:
    """Fold every event again from zero; the projections come out as they should be.

    Example:  kartra-to-twenty ledger rebuild
    """
    events = run(options, lambda: rebuild(options))
    if options.as_json:
        reporting.document({"events": events})
    else:
        reporting.line(f"folded {events} events")
