"""`rollback --check` says what `--yes` does, no more and no less."""

import pytest

from commands.compensation.scope import Wanted
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people
from tests.journey.world import Journey, create_company, create_person, soft_deleted
from tests.rollback.foreseeing import foreseen_and_done

pytestmark = pytest.mark.anyio


async def foreign(journey: Journey, email: str, *, binned: bool = False) -> str:
    """A person of others', in the bin or not."""
    async with journey.twenty() as twenty:
        made = await create_person(
            twenty.client, data={"name": {"firstName": "Foreign"}, "emails": {"primaryEmail": email}}
        )
        if binned:
            await soft_deleted(twenty, "person", made)
    return made


async def test_an_adopted_person_pointed_at_our_company_by_somebody_is_foreseen(journey: Journey) -> None:
    """Undoing an adoption that put no company there lets nothing go: what she points at stays, with its fields."""
    await foreign(journey, CYD["email"])
    await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt")
    [company] = await journey.records("company")
    await edit(journey, CYD["email"], companyId=company["id"], kartraSource="x")
    foreseen, _ = await foreseen_and_done(journey)
    assert [(one.object, one.why) for one in foreseen.kept] == [("company", "has_dependents")]
    assert "person.kartraSource" in {one.name for one in foreseen.schema}


async def test_a_link_that_comes_off_a_record_kept_in_part_is_foreseen(journey: Journey) -> None:
    """Taken out of the bin by us and edited since, she stays out of it; but not with our company, which goes."""
    await foreign(journey, ANN["email"], binned=True)
    await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="restore")
    await edit(journey, ANN["email"], jobTitle="Baker")
    foreseen, done = await foreseen_and_done(journey)
    assert [(one.object, one.why, one.detail) for one in foreseen.kept] == [("person", "edited", ("deletedAt",))]
    assert (done.restored, done.restored_in_part, done.destroyed["company"]) == ({}, {"person": 1}, 1)


async def test_a_later_change_is_foreseen_as_such(journey: Journey) -> None:
    """An adoption that a delta stands upon: the check gives the reason that the rollback gives."""
    await foreign(journey, ANN["email"])
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt")
    await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    foreseen, _ = await foreseen_and_done(journey, Wanted(run=loaded.run))
    assert ("person", "changed_later") in {(one.object, one.why) for one in foreseen.kept}
    await foreseen_and_done(journey)


async def test_a_link_that_comes_back_is_foreseen(journey: Journey) -> None:
    """A person of others' who pointed at a company of ours does so again, once our change of it is undone."""
    await foreign(journey, ANN["email"])
    await journey.load(export(journey, 0, [BOB, {**CYD, "company": "Zeta Ltd"}]), "leave")
    zeta = next(one["id"] for one in await journey.records("company") if one["name"] == "Zeta Ltd")
    await edit(journey, ANN["email"], companyId=zeta)
    await journey.delta(export(journey, 1, [ANN, BOB]), existing="adopt")
    await journey.delta(export(journey, 2, [{**ANN, "company": "Other Ltd"}, BOB]), conflict="overwrite")
    assert (await people(journey))[ANN["email"]]["companyId"] != zeta
    foreseen, _ = await foreseen_and_done(journey)
    assert [(one.object, one.id, one.why) for one in foreseen.kept] == [("company", zeta, "has_dependents")]


async def test_values_of_others_in_our_fields_are_foreseen(journey: Journey) -> None:
    """The data model that would stay is named beforehand, on the console too; by force none would."""
    await load_account(journey)
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"name": {"firstName": "Foreign"}, "kartraScore": 5})
        company = await create_company(twenty.client, data={"name": "Elsewhere"})
    await edit(journey, BOB["email"], companyId=company)
    said = journey.run("rollback", "--sandbox", "--check")
    assert "keeps person.kartraScore: in_use" in said
    assert "edited (companyId)" in said
    foreseen, done = await foreseen_and_done(journey)
    assert {"person.kartraScore", "person.kartraTags"} <= {one.name for one in foreseen.schema}
    assert [(one.why, one.detail) for one in done.proof.kept if one.object == "person"] == [("edited", ("companyId",))]
    foreseen, _ = await foreseen_and_done(journey, force=True)
    assert foreseen.schema == []


async def test_what_stays_for_the_bin_is_foreseen(journey: Journey) -> None:
    """With `--soft`: fields that only the bin's records hold values in stay for it, others for what others hold."""
    await load_account(journey)
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"name": {"firstName": "Foreign"}, "kartraScore": 5})
    foreseen, done = await foreseen_and_done(journey, soft=True)
    assert {one.why for one in foreseen.schema} == {"in_use", "in_bin"}
    assert done.fields_kept == ["person.kartraScore"]


async def test_what_was_put_into_the_bin_and_taken_out_of_it_is_foreseen(journey: Journey) -> None:
    """Undone, it lies in the bin again where a rollback had put it; from there it goes for good, and its fields do."""
    await load_account(journey)
    await journey.roll_back(soft=True)
    said = journey.run("rollback", "--sandbox")
    assert "  3 person records for good, which a rollback put into the bin" in said
    assert "into the bin" not in journey.run("rollback", "--sandbox", "--soft")
    await journey.load(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]), "leave", deleted="restore")
    await edit(journey, BOB["email"], jobTitle="Baker")
    foreseen, done = await foreseen_and_done(journey)
    assert (foreseen.plan.changes["person"], foreseen.plan.binned["person"]) == (3, 3)
    assert [(one.object, one.id, one.why) for one in foreseen.kept if one.object == "person"] == [
        ("person", (await people(journey))[BOB["email"]]["id"], "edited")
    ]
    assert done.destroyed["person"] == 2
