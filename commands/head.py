"""head: position and hash of the last event, one line to keep elsewhere (ticket, mail, git)."""

import click

from commands import reporting
from commands.faces import Looking
from commands.options import Options, general
from commands.reading import reading
from commands.running import look
from ledger.reader import Head


async def head(options: Options) -> Head:
    """The last event's position and hash."""
    async with reading(options) as reader:
        return await reader.head()


@click.command("head", cls=Looking)
@general
@click.pass_obj
def command(options: Options) -> None:
    """Position and hash of the last event, to keep elsewhere.

    `verify --expect` proves against it that nothing was cut off.

    Example:  kartra-to-twenty head
    """
    found = look(options, lambda: head(options))
    if options.as_json:
        reporting.document({"position": found.position, "hash": found.hash})
    else:
        reporting.line(str(found))
