"""Records of ours that a rollback put into the bin and that made way for ours of a later load."""

import pytest

from commands.compensation.scope import Wanted
from tests.delta.accounts import export, people
from tests.journey.handmade import contact, put, sale, subscription
from tests.journey.world import Journey
from tests.rollback.foreseeing import foreseen_and_done

pytestmark = pytest.mark.anyio


async def test_what_is_ours_is_never_brought_back_as_others(journey: Journey) -> None:
    """They come back with the later load alone, into the bin; with everything all is as before, and was foreseen."""
    before = await journey.settled_dump()
    folder = export(journey, 0, [contact(1, company="Acme Ltd", notes="A word"), contact(2)])
    put(folder, "transactions", [sale(1, 1)])
    put(folder, "subscriptions", [subscription(1, 1)])
    await journey.load(folder, "leave")
    await journey.roll_back(soft=True)
    binned = {one["id"] for one in (await people(journey)).values()}
    again = await journey.load(folder, "leave", deleted="destroy")
    foreseen, done = await foreseen_and_done(journey, Wanted(run=again.run))
    assert (foreseen.plan.returning, done.returned, done.proof.exact) == ({"person": 2}, {"person": 2}, True)
    there = (await people(journey)).values()
    assert ({one["id"] for one in there}, all(one["deletedAt"] for one in there)) == (binned, True)
    await journey.load(folder, "leave", deleted="destroy")
    foreseen, done = await foreseen_and_done(journey)
    assert (foreseen.plan.returning, foreseen.kept, done.returned, done.proof.exact) == ({}, [], {}, True)
    assert (foreseen.plan.binned["opportunity"], "person" in foreseen.plan.binned) == (1, False)
    assert await journey.settled_dump() == before
