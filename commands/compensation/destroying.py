"""Destroying: compare-and-delete by ids, so that an edit made after the drift check survives."""

from collections.abc import Sequence
from typing import Literal

import anyio

from adapters.twenty import Ids, OutcomeUnknown, destroy, soft_delete
from commands.compensation.deciding import Decision, kept_event, spare_pointed_at
from commands.compensation.drift import EDITED_MEANWHILE, Candidate, Keep, still_there
from commands.present import present
from commands.session import Working
from ledger.events import Compensated, CompensationIntended, Event, RecordDeleted
from ledger.hashing import Payload
from ledger.store import Draft

DESTROYED_A_CALL = 5_000


async def destroy_all(working: Working, decision: Decision, *, force: bool, soft: bool = False) -> dict[str, int]:
    """Destroy what was decided to go, children before parents; answers how many of each object went.

    With `soft` they go into Twenty's bin.
    """
    destroyed: dict[str, int] = {}
    surprised = False
    for object_name in list(decision.going):
        if surprised and not force:
            await spare_pointed_at(working, object_name, decision)
        kept = await _destroy(working, object_name, decision.going[object_name], soft=soft)
        # Ids of unknown outcome go whether or not they were seen: their call may have landed since.
        unseen = [one for one in decision.gone[object_name] if one.work.state.state == "intended"]
        await _destroy(working, object_name, unseen, soft=soft)
        decision.kept[object_name] = [*decision.kept[object_name], *kept]
        destroyed[object_name] = len(decision.going[object_name]) - len(kept)
        surprised = surprised or bool(kept)
    return destroyed


async def _destroy(working: Working, object_name: str, going: Sequence[Candidate], *, soft: bool) -> list[Keep]:
    """Destroy records, 5,000 a call; answers those that were edited between the drift check and the call, and stay."""
    kept: list[Keep] = []
    with working.reporter.phase(f"- {object_name}", len(going)) as advance:
        for start in range(0, len(going), DESTROYED_A_CALL):
            some = going[start : start + DESTROYED_A_CALL]
            with anyio.CancelScope(shield=True):
                kept += await _destroy_some(working, object_name, some, soft=soft)
            await anyio.lowlevel.checkpoint()
            advance(len(some))
    return kept


async def _destroy_some(working: Working, object_name: str, some: Sequence[Candidate], *, soft: bool) -> list[Keep]:
    target = (await present(working)).find(object_name)
    if target is None:
        # An object that is not there holds no records: those whose call was intended never landed, or went with it.
        return await _record(working, object_name, some, None, soft=soft)
    since = max((one.updated_at for one in some if one.row), default="") or None
    intended = CompensationIntended(
        object=object_name,
        action="soft_delete" if soft else "destroy",
        items=tuple(Compensated(key=one.work.state.source_key, id=one.id) for one in some),
        unedited_since=since,
    )
    [cause] = await working.ledger.append([intended])
    take_out = soft_delete if soft else destroy
    try:
        await take_out(working.twenty.client, target, Ids([one.id for one in some]), since)
    except OutcomeUnknown:
        # Repeating it is safe: what was destroyed stays so, what was edited since stays too.
        await take_out(working.twenty.client, target, Ids([one.id for one in some]), since)
    return await _record(working, object_name, some, cause, soft=soft)


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
