"""The JSON API, `/api/v1`: the same data as the pages. It only reads."""

from functools import partial
from typing import Any

import msgspec
from litestar import Response, Router, get

from adapters.console import asked
from adapters.console.answers import Plain, answer, seen, shelf_of
from adapters.console.described import REFUSALS, STAMPS, UNCHANGED
from adapters.console.resources.events import EventPage, EventsAsked, EventTold, list_events, tell_event
from adapters.console.resources.files import RowPage, list_files, list_rows
from adapters.console.resources.holds import HoldPage, HoldsAsked, list_holds
from adapters.console.resources.integrity import Integrity, tell_integrity
from adapters.console.resources.mappings import MappingTold, list_mappings, tell_mapping
from adapters.console.resources.overview import Overview, overview
from adapters.console.resources.plan import PlanTold, planned, tell_plan
from adapters.console.resources.pointing import PointingTold, tell_pointing
from adapters.console.resources.records import RecordPage, RecordsAsked, list_records
from adapters.console.resources.reports import ReportPage, ReportTold, list_reports, tell_report
from adapters.console.resources.runs import RunPage, RunTold, list_runs, tell_run
from adapters.console.resources.story import StoryTold, tell_story
from ledger.listings.files import FileListed
from ledger.listings.holds import WAITING

_read = partial(get, responses=REFUSALS | UNCHANGED, response_headers=STAMPS)
_counted = partial(get, responses=REFUSALS, response_headers=STAMPS)


