"""What `--check` says beforehand, held against what `--yes` does then."""

from commands.compensation.outcome import Foreseen, RolledBack
from commands.compensation.scope import Wanted
from commands.rollback import check
from tests.journey.world import Journey

EVERYTHING = Wanted()


async def foreseen_and_done(
    journey: Journey, wanted: Wanted = EVERYTHING, *, force: bool = False, soft: bool = False
) -> tuple[Foreseen, RolledBack]:
    """Check, then do it: the same records stay for the same reasons, in the same detail, and the same comes back."""
    foreseen = await check(journey.options, wanted, force=force, soft=soft)
    done = await journey.roll_back(wanted=wanted, force=force, soft=soft)
    assert {(one.object, one.id): (one.why, set(one.detail)) for one in foreseen.kept} == {
        (one.object, one.id): (one.why, set(one.detail)) for one in done.proof.kept
    }
    taken = {(one.object, one.id) for one in done.proof.not_back if one.why == "value_taken"}
    assert {(one.object, one.id) for one in foreseen.not_back} == taken
    assert (foreseen.plan.returning, foreseen.plan.superseded) == (done.returned, done.superseded)
    stays = {(name, "in_use") for name in done.fields_kept} | {(name, "in_bin") for name in done.fields_in_bin}
    assert {(one.name, one.why) for one in foreseen.schema} == stays
    return foreseen, done
