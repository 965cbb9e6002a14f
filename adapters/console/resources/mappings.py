"""Mappings as they were confirmed, by whom and when, and what their fields are made from."""

import msgspec

from adapters.console.cursors import behind
from adapters.console.errors import NotFound
from adapters.console.resources.events import EventPage, event_page
from ledger.listings.events import Told, events_of_types, find_events
from ledger.listings.stories import readable
from ledger.projections import runs
from ledger.reader import Reader


class MappingTold(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping somebody signed: its event, its text (null where it was erased), and the runs that worked by it."""

    event: Told
    text: str | None
    runs: list[str]


async def list_mappings(reader: Reader, after: str | None, limit: int) -> EventPage:
    """The next mappings that were confirmed, newest first.

    Raises:
        BadCursor: `after` is no cursor of this list.
    """
    return event_page(
        await events_of_types(reader, ["MappingConfirmed"], before=behind(after, int), limit=limit + 1), limit
    )


async def tell_mapping(reader: Reader, position: int) -> MappingTold:
    """One mapping.

    Raises:
        NotFound: no mapping was confirmed there.
    """
    found = await find_events(reader, [position])
    if not found or found[0].type != "MappingConfirmed":
        raise NotFound(f"event {position} confirms no mapping; the list of mappings shows them")
    event = found[0]
    worked = [one.run_id for one in await runs.all_runs(reader) if one.mapping_hash == event.payload_hash]
    return MappingTold(event=event, text=await _text(reader, event), runs=worked)


async def mapping_text(reader: Reader, position: int | None) -> str:
    """The text of a confirmed mapping; empty where there is none, or it was erased."""
    return "" if position is None else (await tell_mapping(reader, position)).text or ""


async def _text(reader: Reader, event: Told) -> str | None:
    found = await readable(reader, [event.payload_hash] if event.payload_hash else [])
    body = found.get(event.payload_hash or "")
    return body.value if body is not None and isinstance(body.value, str) else None
