"""A workspace that is not empty: what Twenty has already is held, skipped or adopted, and put back as it was."""

from typing import Any

import pytest

from commands import collisions
from commands.holds import holds
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people, told
from tests.journey.world import Journey, create_company, create_person, soft_deleted

pytestmark = pytest.mark.anyio


async def theirs(journey: Journey, **data: Any) -> str:
    """Somebody else's Ann, who has a name and a job title of her own."""
    async with journey.twenty() as twenty:
        given = {"name": {"firstName": "Annie"}, "emails": {"primaryEmail": ANN["email"]}, "jobTitle": "Baker", **data}
        return await create_person(twenty.client, data=given)


async def binned(journey: Journey) -> str:
    """The same Ann, in the bin."""
    record = await theirs(journey)
    async with journey.twenty() as twenty:
        await soft_deleted(twenty, "person", record)
    return record


async def test_adopting_fills_what_is_empty_and_a_rollback_puts_it_back(journey: Journey) -> None:
    """Her own values stay, empty ones are filled, sales may point at her; taken back, she is as she was."""
    record = await theirs(journey)
    before = told((await people(journey))[ANN["email"]])
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt")
    assert (loaded.written.adopted, loaded.written.created["person"]) == ({"person": 1}, 2)
    assert loaded.undone == 0
    ann = (await people(journey))[ANN["email"]]
    assert ann["id"] == record
    assert (ann["name"], ann["jobTitle"]) == ({"firstName": "Annie", "lastName": "One"}, "Baker")
    assert (ann["kartraScore"], ann["phones"]["primaryPhoneNumber"]) == (5, "30901820")
    assert (await journey.load(export(journey, 1, ACCOUNT), "leave", existing="adopt")).written.adopted == {}
    done = await journey.roll_back()
    assert done.restored == {"person": 1}
    assert (done.proof.exact, done.undone) == (True, 0)
    now = await people(journey)
    assert set(now) == {ANN["email"]}
    assert told(now[ANN["email"]]) == before
    names = journey.sql('SELECT "name" FROM "timelineActivity" WHERE "targetPersonId" = ?', record)
    assert names == [("person.created",)]


async def test_adopting_by_overwriting_and_a_delta_on_top_are_put_back_too(journey: Journey) -> None:
    """What ours says wins where that was asked for; a later delta changes her on; all of it comes back."""
    await theirs(journey)
    before = told((await people(journey))[ANN["email"]])
    await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt", adoption="overwrite")
    assert (await people(journey))[ANN["email"]]["name"]["firstName"] == "Ann"
    done = await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    assert done.loaded.written.updated == {"person": 1}
    taken = await journey.roll_back()
    assert (taken.proof.exact, taken.undone) == (True, 0)
    assert told((await people(journey))[ANN["email"]]) == before


async def test_who_is_there_is_found_however_many_are_asked_about_at_once(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and reads end anywhere between the people: whoever is there stands for ours, and nobody else does."""
    monkeypatch.setattr(collisions, "_PAGE", 2)
    monkeypatch.setattr(collisions, "KEYS_A_READ", 5)
    account = [{**ANN, "id": str(100 + at), "email": f"p{at}@acme.example"} for at in range(12)]
    there = {0, 3, 4, 5, 9, 11}
    async with journey.twenty() as twenty:
        ids = [
            await create_person(twenty.client, data={"emails": {"primaryEmail": account[at]["email"]}})
            for at in sorted(there)
        ]
    loaded = await journey.load(export(journey, 0, account), "leave", existing="skip")
    assert (loaded.written.skipped, loaded.written.created["person"]) == ({"person": 6}, 6)
    found = await people(journey)
    assert [found[f"p{at}@acme.example"]["id"] for at in sorted(there)] == ids
    assert len(found) == 12


async def test_what_is_skipped_is_never_touched_and_can_be_pointed_at(journey: Journey) -> None:
    """Her record stands for ours: it is left alone by load, delta and rollback."""
    record = await theirs(journey)
    before = (await people(journey))[ANN["email"]]
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", existing="skip")
    assert (loaded.written.skipped, loaded.undone) == ({"person": 1}, 0)
    await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]), existing="skip")
    assert (await journey.roll_back()).proof.exact
    now = (await people(journey))[ANN["email"]]
    assert (now["id"], told(now), now["updatedBy"]) == (record, told(before), before["updatedBy"])


@pytest.mark.parametrize(("way", "reason"), [("hold", "deleted_in_twenty"), ("restore", None), ("destroy", None)])
async def test_what_lies_in_the_bin_goes_by_policy(journey: Journey, way: str, reason: str | None) -> None:
    """Held by default; taken out and adopted; or destroyed, its values kept in the ledger first."""
    record = await binned(journey)
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", deleted=way)
    assert [one.reason for one in await holds(journey.options, "open")] == ([reason] if reason else [])
    ann = (await people(journey))[ANN["email"]]
    assert (ann["id"] == record, ann["deletedAt"] is None) == (way != "destroy", way != "hold")
    assert bool(loaded.undone) == (way == "hold")
    if way == "destroy":
        [event] = await journey.events("DisplacementIntended")
        assert (await journey.body(event.event.payload_hash))["record"]["jobTitle"] == "Baker"
    if way == "restore":
        assert ann["jobTitle"] == "Baker"
        assert (await journey.roll_back()).restored == {"person": 1}
        assert (await people(journey))[ANN["email"]]["deletedAt"] is not None


async def test_a_company_of_the_same_name_is_the_same_company(journey: Journey) -> None:
    """Companies are told by their folded name: held by default, and, adopted by the next load, linked late."""
    async with journey.twenty() as twenty:
        record = await create_company(twenty.client, data={"name": "ACME, Ltd."})
    folder = export(journey, 0, ACCOUNT)
    first = await journey.load(folder, "leave")
    assert [(one.object, one.reason) for one in await holds(journey.options, "open")] == [
        ("company", "existing_in_twenty")
    ]
    assert first.unlinked == 2
    second = await journey.load(folder, "leave", existing="company=adopt")
    assert (second.written.adopted, second.written.updated) == ({"company": 1}, {"person": 2})
    assert (second.unlinked, second.undone) == (0, 0)
    assert (await people(journey))[BOB["email"]]["companyId"] == record
    assert (await journey.roll_back()).proof.exact
    [company] = await journey.records("company")
    assert (company["id"], company["name"]) == (record, "ACME, Ltd.")


async def test_gone_people_are_deleted_only_when_both_words_are_said(journey: Journey) -> None:
    """`--gone delete --complete contacts` takes Cyd out; a later load does not bring her back, a later export does."""
    folder = export(journey, 0, ACCOUNT)
    await journey.load(folder, "leave")
    done = await journey.delta(export(journey, 1, [ANN, BOB]), "contacts", gone="delete")
    assert done.loaded.written.removed == {"person": 1}
    assert set(await people(journey)) == {ANN["email"], BOB["email"]}
    await journey.load(folder, "leave")
    assert CYD["email"] not in await people(journey)
    back = await journey.delta(export(journey, 2, ACCOUNT), "contacts", gone="delete")
    assert back.compared.kinds["contacts"].returned == 1
    assert CYD["email"] in await people(journey)
