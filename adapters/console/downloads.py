"""Any list as a file: CSV that no spreadsheet takes for a formula, or JSON lines; read page by page."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from anyio import CapacityLimiter, to_thread
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from adapters.console import asked
from adapters.console.answers import Plain, is_head, shelf_of
from adapters.console.errors import NotFound
from adapters.console.lists import Asked, Listing, listings
from adapters.console.masking import masked
from adapters.console.opened import OpenLedger
from adapters.console.resources.events import EventsAsked
from adapters.console.resources.holds import HoldsAsked
from adapters.console.resources.records import RecordsAsked
from adapters.reports.sheets import inert
from ledger.listings.holds import WAITING

_SHAPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


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
    key: FromQuery[str | None] = None,
) -> Stream:
    """A list as a file: `records.csv`, `events.jsonl`, …, with the list's own conditions."""
    listing, _, shape = name.rpartition(".")
    shelf = shelf_of(request)
    lists = listings(
        Asked(
            records=RecordsAsked(q=q, object=object_name or None, state=in_state or None),
            events=EventsAsked(
                type=type_name or None,
                run=run or None,
                stream=stream or None,
                twenty_id=twenty_id or None,
                oldest_first=oldest_first,
            ),
            holds=HoldsAsked(state=in_state or WAITING, reason=reason or None),
            file=file or "",
            stream=key or "",
            object=object_name or None,
            email=shelf.settings.given.normal_email,
        )
    )
    if listing not in lists or shape not in _SHAPES:
        raise NotFound(f"there is no download {name}; there are {', '.join(lists)}, each as .csv or .jsonl")
    kept = {"Content-Disposition": f'attachment; filename="{ledger}-{listing}.{shape}"'}
    opened = shelf.find(ledger)
    if is_head(request):
        return Stream(iter(()), media_type=_SHAPES[shape], headers=kept)
    chosen = lists[listing]
    encode = _as_csv(chosen.kind) if shape == "csv" else _as_json_lines
    chunks = _chunks(opened, chosen, shelf.downloads, lambda items: encode(_plain(items, mask=shelf.settings.mask)))
    # What is wrong with the conditions is told before anything is sent.
    first = await anext(chunks)
    head = _lines([_columns(chosen.kind)]) if shape == "csv" else b""
    return Stream(_following(head + first, chunks), media_type=_SHAPES[shape], headers=kept)


async def _chunks(
    opened: OpenLedger, listing: Listing, turns: CapacityLimiter, encode: Callable[[Sequence[msgspec.Struct]], bytes]
) -> AsyncGenerator[bytes, None]:
    cursor: str | None = None
    while True:
        # A page at a time, two at once: what a slow reader has not taken yet is all that is kept of its file.
        async with turns:
            async with opened.reading() as reader:
                items, cursor = await listing.read(opened, reader, cursor)
            chunk = await to_thread.run_sync(encode, items)
        yield chunk
        if cursor is None:
            return


async def _following(first: bytes, more: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(more):
        yield first
        async for chunk in more:
            yield chunk


def _plain(items: Sequence[msgspec.Struct], *, mask: bool) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(masked(one) if mask else one) for one in items]


def _as_csv(kind: type[msgspec.Struct]) -> Callable[[list[dict[str, Any]]], bytes]:
    columns = _columns(kind)
    return lambda items: _lines(_row(one, columns) for one in items)


def _as_json_lines(items: list[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in items)


def _columns(kind: type[msgspec.Struct]) -> list[str]:
    """What a struct's attributes are called at the head of a table."""
    return list(_flat({one.encode_name: None for one in msgspec.structs.fields(kind)}))


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


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
