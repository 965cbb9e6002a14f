"""News of a ledger, as server-sent events: its head whenever that has moved."""

from collections.abc import AsyncIterator

import anyio
import msgspec
from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage, Stream

from adapters.console import asked
from adapters.console.answers import Plain, is_head, shelf_of
from adapters.console.opened import OpenLedger

_QUIET_S = 15
"""How long nothing is said before a sign of life, so that no proxy takes the line for dead."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """How far the ledger was counted, and whether a process is writing to it."""

    position: int
    running: bool


@get("/ledgers/{ledger:str}/live", include_in_schema=False)
async def live(request: Plain, ledger: asked.Ledger) -> Stream:
    """The news, until the reader goes."""
    opened = shelf_of(request).find(ledger)
    return ServerSentEvent(iter(()) if is_head(request) else _news(opened))


async def _news(opened: OpenLedger) -> AsyncIterator[ServerSentEventMessage]:
    while not opened.closing:
        # The event first: what changes while the news is being sent is not missed.
        changed, at = opened.changed, opened.latest
        if at is not None:
            said = msgspec.json.encode(News(position=at.counted, running=at.running)).decode()
            yield ServerSentEventMessage(event="head", data=said)
        with anyio.move_on_after(_QUIET_S):
            await changed.wait()
