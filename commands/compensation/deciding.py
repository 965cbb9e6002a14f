"""What goes and what stays: drift, dependents, and all that a kept record points at."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from commands.compensation.drift import Candidate, Keep, edited, pointed_at, read_candidates, read_strays
from commands.compensation.scope import backwards
from commands.session import Working
from ledger.events import CompensationKept, RecordDeleted
from ledger.hashing import Payload, seal
from ledger.projections.compensations import compensations
from ledger.scopes import Scope


class Decision(msgspec.Struct, kw_only=True):
    """By object: the records to destroy, those to keep and why, and those that are not there any more.

    `released` are records that stay, and will not point at ours any more.
    """

    going: dict[str, list[Candidate]]
    kept: dict[str, list[Keep]]
    gone: dict[str, list[Candidate]]
    released: AbstractSet[str] = frozenset()


async def decide(working: Working, scope: Scope, *, force: bool, released: AbstractSet[str] = frozenset()) -> Decision:
    """Read all records of the scope and decide, children before parents. Nothing is changed."""
    decision = Decision(going={}, kept={}, gone={}, released=released)
    for object_name in await backwards(working.ledger.reader):
        await _decide_object(working, scope, object_name, decision, force=force)
    return decision


async def _decide_object(working: Working, scope: Scope, object_name: str, decision: Decision, *, force: bool) -> None:
    candidates = await read_candidates(working, object_name, scope)
    candidates += await read_strays(working, object_name, scope)
    there = [one for one in candidates if one.row is not None]
    decision.gone[object_name] = [one for one in candidates if one.row is None]
    keeps = [] if force else await edited(working, object_name, there)
    kept_ids = {keep.candidate.id for keep in keeps}
    left = [one for one in there if one.id not in kept_ids]
    if not force:
        keeps += await _with_dependents(working, object_name, left, decision)
    kept_ids = {keep.candidate.id for keep in keeps}
    decision.kept[object_name] = keeps
    decision.going[object_name] = [one for one in left if one.id not in kept_ids]


async def _with_dependents(
    working: Working, object_name: str, candidates: Sequence[Candidate], decision: Decision
) -> list[Keep]:
    """Records that others point at: foreign ones, or ours that stay."""
    going = {one.id for some in decision.going.values() for one in some} | decision.released
    staying = {keep.candidate.id for keeps in decision.kept.values() for keep in keeps}
    pointers = await pointed_at(working, object_name, [one.id for one in candidates], going)
    keeps = []
    for one in candidates:
        if found := pointers.get(one.id):
            why = "pointed_at_by_kept" if all(each.id in staying for each in found) else "has_dependents"
            detail = [{"object": each.object, "id": each.id, "field": each.field} for each in found]
            keeps.append(Keep(candidate=one, why=why, detail=detail))
    return keeps


async def spare_pointed_at(working: Working, object_name: str, decision: Decision) -> None:
    """Keep what is pointed at now by records that were to go and stayed after all."""
    going = decision.going[object_name]
    decision.going[object_name] = []
    keeps = await _with_dependents(working, object_name, going, Decision(going={}, kept=decision.kept, gone={}))
    kept_ids = {keep.candidate.id for keep in keeps}
    decision.going[object_name] = [one for one in going if one.id not in kept_ids]
    decision.kept[object_name] = [*decision.kept[object_name], *keeps]
    await _append_kept(working, object_name, keeps)


async def record_kept(working: Working, decision: Decision, told: AbstractSet[str] = frozenset()) -> None:
    """Append why each kept record stays, and that those not there are gone: by our call before, or by others.

    What a body of `told` says already is not said again.
    """
    begun = {
        one.twenty_id
        for one in await compensations(working.ledger.reader, working.ledger.run_id)
        if one.state == "intended"
    }
    for object_name in decision.gone:
        settled = [one for one in decision.gone[object_name] if one.work.state.state != "intended"]
        await working.ledger.append([_gone(object_name, one, by_us=one.id in begun) for one in settled])
        await _append_kept(working, object_name, decision.kept[object_name], told)


async def _append_kept(
    working: Working, object_name: str, keeps: Sequence[Keep], told: AbstractSet[str] = frozenset()
) -> None:
    made = [(event, body) for event, body in (kept_event(object_name, keep) for keep in keeps) if body.hash not in told]
    await working.ledger.append([event for event, _ in made], [body for _, body in made])


def kept_event(object_name: str, keep: Keep) -> tuple[CompensationKept, Payload]:
    """The event of a record that stays, and the body that says what differs or what points at it."""
    stream = keep.candidate.work.state.source_key
    body = seal(stream, {"why": keep.why, "detail": keep.detail})
    event = CompensationKept(
        object=object_name, source_key=stream, twenty_id=keep.candidate.id, why=keep.why, payload_hash=body.hash
    )
    return event, body


def _gone(object_name: str, one: Candidate, *, by_us: bool) -> RecordDeleted:
    return RecordDeleted(
        object=object_name,
        source_key=one.work.state.source_key,
        twenty_id=one.id,
        outcome="destroyed" if by_us else "already_gone",
    )
