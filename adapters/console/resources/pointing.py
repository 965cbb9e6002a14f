"""What points at a record: a person's sales, subscriptions, bookings and notes, a company's people."""

import msgspec

from adapters.console.errors import NotCounted, Rewriting
from adapters.console.opened import At, OpenLedger
from ledger import work
from ledger.listings.records import Listed, records_of
from ledger.reader import Reader

MOST = 500
"""How many records are told; more are counted."""


class PointingTold(msgspec.Struct, frozen=True, kw_only=True):
    """The records that pointed at one at the event `upto`, and those made of the same rows; `left` counts the rest."""

    upto: int
    object: str
    source_key: str
    items: list[Listed]
    left: int


async def tell_pointing(opened: OpenLedger, reader: Reader, at: At, stream: str, object_name: str) -> PointingTold:
    """What points at a stream's record of an object; every record's body is looked through for it.

    Raises:
        NotCounted: that is under way, or cannot be just now (Rewriting).
    """

    async def look(counting: Reader) -> list[tuple[str, str]]:
        streams = await work.streams_pointing_at(counting, object_name, stream)
        every = await records_of(counting, streams)
        return [(one.object, one.source_key) for one in every if one.source_key != stream]

    kept = await opened.plan(("pointing", object_name, stream), look).get(at.head)
    if kept is None:
        raise Rewriting if await opened.is_rewritten() else NotCounted
    told = set(kept.value[:MOST])
    listed = await records_of(reader, sorted({key for _, key in told}))
    return PointingTold(
        upto=kept.head.position,
        object=object_name,
        source_key=stream,
        items=[one for one in listed if (one.object, one.source_key) in told],
        left=max(len(kept.value) - MOST, 0),
    )
