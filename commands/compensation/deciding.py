"""What goes and what stays: drift, dependents, and all that a kept record points at."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import msgspec

from commands.compensation.ahead import NOTHING, Ahead
from commands.compensation.drift import Candidate, Keep, edited, pointed_at, read_candidates, read_strays, still_there
from commands.compensation.losing import Loss, losses_of, own_ties
from commands.compensation.scope import backwards
from commands.session import Working
from ledger.events import CompensationKept, RecordDeleted
from ledger.hashing import Payload, seal
from ledger.projections.compensations import Compensation, compensations
from ledger.scopes import Scope

_TAKING = frozenset({"destroy", "soft_delete"})


class Decision(msgspec.Struct, kw_only=True):
    """By object: the records to destroy, those to keep and why, and those that are not there any more.

    `losses` are those of the going with which more is lost than we put there, `along` ids of ties of ours, out of the
    scope, that go with what they tie. `ahead` is what records that stay will hold before anything is destroyed:
    nothing, once changes are undone. `read_at` is when reading began.
    """

    going: dict[str, list[Candidate]]
    kept: dict[str, list[Keep]]
    gone: dict[str, list[Candidate]]
    losses: dict[str, list[Loss]] = msgspec.field(default_factory=dict)
    along: dict[str, list[str]] = msgspec.field(default_factory=dict)
    ahead: Ahead = NOTHING
    read_at: str = ""

    @property
    def leaving(self) -> set[str]:
        """The ids of what goes."""
        return {one.id for some in self.going.values() for one in some}


async def decide(working: Working, scope: Scope, *, force: bool, ahead: Ahead = NOTHING) -> Decision:
    """Read all records of the scope and decide, children before parents. Nothing is changed."""
    decision = Decision(going={}, kept={}, gone={}, ahead=ahead, read_at=_now())
    for object_name in await backwards(working.ledger.reader):
        await _decide_object(working, scope, object_name, decision, force=force)
    return decision


def _now() -> str:
    """The time as Twenty shows times."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _decide_object(working: Working, scope: Scope, object_name: str, decision: Decision, *, force: bool) -> None:
    candidates = await read_candidates(working, object_name, scope)
    candidates += await read_strays(working, object_name, scope, decision.ahead)
    there = [one for one in candidates if one.row is not None]
    decision.gone[object_name] = [one for one in candidates if one.row is None]
    keeps = await edited(working, object_name, there, decision.ahead.of_released)
    if force:
        return await _force(working, object_name, there, keeps, decision)
    kept_ids = {keep.candidate.id for keep in keeps}
    left = [one for one in there if one.id not in kept_ids]
    keeps += await _with_dependents(working, object_name, left, decision)
    kept_ids = {keep.candidate.id for keep in keeps}
    decision.kept[object_name] = keeps
    decision.going[object_name] = [one for one in left if one.id not in kept_ids]
    return None


async def _force(
    working: Working, object_name: str, there: list[Candidate], edits: Sequence[Keep], decision: Decision
) -> None:
    """All of it goes; what is lost with it is told, and ties of ours that Twenty takes out with it go on record."""
    ids = [one.id for one in there]
    pointers = await pointed_at(working, object_name, ids, decision.leaving, decision.ahead)
    for name, tied in (await own_ties(working, pointers)).items():
        await _take_along(working, name, tied, decision)
    left = {id_: [one for one in some if one.id not in decision.leaving] for id_, some in pointers.items()}
    decision.kept[object_name] = []
    decision.going[object_name] = there
    decision.losses[object_name] = losses_of(there, edits, left)


async def _take_along(working: Working, object_name: str, ids: Sequence[str], decision: Decision) -> None:
    found = await read_candidates(working, object_name, Scope(records=tuple(ids)))
    there = [one for one in found if one.row is not None]
    edits = await edited(working, object_name, there)
    decision.going[object_name] += there
    decision.along.setdefault(object_name, []).extend(one.id for one in there)
    decision.losses[object_name] += losses_of(there, edits, {})


async def _with_dependents(
    working: Working, object_name: str, candidates: Sequence[Candidate], decision: Decision
) -> list[Keep]:
    """Records that others point at: foreign ones, or ours that stay."""
    staying = {keep.candidate.id for keeps in decision.kept.values() for keep in keeps}
    ids = [one.id for one in candidates]
    pointers = await pointed_at(working, object_name, ids, decision.leaving, decision.ahead)
    keeps = []
    for one in candidates:
        if found := pointers.get(one.id):
            why = "pointed_at_by_kept" if all(each.id in staying for each in found) else "has_dependents"
            detail = [{"object": each.object, "id": each.id, "field": each.field} for each in found]
            keeps.append(Keep(candidate=one, why=why, detail=detail))
    return keeps


def foreseen_losses(decision: Decision) -> list[dict[str, str]]:
    """The records that go although somebody edited them, records point at them, or since they tie what goes."""
    losses = [
        {"object": name, "id": one.candidate.id, "why": one.why}
        for name, some in decision.losses.items()
        for one in some
    ]
    along = [{"object": name, "id": one, "why": "goes_along"} for name, ids in decision.along.items() for one in ids]
    return losses + along


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
    await _settle_along(working, decision)


async def _settle_along(working: Working, decision: Decision) -> None:
    """What was begun before an interruption and is in no scope: what goes along with others, and is not there now."""
    parts = (decision.going, decision.gone)
    decided = {one.id for part in parts for some in part.values() for one in some}
    decided |= {keep.candidate.id for keeps in decision.kept.values() for keep in keeps}
    begun: dict[str, list[Compensation]] = {}
    for one in await compensations(working.ledger.reader, working.ledger.run_id):
        if one.state == "intended" and one.detail in _TAKING and one.twenty_id not in decided:
            begun.setdefault(one.object, []).append(one)
    for object_name, some in begun.items():
        there = await still_there(working, object_name, [one.twenty_id for one in some])
        await working.ledger.append(
            [
                RecordDeleted(
                    object=object_name, source_key=one.source_key or "", twenty_id=one.twenty_id, outcome="destroyed"
                )
                for one in some
                if one.twenty_id not in there
            ]
        )


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
