"""Reports on record: comparisons with Twenty, proofs of rollbacks, verifications, sign-offs."""

from typing import Any

import msgspec

from adapters.console.cursors import behind
from adapters.console.errors import NotFound
from adapters.console.resources.events import event_page
from ledger.listings.events import REPORTS, Told, events_of_types, find_events
from ledger.listings.stories import readable
from ledger.projections import runs
from ledger.reader import Reader

_SCOPE = ("sample", "objects", "run", "since", "record")
"""Settings of a run that say that it was about less than everything."""


class ReportListed(Told, frozen=True, kw_only=True):
    """A report as a line of a list: its event, and what it was about."""

    scope: str


class ReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of reports."""

    items: list[ReportListed]
    next: str | None


class ReportTold(msgspec.Struct, frozen=True, kw_only=True):
    """A report: its event, and its body as it was written down; null where it has none, or was erased."""

    event: Told
    scope: str
    body: Any
    erased: bool


async def list_reports(reader: Reader, after: str | None, limit: int) -> ReportPage:
    """The next reports, newest first.

    Raises:
        BadCursor: `after` is no cursor of this list.
    """
    found = event_page(await events_of_types(reader, REPORTS, before=behind(after, int), limit=limit + 1), limit)
    items = [ReportListed(**msgspec.structs.asdict(one), scope=await _scope(reader, one)) for one in found.items]
    return ReportPage(items=items, next=found.next)


async def _scope(reader: Reader, report: Told) -> str:
    run = await runs.find_run(reader, report.run_id)
    said = {} if run is None else {name: run.settings.get(name) for name in _SCOPE}
    return ", ".join(f"{name} {value}" for name, value in said.items() if value is not None) or "everything"


async def tell_report(reader: Reader, position: int) -> ReportTold:
    """One report.

    Raises:
        NotFound: no report stands there.
    """
    found = await find_events(reader, [position])
    if not found or found[0].type not in REPORTS:
        raise NotFound(f"event {position} is no report; the list of reports shows them")
    event = found[0]
    bodies = await readable(reader, [event.payload_hash] if event.payload_hash else [])
    body = bodies.get(event.payload_hash or "")
    return ReportTold(
        event=event,
        scope=await _scope(reader, event),
        body=body.value if body else None,
        erased=event.payload_hash is not None and body is None,
    )
