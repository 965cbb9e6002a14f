"""Destroying: compare-and-delete by ids, so that an edit made after the drift check survives."""

from collections.abc import Sequence

import anyio

from adapters.twenty import Ids, OutcomeUnknown, destroy
from commands.compensation.deciding import Decision, kept_event, spare_pointed_at
from commands.compensation.drift import EDITED_MEANWHILE, Candidate, Keep, still_there
from commands.present import present
from commands.session import Working
from ledger.events import Compensated, CompensationIntended, Event, RecordDeleted
from ledger.hashing import Payload
from ledger.store import Draft

DESTROYED_A_CALL = 5_000


async def destroy_all(working: Working, decision: Decision, *, force: bool) -> dict[str, int]:
    """Destroy what was decided to go, children before parents; answers how many of each object went."""
    destroyed: dict[str, int] = {}
    surprised = False
    for object_name in list(decision.going):
        if surprised and not force:
            await spare_pointed_at(working, object_name, decision)
        kept = await _destroy(working, object_name, decision.going[object_name])
        # Ids of unknown outcome go whether or not they were seen: their call may have landed since.
        unseen = [one for one in decision.gone[object_name] if one.work.state.state == "intended"]
        await _destroy(working, object_name, unseen)
        decision.kept[object_name] = [*decision.kept[object_name], *kept]
        destroyed[object_name] = len(decision.going[object_name]) - len(kept)
        surprised = surprised or bool(kept)
    return destroyed


async def _destroy(working: Working, object_name: str, going: Sequence[Candidate]) -> list[Keep]:
    """Destroy records, 5,000 a call; answers those that were edited between the drift check and the call, and stay."""
    kept: list[Keep] = []
    with working.reporter.phase(f"- {object_name}", len(going)) as advance:
        for start in range(0, len(going), DESTROYED_A_CALL):
            some = going[start : start + DESTROYED_A_CALL]
            with anyio.CancelScope(shield=True):
                kept += await _destroy_some(working, object_name, some)
            await anyio.lowlevel.checkpoint()
            advance(len(some))
    return kept


async def _destroy_some(working: Working, object_name: str, some: Sequence[Candidate]) -> list[Keep]:
    target = (await present(working)).find(object_name)
    if target is None:
        # An object that is not there holds no records: those whose call was intended never landed, or went with it.
        return await _record(working, object_name, some, None)
    since = max((one.updated_at for one in some if one.row), default="") or None
    intended = CompensationIntended(
        object=object_name,
        action="destroy",
        items=tuple(Compensated(key=one.work.state.source_key, id=one.id) for one in some),
        unedited_since=since,
    )
    [cause] = await working.ledger.append([intended])
    try:
        await destroy(working.twenty.client, target, Ids([one.id for one in some]), since)
    except OutcomeUnknown:
        # Repeating it is safe: what was destroyed stays so, what was edited since stays too.
        await destroy(working.twenty.client, target, Ids([one.id for one in some]), since)
    return await _record(working, object_name, some, cause)


async def _record(working: Working, object_name: str, some: Sequence[Candidate], cause: int | None) -> list[Keep]:
    """Look at what is left: what is not there is gone, what is there was edited in between."""
    left = await still_there(working, object_name, [one.id for one in some])
    keeps = [Keep(candidate=one, why=EDITED_MEANWHILE, detail=[]) for one in some if one.id in left]
    drafts: list[Draft] = [Draft(_deleted(object_name, one), cause) for one in some if one.id not in left]
    payloads: list[Payload] = []
    for keep in keeps:
        event, body = kept_event(object_name, keep)
        kept: Event = event
        drafts.append(Draft(kept, cause))
        payloads.append(body)
    await working.ledger.append(drafts, payloads)
    return keeps


def _deleted(object_name: str, one: Candidate) -> RecordDeleted:
    return RecordDeleted(
        object=object_name,
        source_key=one.work.state.source_key,
        twenty_id=one.id,
        outcome="destroyed" if one.row else "already_gone",
    )
