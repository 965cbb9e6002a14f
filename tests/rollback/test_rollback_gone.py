"""People a delta took out since they had left Kartra: a rollback of that delta brings them back."""

import pytest

from commands.compensation.scope import Wanted
from commands.rollback import preview
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people, told
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_who_a_delta_took_out_is_made_again_by_its_rollback(journey: Journey) -> None:
    """Bob is as the load left him, under a new id; a rollback of the load takes him out with the others."""
    before = await journey.settled_dump()
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave")
    bob = told((await people(journey))[BOB["email"]])
    delta = await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, CYD]), "contacts", gone="delete")
    assert delta.loaded.written.removed == {"person": 1}
    scope = Wanted(since=loaded.head.position)
    assert (await preview(journey.options, scope)).reviving == {"person": 1}
    done = await journey.roll_back(wanted=scope)
    assert (done.proof.exact, done.undone, done.remade, done.restored) == (True, 0, {"person": 1}, {"person": 1})
    again = told((await people(journey))[BOB["email"]])
    assert {name for name in bob if again[name] != bob[name]} == {"id"}
    assert "the ids of 1 records that were made again" in done.proof.not_restorable
    journey.run("reconcile", "--sandbox")
    assert (await journey.roll_back(wanted=scope)).remade == {}
    journey.run("verify")
    later = await journey.delta(export(journey, 2, [ANN, CYD]), "contacts", gone="delete")
    assert later.loaded.written.removed == {"person": 1}
    assert (await journey.roll_back(later.loaded.run)).remade == {"person": 1}
    taken = await journey.roll_back(loaded.run)
    assert (taken.proof.exact, taken.destroyed["person"]) == (True, 3)
    assert (await journey.roll_back(later.loaded.run)).remade == {}
    assert (await journey.roll_back()).proof.exact
    assert await journey.settled_dump() == before


async def test_after_everything_was_taken_back_the_first_files_bring_everybody(journey: Journey) -> None:
    """A load of them makes also those of whom a later export, now taken back, had said that they were gone."""
    folder = export(journey, 0, ACCOUNT)
    await journey.load(folder, "leave")
    await journey.delta(export(journey, 1, [ANN, BOB]), "contacts", gone="delete")
    done = await journey.roll_back()
    assert (done.proof.exact, done.remade) == (True, {})
    assert (await journey.load(folder, "leave")).written.created["person"] == len(ACCOUNT)
    assert CYD["email"] in await people(journey)
    journey.run("ledger", "rebuild")
    journey.run("verify")
