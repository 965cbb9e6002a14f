"""Events: listed, and one in full with its bodies and its place in the chain."""

from typing import Any

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import NotFound, Refused
from adapters.console.opened import OpenLedger
from ledger.events import EVENTS, Event, bodies
from ledger.hashing import Envelope
from ledger.listings.events import Told, Wanted, find_events, listed_events
from ledger.listings.stories import readable
from ledger.reader import Reader


class EventsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a type, a run, a stream, a record of Twenty's; newest first, or in the order they came."""

    type: str | None = None
    run: str | None = None
    stream: str | None = None
    twenty_id: str | None = None
    oldest_first: bool = False


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of events."""

    items: list[Told]
    next: str | None


class EventTold(msgspec.Struct, frozen=True, kw_only=True):
    """One event in full. `bodies` are what it names by hash; one that was erased is null."""

    event: Told
    bodies: dict[str, Envelope | None]
    names: dict[str, str]
    last: int


async def list_events(
    opened: OpenLedger, reader: Reader, asked: EventsAsked, after: str | None, limit: int
) -> EventPage:
    """The next events.

    Raises:
        Refused: there is no such type of event.
        BadCursor: `after` is no cursor of this list.
    """
    if asked.type is not None and asked.type not in EVENTS:
        raise Refused(f"there is no event type {asked.type!r}")
    wanted = Wanted(
        type=asked.type,
        run_id=asked.run,
        source_key=asked.stream,
        twenty_id=asked.twenty_id,
        by=_leading(opened, asked),
    )
    end = behind(after, int)
    items = await listed_events(reader, wanted, after=end, newest_first=not asked.oldest_first, limit=limit + 1)
    return event_page(items, limit)


def event_page(found: list[Told], limit: int) -> EventPage:
    """A page of the events found, of which there are more than a page where one follows."""
    return EventPage(items=found[:limit], next=cursor(found[limit - 1].position) if len(found) > limit else None)


def _leading(opened: OpenLedger, asked: EventsAsked) -> Any:
    """What the fewest events go by: the rest of the conditions are looked at one by one."""
    if asked.stream is not None:
        return "source_key"
    if asked.twenty_id is not None:
        return "twenty_id"
    if asked.type is not None and asked.run is not None:
        rarer = opened.pulse.by_type()[asked.type] < opened.pulse.by_run()[asked.run]
        return "type" if rarer else "run_id"
    return None


async def tell_event(reader: Reader, position: int) -> EventTold:
    """One event in full.

    Raises:
        NotFound: the ledger does not have it.
    """
    recorded = await reader.find(position)
    last = (await reader.head()).position
    if recorded is None:
        raise NotFound(f"there is no event {position}; the last one is {last}")
    hashes = list(dict.fromkeys(bodies(recorded.event)))
    found = await readable(reader, hashes)
    [told] = await find_events(reader, [position])
    named = {each: found.get(each) for each in hashes}
    return EventTold(event=told, bodies=named, names=_named(recorded.event), last=last)


def _named(event: Event) -> dict[str, str]:
    """What each body is to the event, by its hash."""
    values = msgspec.to_builtins(event)
    parts = [values, *values.get("items", ())]
    return {
        part[name]: name.removesuffix("_hash").removesuffix("hash") or "payload"
        for part in parts
        for name in part
        if name.endswith("hash") and part[name] is not None
    }
