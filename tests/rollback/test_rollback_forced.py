"""By force: what is lost with a record is told and kept in the ledger, and what of ours it takes with it comes back."""

from collections import Counter

import pytest

from adapters.twenty import OutcomeUnknown
from commands.compensation.scope import Wanted
from commands.reconcile import reconcile
from commands.rollback import check, preview
from tests.delta.accounts import ANN, edit, load_account, people
from tests.journey.world import Journey, send

pytestmark = pytest.mark.anyio

PEOPLE = Wanted(objects=("person",))


async def test_what_others_lose_is_told_before_and_after_and_stays_in_the_ledger(journey: Journey) -> None:
    """Ann was edited, and a deal and a note of others point at her: she goes, and all of it can be read afterwards."""
    await load_account(journey)
    ann = (await people(journey))[ANN["email"]]["id"]
    async with journey.twenty() as twenty:
        deal = await send(twenty.client, "createOpportunity", "Opportunity", {"name": "T", "pointOfContactId": ann})
        note = await send(twenty.client, "createNote", "Note", {"title": "theirs"})
        tie = {"noteId": note, "targetPersonId": ann}
        tied = await send(twenty.client, "createNoteTarget", "NoteTarget", tie)
    await edit(journey, ANN["email"], jobTitle="Baker")
    foreseen = await check(journey.options, Wanted(), force=True)
    assert (foreseen.kept, foreseen.forced) == ([], [{"object": "person", "id": ann, "why": "edited"}])
    done = await journey.roll_back(force=True, patience_s=0)
    assert [(one.object, one.id, one.why, one.pointing) for one in done.proof.lost] == [("person", ann, "edited", 2)]
    assert [(one.name, one.why, one.records) for one in done.forced] == [(f"person {ann}", "edited", 2)]
    [noted] = await journey.events("LossNoted")
    body = await journey.body(noted.event.payload_hash)
    assert (body["record"]["jobTitle"], body["record"]["id"]) == ("Baker", ann)
    pointing = {(one["object"], one["field"]): one["record"] for one in body["pointing"]}
    assert pointing["opportunity", "pointOfContactId"]["id"] == deal
    assert (pointing["noteTarget", "targetPersonId"]["id"], pointing["noteTarget", "targetPersonId"]["noteId"]) == (
        tied, note,
    )  # fmt: skip


async def test_ties_of_ours_go_on_record_and_come_back_with_the_next_load(journey: Journey) -> None:
    """People taken out from under notes, tasks and sales: the ledger knows, and the next load ties all again."""
    exports = journey.sample(4, everything=True, dirty=False)
    await journey.load(exports, "leave")
    ties = {name: len(await journey.records(name)) for name in ("noteTarget", "taskTarget")}
    spared = await check(journey.options, PEOPLE, force=False)
    assert {one.why for one in spared.kept} == {"has_dependents"}
    foreseen = await check(journey.options, PEOPLE, force=True)
    assert (foreseen.plan.along, (await preview(journey.options, PEOPLE)).along) == (ties, {})
    assert Counter(one["object"] for one in foreseen.forced if one["why"] == "goes_along") == ties
    done = await journey.roll_back(wanted=PEOPLE, force=True, patience_s=0)
    assert {name: done.destroyed[name] for name in ties} == ties
    assert {name: len(await journey.records(name)) for name in ties} == dict.fromkeys(ties, 0)
    assert done.proof.asked["noteTarget"] == ties["noteTarget"]
    assert done.proof.exact
    again = await journey.load(exports, "leave")
    assert (again.undone, again.unlinked) == (0, 0)
    assert (await reconcile(journey.options, None, 1, (), None)).differences == 0
    assert all(one["pointOfContactId"] for one in await journey.records("opportunity"))
    assert {name: len(await journey.records(name)) for name in ties} == ties


async def test_ties_that_went_before_a_stop_are_on_record_after_it(journey: Journey) -> None:
    """Both answers of the call that takes out ties are lost: gone on with, they are taken back like the people."""
    await journey.load(journey.sample(3, everything=True, dirty=False), "leave")
    ties = len(await journey.records("noteTarget"))
    lost: list[str] = []

    def lose(stage: str, body: bytes) -> None:
        if stage == "committed" and b"destroyNoteTargets" in body and len(lost) < 2:
            lost.append(stage)
            raise ConnectionResetError

    journey.settings["on_request"] = lose
    with pytest.raises(OutcomeUnknown):
        await journey.roll_back(wanted=PEOPLE, force=True, patience_s=0)
    done = await journey.roll_back(wanted=PEOPLE, force=True, patience_s=0)
    taken = [one.event.outcome for one in await journey.events("RecordDeleted") if one.event.object == "noteTarget"]
    assert (taken, done.undone) == (["destroyed"] * ties, 0)