class LedgerListed(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger that is shown, and its head."""

    ledger: str
    file: str
    head: str
    recorded_at: str
    running: bool


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The ledgers that are shown."""

    items: list[LedgerListed]


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """Every file of every run."""

    items: list[FileListed]


async def ledgers_shown(request: Plain) -> list[LedgerListed]:
    """Every ledger with its head."""
    found = []
    for slug, opened in shelf_of(request).ledgers.items():
        _, at = await seen(request, slug, _nothing)
        found.append(
            LedgerListed(
                ledger=slug, file=opened.path.name, head=str(at.head), recorded_at=at.recorded_at, running=at.running
            )
        )
    return found


async def _nothing(*_: Any) -> None:
    return None


@get("/ledgers", responses=REFUSALS, summary="The ledgers that are shown")
async def api_ledgers(request: Plain) -> Listing:
    """Each by its word, with its head."""
    return Listing(items=await ledgers_shown(request))


@_counted("/ledgers/{ledger:str}", summary="A ledger at a glance")
async def api_overview(request: Plain, ledger: asked.Ledger) -> Response[Overview]:
    """Books, runs, holds, integrity and the timeline. `books.upto` says to which event the books go."""
    return await answer(request, ledger, overview, _upto)


def _upto(found: Overview) -> int:
    return min(found.books.upto if found.books else 0, found.counted)


@_read("/ledgers/{ledger:str}/integrity", summary="Head, verification, comparison and sign-off on record")
async def api_integrity(request: Plain, ledger: asked.Ledger) -> Response[Integrity]:
    """Keep the head elsewhere: with it `verify --expect` proves later that nothing was cut off."""
    return await answer(request, ledger, lambda _opened, reader, at: tell_integrity(reader, at))


@_read("/ledgers/{ledger:str}/runs", summary="Runs, newest first")
async def api_runs(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 50
) -> Response[RunPage]:
    """Who ran what, and how it ended."""
    return await answer(
        request, ledger, lambda opened, reader, at: list_runs(opened, reader, at, cursor, limit), by_pulse=True
    )


@_read("/ledgers/{ledger:str}/runs/{run:str}", summary="One run")
async def api_run(request: Plain, ledger: asked.Ledger, run: asked.Run) -> Response[RunTold]:
    """Its events by stage, calls, rate, errors and interruptions."""
    return await answer(request, ledger, lambda opened, reader, at: tell_run(opened, reader, at, run), by_pulse=True)


@_read("/ledgers/{ledger:str}/records", summary="Records, or what is found")
async def api_records(
    request: Plain,
    ledger: asked.Ledger,
    q: asked.Words = "",
    object_name: asked.Object = None,
    in_state: asked.State = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[RecordPage]:
    """By object and stream; of one state, in the order they were made; found by name, in the order of names."""
    email = shelf_of(request).settings.given.normal_email
    wanted = RecordsAsked(q=q, object=object_name, state=in_state)
    return await answer(request, ledger, lambda _, reader, __: list_records(reader, wanted, cursor, limit, email))


@_read("/ledgers/{ledger:str}/record", summary="One record's whole story")
async def api_record(
    request: Plain, ledger: asked.Ledger, key: asked.Stream, object_name: asked.Object = None
) -> Response[StoryTold]:
    """Rows, payload, what stood there before, and every event, of a stream (`key`), or of its record of one object."""
    return await answer(request, ledger, lambda _, reader, __: tell_story(reader, key, object_name))


@_counted("/ledgers/{ledger:str}/pointing", summary="What points at a record")
async def api_pointing(
    request: Plain, ledger: asked.Ledger, key: asked.Stream, object_name: asked.OneObject
) -> Response[PointingTold]:
    """A person's sales, bookings and notes, say. It may be of an event before the head: `upto` says so."""
    return await answer(
        request, ledger, lambda opened, reader, at: tell_pointing(opened, reader, at, key, object_name), _upto_told
    )


@_read("/ledgers/{ledger:str}/events", summary="Events")
async def api_events(
    request: Plain,
    ledger: asked.Ledger,
    type_name: asked.Type = None,
    run: asked.OfRun = None,
    stream: asked.OfStream = None,
    twenty_id: asked.TwentyId = None,
    oldest_first: asked.Oldest = False,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[EventPage]:
    """Newest first, unless asked for otherwise."""
    wanted = EventsAsked(type=type_name, run=run, stream=stream, twenty_id=twenty_id, oldest_first=oldest_first)
    return await answer(request, ledger, lambda opened, reader, _: list_events(opened, reader, wanted, cursor, limit))


@_read("/ledgers/{ledger:str}/events/{position:int}", summary="One event in full")
async def api_event(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[EventTold]:
    """With every body it names; an erased one is null."""
    return await answer(request, ledger, lambda _, reader, __: tell_event(reader, position))


@_read("/ledgers/{ledger:str}/files", summary="Files of Kartra")
async def api_files(request: Plain, ledger: asked.Ledger) -> Response[FileList]:
    """Every file of every run, with what became of its rows."""

    async def read(_opened: Any, reader: Any, _at: Any) -> FileList:
        return FileList(items=await list_files(reader))

    return await answer(request, ledger, read)


@_read("/ledgers/{ledger:str}/files/{file:str}", summary="The rows of a file")
async def api_rows(
    request: Plain,
    ledger: asked.Ledger,
    file: asked.File,
    line: asked.Line = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[RowPage]:
    """As they were read, by line; the header is line 1."""
    return await answer(request, ledger, lambda _, reader, __: list_rows(reader, file, line, cursor, limit))


@_read("/ledgers/{ledger:str}/holds", summary="Holds by reason")
async def api_holds(
    request: Plain,
    ledger: asked.Ledger,
    in_state: asked.HoldState = WAITING,
    reason: asked.Reason = None,
    cursor: asked.Cursor = None,
    limit: asked.Limit = 50,
) -> Response[HoldPage]:
    """Rows and records that wait for a person, or did."""
    wanted = HoldsAsked(state=in_state, reason=reason)
    return await answer(request, ledger, lambda _, reader, __: list_holds(reader, wanted, cursor, limit))


@_read("/ledgers/{ledger:str}/reports", summary="Reports on record")
async def api_reports(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 50
) -> Response[ReportPage]:
    """Comparisons with Twenty, proofs of rollbacks, verifications and sign-offs, newest first."""
    return await answer(request, ledger, lambda _, reader, __: list_reports(reader, cursor, limit))


@_read("/ledgers/{ledger:str}/reports/{position:int}", summary="One report")
async def api_report(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[ReportTold]:
    """As it was written down."""
    return await answer(request, ledger, lambda _, reader, __: tell_report(reader, position))


@_read("/ledgers/{ledger:str}/mappings", summary="Mappings that were confirmed")
async def api_mappings(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 50
) -> Response[EventPage]:
    """Who signed them, newest first."""
    return await answer(request, ledger, lambda _, reader, __: list_mappings(reader, cursor, limit))


@_read("/ledgers/{ledger:str}/mappings/{position:int}", summary="One mapping")
async def api_mapping(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[MappingTold]:
    """Its text, and the runs that worked by it."""
    return await answer(request, ledger, lambda _, reader, __: tell_mapping(reader, position))


@_counted("/ledgers/{ledger:str}/rollback-plan", summary="What a rollback would do")
async def api_plan(
    request: Plain,
    ledger: asked.Ledger,
    run: asked.PlanRun = None,
    since: asked.Since = None,
    objects: asked.Objects = None,
    records: asked.Records = None,
    force: asked.Force = False,
    soft: asked.Soft = False,
) -> Response[PlanTold]:
    """By the ledger alone, before Twenty is read. It may be of an event before the head: `upto` says so."""
    wanted = planned(run, since, objects, records, force=force, soft=soft)
    given = shelf_of(request).settings.given
    return await answer(request, ledger, lambda opened, _, at: tell_plan(opened, at, wanted, given), _upto_told)


def _upto_told(found: PlanTold | PointingTold) -> int:
    return found.upto


def api() -> Router:
    """Every route of the API."""
    handlers = [
        api_ledgers, api_overview, api_integrity, api_runs, api_run, api_records, api_record, api_pointing, api_events,
        api_event, api_files, api_rows, api_holds, api_reports, api_report, api_mappings, api_mapping, api_plan,
    ]  # fmt: skip
    return Router(path="/api/v1", route_handlers=handlers)
