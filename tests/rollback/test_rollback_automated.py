"""Companies that a workflow made for our people go with them, unless somebody else has a part in them."""

import pytest

from commands.compensation.scope import Wanted
from commands.rollback import check
from tests.delta.accounts import ANN, BOB, CYD, load_account, people
from tests.journey.world import Journey, change_person, create_company, create_person

pytestmark = pytest.mark.anyio

WORKFLOW = {"source": "WORKFLOW", "name": "Create company when adding a new person"}


async def company_for(journey: Journey, *emails: str) -> str:
    """Make a company as the prefilled workflow does, and link people to it."""
    there = await people(journey)
    name = f"Of {emails[0]}"
    async with journey.twenty() as twenty:
        made = await create_company(twenty.client, data={"name": name, "createdBy": WORKFLOW})
        for email in emails:
            await change_person(twenty.client, data={"companyId": made}, record=there[email]["id"])
    ids = [there[email]["id"] for email in emails]
    for one in ids:
        journey.sql("UPDATE person SET \"updatedBySource\" = 'APPLICATION' WHERE id = ?", one)
    return made


async def test_what_an_automation_made_for_ours_goes_with_them(journey: Journey) -> None:
    """One person without a company of ours and one whose own was overwritten: all is as before, and it is told."""
    await load_account(journey)
    made = {await company_for(journey, CYD["email"]), await company_for(journey, ANN["email"])}
    foreseen = await check(journey.options, Wanted(), force=False)
    assert (foreseen.kept, {one["id"] for one in foreseen.forced}) == ([], made)
    done = await journey.roll_back(patience_s=0)
    assert {(one.object, one.id, one.why) for one in done.proof.lost} == {
        ("company", one, "made_by_automation") for one in made
    }
    assert (done.proof.exact, done.undone, await journey.records("company")) == (True, 0, [])


async def test_what_others_have_a_part_in_stays_and_is_named(journey: Journey) -> None:
    """A stranger works at the one company, a person renamed the other: both stay with the reason, the people go."""
    await load_account(journey)
    shared, renamed = await company_for(journey, CYD["email"]), await company_for(journey, BOB["email"])
    async with journey.twenty() as twenty:
        theirs = {"emails": {"primaryEmail": "x@foreign.example"}, "companyId": shared}
        await create_person(twenty.client, data=theirs)
        document = "mutation($i:UUID!,$d:CompanyUpdateInput!){updateCompany(id:$i,data:$d){id}}"
        await twenty.client.write(document, {"i": renamed, "d": {"name": "Renamed"}}, kind="update")
    done = await journey.roll_back(patience_s=0)
    assert {(one.id, one.why) for one in done.proof.kept} == {(shared, "has_dependents"), (renamed, "edited")}
    assert set(await people(journey)) == {"x@foreign.example"}
    assert done.undone > 0


async def test_one_that_was_there_before_ours_is_none_of_ours(journey: Journey) -> None:
    """A workflow made it for somebody else, before: our people are linked to it, and go without it."""
    async with journey.twenty() as twenty:
        old = await create_company(twenty.client, data={"name": "Old", "createdBy": WORKFLOW})
    await load_account(journey)
    cyd = (await people(journey))[CYD["email"]]["id"]
    async with journey.twenty() as twenty:
        await change_person(twenty.client, data={"companyId": old}, record=cyd)
    journey.sql("UPDATE person SET \"updatedBySource\" = 'APPLICATION' WHERE id = ?", cyd)
    done = await journey.roll_back(patience_s=0)
    assert (done.proof.kept, done.proof.lost, done.undone) == ([], [], 0)
    assert [one["id"] for one in await journey.records("company")] == [old]
