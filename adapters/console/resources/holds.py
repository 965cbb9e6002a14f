"""Holds by reason."""

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import BadCursor, Refused
from ledger.listings.holds import STATES, WAITING, AfterHold, HoldCount, HoldListed, hold_counts, listed_holds
from ledger.reader import Reader


class HoldsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which holds: those in a state, and of a reason."""

    state: str = WAITING
    reason: str | None = None


class HoldPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of holds, and how many there are of each state and reason."""

    items: list[HoldListed]
    next: str | None
    counts: list[HoldCount]


async def list_holds(reader: Reader, asked: HoldsAsked, after: str | None, limit: int) -> HoldPage:
    """The next holds.

    Raises:
        Refused: there is no such state.
        BadCursor: `after` is no cursor of this list.
    """
    if asked.state not in STATES:
        raise Refused(f"no hold is ever {asked.state!r}; states are {', '.join(STATES)}")
    end = behind(after, AfterHold)
    if end is not None and asked.reason not in (None, end[0]):
        raise BadCursor
    items = await listed_holds(reader, state=asked.state, reason=asked.reason, after=end, limit=limit + 1)
    more = cursor((items[limit - 1].reason, items[limit - 1].id)) if len(items) > limit else None
    return HoldPage(items=items[:limit], next=more, counts=await hold_counts(reader))
