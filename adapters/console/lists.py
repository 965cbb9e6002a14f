"""Every list that can be had as a file, and how the page behind a cursor is read of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import NotFound
from adapters.console.opened import OpenLedger
from adapters.console.resources.events import EventsAsked, list_events
from adapters.console.resources.files import list_files, list_rows
from adapters.console.resources.holds import HoldsAsked, list_holds
from adapters.console.resources.records import RecordsAsked, list_records
from adapters.console.resources.runs import RunListed, list_runs
from ledger.listings.events import Told, find_events
from ledger.listings.files import FileListed, SourceRow
from ledger.listings.holds import HoldListed
from ledger.listings.records import Listed
from ledger.listings.stories import story_positions
from ledger.reader import Reader

AT_ONCE = 500
"""How many items there are on a page, or fewer where they are large."""

Items = tuple[Sequence[msgspec.Struct], str | None]
"""A page's items, and the next cursor."""


class Listing(msgspec.Struct, frozen=True):
    """What kind of items a list has, and what reads the page behind a cursor."""

    kind: type[msgspec.Struct]
    read: Callable[[OpenLedger, Reader, str | None], Awaitable[Items]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of every list, and whose story or which file's rows are wanted."""

    records: RecordsAsked
    events: EventsAsked
    holds: HoldsAsked
    file: str
    stream: str
    object: str | None
    email: Callable[[str], str | None]


class _Page(Protocol):
    @property
    def items(self) -> Sequence[Any]: ...

    @property
    def next(self) -> str | None: ...


def listings(asked: Asked) -> Mapping[str, Listing]:
    """The lists by their names."""
    return {
        "records": _paged(Listed, lambda _, r, at: list_records(r, asked.records, at, AT_ONCE, asked.email)),
        "events": _paged(Told, lambda opened, r, at: list_events(opened, r, asked.events, at, AT_ONCE)),
        "holds": _paged(HoldListed, lambda _, r, at: list_holds(r, asked.holds, at, AT_ONCE)),
        "rows": _paged(SourceRow, lambda _, r, at: list_rows(r, asked.file, None, at, AT_ONCE)),
        "story": Listing(Told, lambda _, r, at: _story(r, asked.stream, asked.object, at)),
        "runs": Listing(RunListed, _runs),
        "files": Listing(FileListed, _files),
    }


def _paged(kind: type[msgspec.Struct], ask: Callable[[OpenLedger, Reader, str | None], Awaitable[_Page]]) -> Listing:
    async def read(opened: OpenLedger, reader: Reader, at: str | None) -> Items:
        page = await ask(opened, reader, at)
        return page.items, page.next

    return Listing(kind, read)


async def _story(reader: Reader, stream: str, object_name: str | None, at: str | None) -> Items:
    begin = behind(at, int) or 0
    positions = [one for one in await story_positions(reader, stream, object_name) if one > begin]
    if not positions and not begin:
        raise NotFound(f"nothing is on record of {stream}; look for it among the records")
    found = await find_events(reader, positions[:AT_ONCE])
    return found, cursor(positions[AT_ONCE - 1]) if len(positions) > AT_ONCE else None


async def _runs(opened: OpenLedger, reader: Reader, at: str | None) -> Items:
    page = await list_runs(opened, reader, await opened.at(reader), at, AT_ONCE)
    return page.items, page.next


async def _files(_opened: OpenLedger, reader: Reader, _at: str | None) -> Items:
    return await list_files(reader), None
