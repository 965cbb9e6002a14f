"""Adoptions taken back: in part, after a lost answer, and of what we had put into the bin ourselves."""

import pytest

from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, people, told
from tests.journey.world import Journey, change_person, create_person, soft_deleted
from tests.rollback.believed import apart

pytestmark = pytest.mark.anyio


async def theirs(journey: Journey, *, binned: bool = False) -> str:
    """Somebody made Ann before us, and put her into the bin."""
    data = {"name": {"firstName": "Annie"}, "emails": {"primaryEmail": ANN["email"]}}
    async with journey.twenty() as twenty:
        record = await create_person(twenty.client, data=data)
        if binned:
            await soft_deleted(twenty, "person", record)
    return record


async def test_one_taken_back_in_part_stays_ours(journey: Journey) -> None:
    """What was edited stays hers; the books balance, and loads, deltas and rollbacks go on with her."""
    await theirs(journey)
    before = told((await people(journey))[ANN["email"]])
    exports = export(journey, 0, ACCOUNT)
    await journey.load(exports, "leave", existing="adopt")
    await edit(journey, ANN["email"], kartraScore=10)
    assert [one.why for one in (await journey.roll_back()).proof.kept] == ["edited"]
    assert await apart(journey) == [("edited_in_twenty", "kartraScore", 5, 10)]
    await journey.load(exports, "leave", existing="adopt")
    done = await journey.delta(export(journey, 1, [{**ANN, "last_name": "Two"}, BOB, CYD]))
    assert (done.loaded.written.held, done.loaded.written.updated) == ({}, {"person": 1})
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"], ann["phones"]["primaryPhoneNumber"]) == (
        10, {"firstName": "Annie", "lastName": "Two"}, "30901820",
    )  # fmt: skip
    assert await apart(journey) == [("edited_in_twenty", "kartraScore", 5, 10)]
    taken = await journey.roll_back(force=True)
    assert (taken.proof.exact, taken.undone) == (True, 0)
    assert {**told((await people(journey))[ANN["email"]]), "updatedAt": ""} == {**before, "updatedAt": ""}
    assert await apart(journey) == []


@pytest.mark.parametrize("binned", [False, True])
async def test_one_whose_answer_was_lost_is_put_back_whole(journey: Journey, binned: bool) -> None:
    """Nobody but us touched her: the time of before comes back too, and the bin she lay in."""
    await theirs(journey, binned=binned)
    before = told((await people(journey))[ANN["email"]])
    lost: list[bytes] = []

    def lose(stage: str, body: bytes) -> None:
        if stage == "committed" and b"upsert:true" in body and not lost:
            lost.append(body)
            raise ConnectionResetError

    journey.settings["on_request"] = lose
    await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt", deleted="restore")
    assert lost
    done = await journey.roll_back()
    assert (done.proof.exact, done.undone) == (True, 0)
    assert told((await people(journey))[ANN["email"]]) == before


async def test_a_time_that_does_not_come_back_is_named(journey: Journey) -> None:
    """Somebody touched her since, or right behind our call: the proof tells the one, and fails by the other."""
    record = await theirs(journey)
    exports = export(journey, 0, ACCOUNT)
    await journey.load(exports, "leave", existing="adopt")
    await edit(journey, ANN["email"], jobTitle="Baker")
    done = await journey.roll_back()
    assert done.proof.exact
    assert any(record in said and "updatedAt" in said for said in done.proof.not_restorable)
    await journey.load(exports, "leave", existing="adopt")
    edits: list[str] = []

    async def edit_now(stage: str, body: bytes) -> None:
        if stage == "committed" and b"upsert:true" in body and not edits:
            edits.append(record)
            async with journey.twenty() as twenty:
                await change_person(twenty.client, data={"jobTitle": "Miller"}, record=record)

    journey.settings["on_request"] = edit_now
    assert (await journey.roll_back()).proof.unequal == {"person": [record]}


async def test_what_we_put_into_the_bin_and_took_out_of_it_goes(journey: Journey) -> None:
    """Taken back softly, loaded again out of the bin, taken back: by our own doing nobody is edited."""
    exports = export(journey, 0, ACCOUNT)
    await journey.load(exports, "leave")
    await journey.roll_back(soft=True)
    await journey.load(exports, "leave", deleted="restore")
    assert await apart(journey) == []
    done = await journey.roll_back()
    assert (done.proof.exact, done.proof.kept, done.undone) == (True, [], 0)
    assert await people(journey) == {}
    assert await apart(journey) == []
