"""How every answer is made: one moment of the ledger, its stamp, what is masked; and how every refusal is told."""

import email.utils
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from adapters.console.errors import ConsoleError
from adapters.console.masking import masked
from adapters.console.opened import At, OpenLedger
from adapters.console.shelf import Shelf
from adapters.reports.text import visible
from ledger.errors import LedgerError
from ledger.reader import Reader

T = TypeVar("T")
Plain = Request[Any, Any, Any]

_SETTLES_S = 2
"""HTTP's clock has whole seconds, so what was recorded within the last ones cannot be told by it."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: a stable code, and a sentence for a person."""

    code: str
    message: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The one shape of every error."""

    error: Failure


def shelf_of(request: Plain) -> Shelf:
    """The ledgers that are shown."""
    shelf: Shelf = request.app.state.shelf
    return shelf


def is_head(request: Plain) -> bool:
    """Whether only the head of an answer is asked for: then no work is begun for its body."""
    return bool(request.scope.get("state", {}).get("head"))


async def seen(request: Plain, slug: str, read: Callable[[OpenLedger, Reader, At], Awaitable[T]]) -> tuple[T, At]:
    """What a page shows, of one moment of a ledger; masked where that was asked for.

    Raises:
        ConsoleError, LedgerError: there is no such ledger, or it cannot be read.
    """
    shelf = shelf_of(request)
    opened = shelf.find(slug)
    async with opened.reading() as reader:
        at = await opened.at(reader)
        found = await read(opened, reader, at)
    return masked(found) if shelf.settings.mask else found, at


async def answer(
    request: Plain,
    slug: str,
    read: Callable[[OpenLedger, Reader, At], Awaitable[T]],
    upto: Callable[[T], int] | None = None,
    *,
    by_pulse: bool = False,
) -> Response[T]:
    """The same as JSON, with a stamp; 304 where the client has it by that stamp.

    `upto` says how far counts go that were not made at the head; `by_pulse`, that they go as far as the pulse does.
    """
    shelf = shelf_of(request)
    opened = shelf.find(slug)
    async with opened.reading() as reader:
        at = await opened.at(reader)
        stamps = _stamps(at, shelf)
        if upto is None and not (by_pulse and at.counted != at.head.position) and _has(request, stamps):
            return Response(None, status_code=304, headers=stamps)  # type: ignore[arg-type]
        found = await read(opened, reader, at)
    reached = {at.head.position}
    if upto is not None:
        reached |= {0 if opened.is_late(at) else upto(found)}
    if by_pulse:
        # It may have gone on, or come here, while the answer was made.
        reached |= {at.counted, opened.pulse.position}
    headers = stamps if reached == {at.head.position} else {}
    return Response(masked(found) if shelf.settings.mask else found, headers=headers)


def _stamps(at: At, shelf: Shelf) -> dict[str, str]:
    said = {"ETag": _tag(at, shelf), "Cache-Control": "private, no-cache"}
    changed = max(datetime.fromisoformat(at.recorded_at), shelf.since, at.written_at)
    if at.working is None and (datetime.now(UTC) - changed).total_seconds() > _SETTLES_S:
        said["Last-Modified"] = email.utils.format_datetime(changed.replace(microsecond=0), usegmt=True)
    return said


def _tag(at: At, shelf: Shelf) -> str:
    parts = (str(at.head), at.stamp, at.working, shelf.settings.mask, shelf.settings.version)
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _has(request: Plain, stamps: dict[str, str]) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        tags = [one.strip().removeprefix("W/") for one in known.split(",")]
        return known.strip() == "*" or stamps["ETag"].removeprefix("W/") in tags
    # To the letter as it was said: what a client makes up of it is none of ours.
    return request.headers.get("if-modified-since", "") == stamps.get("Last-Modified")


def told(error: Exception, shelf: Shelf) -> tuple[int, Failure]:
    """An error as its status and what may be said of it; a defect tells nothing of itself.

    A ledger is called by its word: where its file is, is for whoever runs the console.
    """
    if isinstance(error, ConsoleError):
        return error.status, Failure(code=error.code, message=visible(str(error)))
    if isinstance(error, LedgerError):
        return 503, Failure(code=error.code, message=visible(shelf.named(str(error))))
    if isinstance(error, HTTPException):
        return error.status_code, _of_http(error)
    return 500, Failure(code="defect", message="this is a defect of the console's; its log says more")


_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}


def _of_http(error: HTTPException) -> Failure:
    wrong = [f"{one.get('key')}: {one.get('message')}" for one in error.extra or () if isinstance(one, dict)]
    message = "; ".join(wrong) if error.status_code == 400 and wrong else _SENTENCES.get(error.status_code, "refused")
    return Failure(code=_CODES.get(error.status_code, "refused"), message=visible(message))


_SENTENCES = {
    400: "this request cannot be understood",
    404: "there is nothing at this address; the overview links to all there is",
    405: "the console only reads: GET and HEAD",
}
