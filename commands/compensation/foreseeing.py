"""What a rollback would come to, by reading Twenty: what it would keep, and why. Nothing is changed or recorded."""

import msgspec

from commands.compensation.ahead import ahead_of
from commands.compensation.automated import take_automated
from commands.compensation.barring import as_foreseen, barred
from commands.compensation.deciding import Decision, decide, foreseen_losses
from commands.compensation.kept import Kept, detailed
from commands.compensation.leaving import Leaving
from commands.compensation.outcome import Foreseen
from commands.compensation.restoring import foresee_undoing
from commands.compensation.scope import Plan
from commands.compensation.undoing import Undoing
from commands.compensation.unmaking import foresee_schema
from commands.present import present
from commands.session import Working
from ledger.projections import changes
from ledger.scopes import Scope


async def foresee(working: Working, scope: Scope, planned: Plan, *, force: bool, soft: bool) -> Foreseen:
    """Decide as a rollback decides, as if what it undoes were undone by then."""
    objects = await changes.changed_objects(working.ledger.reader)
    undone = {name: await foresee_undoing(working, name, scope, force=force) for name in objects}
    known = await present(working)
    ahead = ahead_of({there.singular: some for name, some in undone.items() if (there := known.find(name))})
    decision = await decide(working, scope, force=force, ahead=ahead)
    await take_automated(working, decision)
    going = {name: frozenset(one.id for one in some) for name, some in decision.going.items()}
    leaving = Leaving(gone={} if soft else going, binned=going if soft else {}, ahead=ahead)
    lost = await barred(working, scope, set() if soft else decision.leaving, ahead)
    kept = {keep.candidate.id for keeps in decision.kept.values() for keep in keeps}
    return Foreseen(
        plan=await as_foreseen(working, scope, planned, kept, lost),
        kept=[*_in_part(undone), *_kept(decision)],
        schema=[] if force else await foresee_schema(working, scope, leaving),
        forced=foreseen_losses(decision),
        not_back=lost,
    )


def _in_part(undone: dict[str, list[Undoing]]) -> list[Kept]:
    """Records that would keep something of our changes."""
    return [
        Kept(object=name, id=one.id, why=one.why, detail=tuple(each.path for each in one.kept if each.path))
        for name, some in undone.items()
        for one in some
        if one.kept and one.row is not None
    ]


def _kept(decision: Decision) -> list[Kept]:
    return [
        Kept(object=name, id=keep.candidate.id, why=keep.why, detail=detailed(msgspec.to_builtins(keep.detail)))
        for name, keeps in decision.kept.items()
        for keep in keeps
    ]
