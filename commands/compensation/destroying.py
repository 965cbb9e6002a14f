"""Destroying: compare-and-delete by ids, so that an edit made after the drift check survives."""

from collections.abc import Sequence
from typing import Literal

import anyio
import msgspec

from adapters.twenty import (
    Ids,
    Object,
    OutcomeUnknown,
    destroy,
    destroy_as_read,
    soft_delete,
    soft_delete_as_read,
)
from commands.compensation.deciding import Decision, kept_event, spare_pointed_at
from commands.compensation.drift import EDITED_MEANWHILE, Candidate, Keep, still_there
from commands.present import present
from commands.session import Working
from ledger.events import Compensated, CompensationIntended, Event, RecordDeleted
from ledger.hashing import Payload
from ledger.store import Draft

DESTROYED_A_CALL = 5_000
COMPARED_A_CALL = 1_000


class _Portion(msgspec.Struct, frozen=True):
    """Records that go in one call; `as_read` compares each with its own time, and not all with the greatest."""

    records: Sequence[Candidate]
    as_read: bool

    @property
    def unedited_since(self) -> str | None:
        """The time after which none of them may have been touched."""
        return None if self.as_read else max((one.updated_at for one in self.records if one.row), default=None)

    def time_of(self, one: Candidate) -> str | None:
        """The time at which a record must have been touched last."""
        return one.updated_at if self.as_read else None


async def destroy_all(working: Working, decision: Decision, *, force: bool, soft: bool = False) -> dict[str, int]:
    """Destroy what was decided to go, children before parents; answers how many of each object went.

    With `soft` they go into Twenty's bin.
    """
    destroyed: dict[str, int] = {}
    surprised = False
    for object_name in list(decision.going):
        if surprised and not force:
            await spare_pointed_at(working, object_name, decision)
        kept = await _destroy(working, object_name, _portions(decision.going[object_name], decision.read_at), soft=soft)
        # Ids of unknown outcome go whether or not they were seen: their call may have landed since.
        unseen = [one for one in decision.gone[object_name] if one.work.state.state == "intended"]
        await _destroy(working, object_name, _portions(unseen, decision.read_at), soft=soft)
        decision.kept[object_name] = [*decision.kept[object_name], *kept]
        destroyed[object_name] = len(decision.going[object_name]) - len(kept)
        surprised = surprised or bool(kept)
    return destroyed


async def _destroy(working: Working, object_name: str, portions: Sequence[_Portion], *, soft: bool) -> list[Keep]:
    """Destroy records; answers those that were edited between the drift check and the call, and stay."""
    kept: list[Keep] = []
    with working.reporter.phase(f"- {object_name}", sum(len(one.records) for one in portions)) as advance:
        for one in portions:
            with anyio.CancelScope(shield=True):
                kept += await _destroy_some(working, object_name, one, soft=soft)
            await anyio.lowlevel.checkpoint()
            advance(len(one.records))
    return kept


def _portions(some: Sequence[Candidate], read_at: str) -> list[_Portion]:
    """Cut into calls: 5,000 records that our own call touched last, 1,000 others, each with its own time.

    Of the former no edit made since can be older than the greatest time. Others, and those of a time to come, may have
    a time that somebody set, behind which an edit would be hidden.
    """
    quiet = [one for one in some if one.row is None or (one.is_as_answered and one.updated_at <= read_at)]
    known = {one.id for one in quiet}
    others = [one for one in some if one.id not in known]
    return [
        _Portion(records[start : start + size], as_read)
        for records, size, as_read in ((quiet, DESTROYED_A_CALL, False), (others, COMPARED_A_CALL, True))
        for start in range(0, len(records), size)
    ]


async def _destroy_some(working: Working, object_name: str, portion: _Portion, *, soft: bool) -> list[Keep]:
    some = portion.records
    target = (await present(working)).find(object_name)
    if target is None:
        # An object that is not there holds no records: those whose call was intended never landed, or went with it.
        return await _record(working, object_name, some, None, soft=soft)
    intended = CompensationIntended(
        object=object_name,
        action="soft_delete" if soft else "destroy",
        items=tuple(
            Compensated(key=one.work.state.source_key, id=one.id, updated_at=portion.time_of(one)) for one in some
        ),
        unedited_since=portion.unedited_since,
    )
    [cause] = await working.ledger.append([intended])
    try:
        await _take_out(working, target, portion, soft=soft)
    except OutcomeUnknown:
        # Repeating it is safe: what was destroyed stays so, what was edited since stays too.
        await _take_out(working, target, portion, soft=soft)
    return await _record(working, object_name, some, cause, soft=soft)


async def _take_out(working: Working, target: Object, portion: _Portion, *, soft: bool) -> None:
    client = working.twenty.client
    if portion.as_read:
        times = {one.id: one.updated_at for one in portion.records}
        await (soft_delete_as_read if soft else destroy_as_read)(client, target, times)
    else:
        ids = Ids([one.id for one in portion.records])
        await (soft_delete if soft else destroy)(client, target, ids, portion.unedited_since)


async def _record(
    working: Working, object_name: str, some: Sequence[Candidate], cause: int | None, *, soft: bool
) -> list[Keep]:
    """Look at what is left: what is not there is gone, what is there was edited in between."""
    there = await still_there(working, object_name, [one.id for one in some])
    left = {one for one, binned in there.items() if not (soft and binned)}
    keeps = [Keep(candidate=one, why=EDITED_MEANWHILE, detail=[]) for one in some if one.id in left]
    drafts: list[Draft] = [Draft(_deleted(object_name, one, soft=soft), cause) for one in some if one.id not in left]
    payloads: list[Payload] = []
    for keep in keeps:
        event, body = kept_event(object_name, keep)
        kept: Event = event
        drafts.append(Draft(kept, cause))
        payloads.append(body)
    await working.ledger.append(drafts, payloads)
    return keeps


def _deleted(object_name: str, one: Candidate, *, soft: bool) -> RecordDeleted:
    done: Literal["soft_deleted", "destroyed"] = "soft_deleted" if soft else "destroyed"
    return RecordDeleted(
        object=object_name,
        source_key=one.work.state.source_key,
        twenty_id=one.id,
        outcome=done if one.row else "already_gone",
    )
