"""Pages that one looks things up on: records and their stories, events, files and rows, holds."""

from typing import Any

from litestar import Response, get

from adapters.console import asked
from adapters.console.answers import Plain, seen, shelf_of
from adapters.console.errors import NotCounted
from adapters.console.pages.rendering import page
from adapters.console.resources.events import EventPage, EventsAsked, list_events, tell_event
from adapters.console.resources.files import list_files, list_rows
from adapters.console.resources.holds import HoldsAsked, list_holds
from adapters.console.resources.pointing import PointingTold, tell_pointing
from adapters.console.resources.records import RecordPage, RecordsAsked, list_records
from adapters.console.resources.runs import CHOICES, RunPage, list_runs
from adapters.console.resources.story import tell_story
from ledger.events import EVENTS
from ledger.listings.holds import STATES as HOLD_STATES
from ledger.listings.holds import WAITING
from ledger.listings.records import SHOWN, recorded_objects


@get("/ledgers/{ledger:str}/records", include_in_schema=False)
async def records_page(
    request: Plain,
    ledger: asked.Ledger,
    q: asked.Words = "",
    object_name: asked.Object = None,
    in_state: asked.State = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[str]:
    """Records, or what was found."""
    wanted = RecordsAsked(q=q, object=object_name or None, state=in_state or None)
    email = shelf_of(request).settings.given.normal_email

    async def read(_opened: Any, reader: Any, _at: Any) -> tuple[RecordPage, list[str]]:
        return await list_records(reader, wanted, cursor or None, limit, email), await recorded_objects(reader)

    (found, objects), at = await seen(request, ledger, read)
    return page(request, "records.html", ledger, at, wanted=wanted, found=found, objects=objects, states=SHOWN)


@get("/ledgers/{ledger:str}/record", include_in_schema=False)
async def record_page(
    request: Plain, ledger: asked.Ledger, key: asked.Stream, object_name: asked.Object = None
) -> Response[str]:
    """One record's whole story."""
    found, at = await seen(request, ledger, lambda _, reader, __: tell_story(reader, key, object_name or None))
    return page(request, "record.html", ledger, at, told=found, story=found.story)


@get("/ledgers/{ledger:str}/pointing", include_in_schema=False)
async def pointing_page(
    request: Plain, ledger: asked.Ledger, key: asked.Stream, object_name: asked.OneObject
) -> Response[str]:
    """What points at a record."""

    async def read(opened: Any, reader: Any, at: Any) -> PointingTold | None:
        try:
            return await tell_pointing(opened, reader, at, key, object_name)
        except NotCounted:
            return None

    found, at = await seen(request, ledger, read)
    return page(request, "pointing.html", ledger, at, found=found, key=key, object=object_name)


@get("/ledgers/{ledger:str}/events", include_in_schema=False)
async def events_page(
    request: Plain,
    ledger: asked.Ledger,
    type_name: asked.Type = None,
    run: asked.OfRun = None,
    stream: asked.OfStream = None,
    twenty_id: asked.TwentyId = None,
    oldest_first: asked.Oldest = False,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[str]:
    """Events."""
    wanted = EventsAsked(
        type=type_name or None,
        run=run or None,
        stream=stream or None,
        twenty_id=twenty_id or None,
        oldest_first=oldest_first,
    )

    async def read(opened: Any, reader: Any, at: Any) -> tuple[EventPage, RunPage]:
        page_ = await list_events(opened, reader, wanted, cursor or None, limit)
        return page_, await list_runs(opened, reader, at, None, CHOICES)

    (found, runs), at = await seen(request, ledger, read)
    return page(request, "events.html", ledger, at, wanted=wanted, found=found, runs=runs.items, types=sorted(EVENTS))


@get("/ledgers/{ledger:str}/events/{position:int}", include_in_schema=False)
async def event_page(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[str]:
    """One event in full."""
    found, at = await seen(request, ledger, lambda _, reader, __: tell_event(reader, position))
    return page(request, "event.html", ledger, at, told=found, event=found.event)


@get("/ledgers/{ledger:str}/files", include_in_schema=False)
async def files_page(request: Plain, ledger: asked.Ledger) -> Response[str]:
    """Every file of every run."""
    found, at = await seen(request, ledger, lambda _, reader, __: list_files(reader))
    return page(request, "files.html", ledger, at, files=found)


@get("/ledgers/{ledger:str}/files/{file:str}", include_in_schema=False)
async def rows_page(
    request: Plain,
    ledger: asked.Ledger,
    file: asked.File,
    line: asked.Line = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[str]:
    """The rows of a file."""
    found, at = await seen(request, ledger, lambda _, reader, __: list_rows(reader, file, line, cursor or None, limit))
    return page(request, "file.html", ledger, at, found=found, line=line)


@get("/ledgers/{ledger:str}/holds", include_in_schema=False)
async def holds_page(
    request: Plain,
    ledger: asked.Ledger,
    in_state: asked.HoldState = WAITING,
    reason: asked.Reason = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[str]:
    """Holds by reason."""
    wanted = HoldsAsked(state=in_state or WAITING, reason=reason or None)
    found, at = await seen(request, ledger, lambda _, reader, __: list_holds(reader, wanted, cursor or None, limit))
    return page(request, "holds.html", ledger, at, wanted=wanted, found=found, states=HOLD_STATES)


HANDLERS = [
    records_page, record_page, pointing_page, events_page, event_page, files_page, rows_page, holds_page,
]  # fmt: skip
