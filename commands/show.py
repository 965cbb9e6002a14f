"""show: one event in full, with its body."""

from typing import Any

import click
import msgspec

from commands import reporting
from commands.errors import WrongUse
from commands.faces import Looking
from commands.options import Options, general
from commands.reading import reading
from commands.running import look
from ledger.events import bodies, split

_LAST = 2**63 - 1
"""The highest position SQLite can count to."""


async def show(options: Options, position: int) -> dict[str, Any]:
    """An event with every body it names; an erased body shows as null.

    Raises:
        WrongUse: there is no such position.
    """
    async with reading(options) as reader:
        found = await reader.find(position)
        if found is None:
            raise WrongUse(f"there is no event {position}; the last one is {(await reader.head()).position}")
        columns, own = split(found.event)
        envelopes = {hash_: await reader.envelope(hash_) for hash_ in bodies(found.event)}
        envelope = {name: getattr(found, name) for name in found.__struct_fields__ if name != "event"}
        return {**envelope, "type": type(found.event).__name__, **columns, "data": own, "bodies": envelopes}


@click.command("show", cls=Looking)
@click.argument("position", type=click.IntRange(1, _LAST))
@general
@click.pass_obj
def command(options: Options, position: int) -> None:
    """One event in full, with its body.

    Example:  kartra-to-twenty show 1
    """
    event = look(options, lambda: show(options, position))
    if options.as_json:
        reporting.document(event)
        return
    for name, value in event.items():
        if name not in ("data", "bodies") and value is not None:
            reporting.line(f"{name:<13}{reporting.printable(value)}")
    reporting.document({"data": event["data"], "bodies": msgspec.to_builtins(event["bodies"])})
