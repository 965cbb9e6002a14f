"""The moments at which a command under test is struck, by name and count: the program's own seams, wrapped.

before:TYPE:N    about to append the N-th batch of events that holds one of this type
inside:TYPE:N    in that append's transaction: event rows and bodies are inserted, nothing is folded or committed
folded:TYPE:N    in that append's transaction: all is written, the commit is still to come
after:TYPE:N     that append is durable
leaving:KIND:N   the N-th call of this kind (create, destroy, metadata_write, …) is about to leave
answered:KIND:N  Twenty has done it and begins to answer; nobody has read the answer yet
paged:STREAMS:N  the N-th page of these streams (contact, transaction, …) is about to be transformed

TYPE may name an object too (`RecordCreated/note`), and KIND the root of a mutation (`createNotes`, `deleteOneObject`).
"""

import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx

import commands.compensation.destroying
import commands.compensation.waiting
import commands.extract
import commands.write
import ledger.folding
import ledger.work
from adapters.twenty import TwentyClient
from adapters.twenty.batches import BatchSize
from ledger.events import Event
from ledger.reader import Reader
from ledger.store import Draft, Ledger

Reach = Callable[[str], None]

_ROOT = re.compile(r"^mutation.*?[{](\w+)[(]")

ROWS_AN_APPEND = 40
STREAMS_A_PAGE = 25
RECORDS_A_CREATE = 20
RECORDS_A_DESTROY = 30
POLL_S = 0.15
PATIENCE_S = 2.0
TIMEOUT_S = 4.0
"""Of a call; so long a rollback waits for one of unknown outcome."""


def trap(point: str, number: int) -> Reach:
    """A function that is told every moment as it comes, and sends this process a signal at the one named."""
    name, _, count = point.rpartition(":")
    reached: Counter[str] = Counter()

    def reach(moment: str) -> None:
        reached[moment] += 1
        if moment == name and reached[moment] == int(count):
            os.kill(os.getpid(), number)

    return reach


def make_small() -> None:
    """Work in small portions, so that little data makes many batches, pages and calls; poll often, give up early."""
    commands.extract.CHUNK = ROWS_AN_APPEND
    commands.write.BatchSize = partial(BatchSize, RECORDS_A_CREATE)  # type: ignore[misc,assignment]
    commands.compensation.destroying.DESTROYED_A_CALL = RECORDS_A_DESTROY
    commands.compensation.waiting.POLL_S = POLL_S
    TwentyClient.open = staticmethod(partial(TwentyClient.open, timeout_s=TIMEOUT_S, patience_s=PATIENCE_S))  # type: ignore[method-assign,assignment]


def install(reach: Reach) -> None:
    """Tell `reach` of every moment this process comes to from now on."""
    _watch_appends(reach)
    _watch_transactions(reach)
    _watch_calls(reach)
    _watch_pages(reach)


def _watch_appends(reach: Reach) -> None:
    append = Ledger.append

    async def watched(self: Ledger, drafts: Iterable[Any], payloads: Iterable[Any] = ()) -> list[int]:
        some = list(drafts)
        types = sorted({name for one in some for name in _names(one.event if isinstance(one, Draft) else one)})
        for name in types:
            reach(f"before:{name}")
        positions = await append(self, some, payloads)
        for name in types:
            reach(f"after:{name}")
        return positions

    Ledger.append = watched  # type: ignore[method-assign]


def _names(event: Event) -> Iterator[str]:
    name = type(event).__name__
    yield name
    if concerned := getattr(event, "object", None):
        yield f"{name}/{concerned}"


def _watch_transactions(reach: Reach) -> None:
    fold = ledger.folding.fold

    def watched(connection: Any, events: Sequence[Mapping[str, Any]]) -> None:
        types = sorted({name for row in events for name in (row["type"], f"{row['type']}/{row['object']}")})
        for name in types:
            reach(f"inside:{name}")
        fold(connection, events)
        for name in types:
            reach(f"folded:{name}")

    ledger.folding.fold = watched  # type: ignore[assignment]


def _watch_calls(reach: Reach) -> None:
    counted, stream = TwentyClient._counted, httpx.AsyncClient.stream
    under_way: list[str] = []

    async def leaving(self: TwentyClient, kind: str, endpoint: str, document: str, variables: Any) -> Any:
        name = "metadata_write" if kind == "metadata" and document.startswith("mutation") else kind
        under_way[:] = [name, *_ROOT.findall(document)[:1]]
        for one in under_way:
            reach(f"leaving:{one}")
        return await counted(self, kind, endpoint, document, variables)

    @asynccontextmanager
    async def answered(self: httpx.AsyncClient, *args: Any, **options: Any) -> AsyncIterator[httpx.Response]:
        async with stream(self, *args, **options) as response:
            for one in under_way:
                reach(f"answered:{one}")
            yield response

    TwentyClient._counted = leaving  # type: ignore[method-assign]
    httpx.AsyncClient.stream = answered  # type: ignore[method-assign]


def _watch_pages(reach: Reach) -> None:
    pages = ledger.work.streams_in_order

    async def smaller(reader: Reader, prefix: str, *more: Any) -> AsyncIterator[list[Any]]:
        async for streams in pages(reader, prefix, *more):
            for start in range(0, len(streams), STREAMS_A_PAGE):
                reach(f"paged:{prefix.removesuffix(':')}")
                yield streams[start : start + STREAMS_A_PAGE]

    ledger.work.streams_in_order = smaller  # type: ignore[assignment]
