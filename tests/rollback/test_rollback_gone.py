"""People a delta took out since they had left Kartra: a rollback of that delta brings them back."""

import pytest

from commands.compensation.scope import Wanted
from commands.rollback import preview
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people, told
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_who_a_delta_took_out_is_made_again_by_its_rollback(journey: Journey) -> None:
    """Bob is as the load left him, under a new id, and so is his note; a rollback of the load takes them out."""
    before = await journey.settled_dump()
    account = [{**ANN, "notes": ""}, {**BOB, "notes": "A word"}, {**CYD, "notes": ""}]
    loaded = await journey.load(export(journey, 0, account), "leave")
    bob = told((await people(journey))[BOB["email"]])
    delta = await journey.delta(
        export(journey, 1, [{**account[0], "score": "9"}, account[2]]), "contacts", gone="delete"
    )
    away = {"person": 1, "note": 1, "noteTarget": 1}
    assert delta.loaded.written.removed == away
    scope = Wanted(since=loaded.head.position)
    assert (await preview(journey.options, scope)).reviving == away
    done = await journey.roll_back(wanted=scope)
    assert (done.proof.exact, done.undone, done.remade, done.restored) == (True, 0, away, {"person": 1})
    [tie] = await journey.records("noteTarget")
    assert tie["targetPersonId"] == (await people(journey))[BOB["email"]]["id"]
    again = told((await people(journey))[BOB["email"]])
    assert {name for name in bob if again[name] != bob[name]} == {"id"}
    assert "the ids of 3 records that were made again" in done.proof.not_restorable
    journey.run("reconcile", "--sandbox")
    assert (await journey.roll_back(wanted=scope)).remade == {}
    journey.run("verify")
    later = await journey.delta(export(journey, 2, [account[0], account[2]]), "contacts", gone="delete")
    assert later.loaded.written.removed == away
    assert (await journey.roll_back(later.loaded.run)).remade == away
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
