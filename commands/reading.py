"""What a command holds that only looks: the ledger, open for reading."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commands.options import Options
from commands.reporting import Reporter
from ledger.projections.automations import not_active
from ledger.reader import Reader


@asynccontextmanager
async def reading(options: Options) -> AsyncIterator[Reader]:
    """The ledger, for reading only."""
    async with Reader.open(options.ledger) as reader:
        await warn_of_paused(reader)
        yield reader


async def warn_of_paused(reader: Reader) -> None:
    """Tell the operator of automations that wait to be put back."""
    for one in await not_active(reader):
        Reporter().say(
            f"warning: automation {one.twenty_id} is paused; Twenty's trash takes it for good on"
            f" {one.trash_on or 'a day not known'}; `automations restore` puts it back"
        )
