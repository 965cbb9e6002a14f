"""Any list as a file: CSV that no spreadsheet takes for a formula, or JSON lines; read page by page."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from adapters.console import asked
from adapters.console.answers import Plain, shelf_of
from adapters.console.errors import NotFound
from adapters.console.masking import masked
from adapters.console.opened import OpenLedger
from adapters.console.resources.events import EventsAsked, list_events
from adapters.console.resources.files import list_files, list_rows
from adapters.console.resources.holds import HoldsAsked, list_holds
from adapters.console.resources.records import RecordsAsked, list_records
from adapters.console.resources.runs import list_runs
from adapters.reports.sheets import inert
from ledger.listings.holds import WAITING
from ledger.reader import Reader

_AT_ONCE = 500
_SHAPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}

Next = Callable[[OpenLedger, Reader, str | None], Awaitable[tuple[Iterable[msgspec.Struct], str | None]]]
"""Reads the page behind a cursor; answers its items, and the next cursor."""


@get("/ledgers/{ledger:str}/download/{name:str}", include_in_schema=False)
async def download(
    request: Plain,
    ledger: asked.Ledger,
    name: FromPath[str],
    q: asked.Words = "",
    object_name: asked.Object = None,
    in_state: asked.State = None,
    reason: asked.Reason = None,
    type_name: asked.Type = None,
    run: asked.OfRun = None,
    stream: asked.OfStream = None,
    twenty_id: asked.TwentyId = None,
    oldest_first: asked.Oldest = False,
    file: FromQuery[str | None] = None,
) -> Stream:
    """A list as a file: `records.csv`, `events.jsonl`, …, with the list's own conditions."""
    listing, _, shape = name.rpartition(".")
    email = shelf_of(request).settings.given.normal_email
    lists: dict[str, Next] = {
        "records": _records(RecordsAsked(q=q, object=object_name or None, state=in_state or None), email),
        "events": _events(
            EventsAsked(
                type=type_name or None,
                run=run or None,
                stream=stream or None,
                twenty_id=twenty_id or None,
                oldest_first=oldest_first,
            )
        ),
        "holds": _holds(HoldsAsked(state=in_state or WAITING, reason=reason or None)),
        "rows": _rows(file or ""),
        "runs": _runs,
        "files": _files,
    }
    if listing not in lists or shape not in _SHAPES:
        raise NotFound(f"there is no download {name}; there are {', '.join(lists)}, each as .csv or .jsonl")
    opened = shelf_of(request).find(ledger)
    pages = _pages(opened, lists[listing], mask=shelf_of(request).settings.mask)
    first = await anext(pages)
    lines = _csv(first, pages) if shape == "csv" else _json_lines(first, pages)
    kept = f'attachment; filename="{ledger}-{listing}.{shape}"'
    return Stream(lines, media_type=_SHAPES[shape], headers={"Content-Disposition": kept})


async def _pages(opened: OpenLedger, read: Next, *, mask: bool) -> AsyncIterator[list[dict[str, Any]]]:
    cursor: str | None = None
    while True:
        async with opened.reading() as reader:
            items, cursor = await read(opened, reader, cursor)
        yield [msgspec.to_builtins(masked(one) if mask else one) for one in items]
        if cursor is None:
            return


async def _csv(first: list[dict[str, Any]], more: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[str]:
    head = list(_flat(first[0])) if first else []
    yield _lines([head] if head else [])
    yield _lines(_row(one, head) for one in first)
    async for page in more:
        yield _lines(_row(one, head) for one in page)


async def _json_lines(first: list[dict[str, Any]], more: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    yield b"".join(msgspec.json.encode(one) + b"\n" for one in first)
    async for page in more:
        yield b"".join(msgspec.json.encode(one) + b"\n" for one in page)


def _lines(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item's attributes, a place's as columns of their own."""
    found: dict[str, Any] = {}
    for name, value in item.items():
        if name in ("source", "place"):
            found |= {part: (value or {}).get(part) for part in ("file", "line", "file_id")}
        else:
            found[name] = value
    return found


def _row(item: Mapping[str, Any], head: list[str]) -> list[str]:
    flat = _flat(item)
    return [_cell(flat.get(name)) for name in head]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return inert(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _records(wanted: RecordsAsked, email: Callable[[str], str | None]) -> Next:
    async def read(_opened: OpenLedger, reader: Reader, cursor: str | None) -> tuple[Iterable[Any], str | None]:
        page = await list_records(reader, wanted, cursor, _AT_ONCE, email)
        return page.items, page.next

    return read


def _events(wanted: EventsAsked) -> Next:
    async def read(opened: OpenLedger, reader: Reader, cursor: str | None) -> tuple[Iterable[Any], str | None]:
        page = await list_events(opened, reader, wanted, cursor, _AT_ONCE)
        return page.items, page.next

    return read


def _holds(wanted: HoldsAsked) -> Next:
    async def read(_opened: OpenLedger, reader: Reader, cursor: str | None) -> tuple[Iterable[Any], str | None]:
        page = await list_holds(reader, wanted, cursor, _AT_ONCE)
        return page.items, page.next

    return read


def _rows(file: str) -> Next:
    async def read(_opened: OpenLedger, reader: Reader, cursor: str | None) -> tuple[Iterable[Any], str | None]:
        page = await list_rows(reader, file, None, cursor, _AT_ONCE)
        return page.items, page.next

    return read


async def _runs(opened: OpenLedger, reader: Reader, cursor: str | None) -> tuple[Iterable[Any], str | None]:
    page = await list_runs(opened, reader, await opened.at(reader), cursor, _AT_ONCE)
    return page.items, page.next


async def _files(_opened: OpenLedger, reader: Reader, _cursor: str | None) -> tuple[Iterable[Any], str | None]:
    return await list_files(reader), None
