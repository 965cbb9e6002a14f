"""People whom one delta took out and a later one made anew: in which order ever both are undone, they are there."""

from typing import Any

import pytest

from commands.compensation.scope import Plan, Wanted
from commands.rollback import preview
from tests.delta.accounts import ANN, BOB, edit, export, people, told
from tests.journey.world import Journey
from tests.rollback.foreseeing import foreseen_and_done

pytestmark = pytest.mark.anyio

_AWAY = {"person": 1, "note": 1, "noteTarget": 1}


async def gone_and_anew(journey: Journey) -> tuple[int, str, str, dict[str, Any]]:
    """Bob left in one delta and came in the next; answers the position and the runs of these, and Bob of the load."""
    account = [{**ANN, "notes": ""}, {**BOB, "notes": "A word"}]
    loaded = await journey.load(export(journey, 0, account), "leave")
    bob = told((await people(journey))[BOB["email"]])
    gone = await journey.delta(export(journey, 1, account[:1]), "contacts", gone="delete")
    assert gone.loaded.written.removed == _AWAY
    anew = await journey.delta(export(journey, 2, account))
    return loaded.head.position, gone.loaded.run, anew.loaded.run, bob


async def is_as_loaded(journey: Journey, bob: dict[str, Any]) -> None:
    """Bob is as the load left him, but for his id, and the ledger says so."""
    again = told((await people(journey))[BOB["email"]])
    assert {name for name in bob if again[name] != bob[name]} == {"id"}
    assert [one["targetPersonId"] for one in await journey.records("noteTarget")] == [again["id"]]
    journey.run("reconcile", "--sandbox")
    journey.run("ledger", "rebuild")
    journey.run("verify")


async def undo(journey: Journey, wanted: Wanted) -> tuple[Plan, dict[str, int]]:
    """Preview, check, and roll back: all three agree about what comes back and what does not."""
    plan = await preview(journey.options, wanted)
    foreseen, done = await foreseen_and_done(journey, wanted)
    assert (foreseen.plan, plan.superseded) == (plan, done.superseded)
    assert (done.proof.exact, done.remade) == (True, plan.reviving)
    return plan, done.destroyed


@pytest.mark.parametrize("order", ["newest first", "oldest first", "at once"])
async def test_who_left_and_came_is_there_again_in_every_order(journey: Journey, order: str) -> None:
    """What both deltas did is undone, and everything after that; nothing is made again while the later one stands."""
    before = await journey.settled_dump()
    since, gone, anew, bob = await gone_and_anew(journey)
    last = Wanted(since=since) if order == "at once" else Wanted(run=gone if order == "newest first" else anew)
    if order == "newest first":
        plan, _ = await undo(journey, Wanted(run=anew))
        assert (plan.records, plan.reviving) == (_AWAY, {})
    if order == "oldest first":
        plan, _ = await undo(journey, Wanted(run=gone))
        assert (plan.reviving, plan.superseded) == ({}, _AWAY)
        said = journey.run("rollback", "--sandbox", "--run", gone)
        assert "does not make 1 person records again that a delta took out: later runs made them anew" in said
    plan, destroyed = await undo(journey, last)
    assert plan.reviving == _AWAY
    assert {name: count for name, count in destroyed.items() if count} == plan.records
    await is_as_loaded(journey, bob)
    assert (await journey.roll_back()).proof.exact
    assert await journey.settled_dump() == before


async def test_who_left_twice_comes_back_as_far_as_is_undone(journey: Journey) -> None:
    """A third delta took Bob out again: he is who the second made until that is undone, then who the load made."""
    _, gone, anew, bob = await gone_and_anew(journey)
    third = await journey.delta(export(journey, 3, [{**ANN, "notes": ""}]), "contacts", gone="delete")
    plan, _ = await undo(journey, Wanted(run=gone))
    assert (plan.reviving, plan.superseded) == ({}, _AWAY)
    assert BOB["email"] not in await people(journey)
    plan, _ = await undo(journey, Wanted(run=third.loaded.run))
    assert (plan.reviving, plan.superseded) == (_AWAY, {})
    plan, _ = await undo(journey, Wanted(run=anew))
    assert (plan.records, plan.reviving) == (_AWAY, _AWAY)
    await is_as_loaded(journey, bob)


async def test_who_came_anew_is_taken_back_alone(journey: Journey) -> None:
    """By his id, once the delta that took him out is undone: he is there as the load made him; by it, he is not."""
    await journey.load(export(journey, 0, [ANN, BOB]), "leave")
    gone = await journey.delta(export(journey, 1, [ANN]), "contacts", gone="delete")
    await journey.delta(export(journey, 2, [ANN, BOB]))
    await undo(journey, Wanted(run=gone.loaded.run))
    anew = (await people(journey))[BOB["email"]]["id"]
    plan, _ = await undo(journey, Wanted(records=(anew,)))
    assert (plan.records, plan.reviving) == ({"person": 1}, {"person": 1})
    again = (await people(journey))[BOB["email"]]["id"]
    plan, _ = await undo(journey, Wanted(records=(again,)))
    assert (again != anew, plan.reviving) == (True, {})
    assert BOB["email"] not in await people(journey)


async def test_who_came_anew_and_was_edited_stays_as_he_is(journey: Journey) -> None:
    """The later Bob is kept, so the one of before is not made again beside him: the check foresees it."""
    loaded = await journey.load(export(journey, 0, [ANN, BOB]), "leave")
    await journey.delta(export(journey, 1, [ANN]), "contacts", gone="delete")
    await journey.delta(export(journey, 2, [ANN, BOB]))
    await edit(journey, BOB["email"], jobTitle="Smith")
    foreseen, done = await foreseen_and_done(journey, Wanted(since=loaded.head.position))
    assert (foreseen.plan.reviving, done.remade, done.superseded) == ({}, {}, {"person": 1})
    assert [one.why for one in done.proof.kept] == ["edited"]
