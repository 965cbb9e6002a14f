"""What lies in the bin and bars ours the way: only what must go goes, and only while it lies there."""

import pytest

from commands.resume import resume
from tests.delta.accounts import ACCOUNT, ANN, export, people
from tests.journey.world import Journey, create_company, create_person, soft_deleted

pytestmark = pytest.mark.anyio


async def binned(journey: Journey) -> str:
    """Somebody else's Ann, in the bin."""
    async with journey.twenty() as twenty:
        record = await create_person(twenty.client, data={"emails": {"primaryEmail": ANN["email"]}})
        await soft_deleted(twenty, "person", record)
    return record


async def test_a_company_in_the_bin_is_left_there_and_ours_made_beside_it(journey: Journey) -> None:
    """No name is unique in Twenty: `destroy` destroys nothing, and nothing is held."""
    async with journey.twenty() as twenty:
        record = await create_company(twenty.client, data={"name": "ACME, Ltd."})
        await soft_deleted(twenty, "company", record)
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="destroy")
    assert (loaded.written.created["company"], loaded.undone) == (1, 0)
    companies = await journey.records("company")
    assert [one["id"] for one in companies if one["deletedAt"]] == [record]
    assert len(companies) == 2
    assert (await journey.roll_back()).proof.exact


async def test_what_somebody_took_out_of_the_bin_meanwhile_stays(journey: Journey) -> None:
    """A record that lives again when our call comes survives it, and is met like any live one."""
    record = await binned(journey)

    def taken_out(stage: str, body: bytes) -> None:
        if stage == "before" and b"destroyPeople" in body:
            journey.sql(
                'UPDATE person SET "deletedAt" = NULL, "updatedAt" = \'2099-01-01T00:00:00.000Z\' WHERE "id" = ?',
                record,
            )

    journey.settings["on_request"] = taken_out
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="destroy", existing="adopt")
    assert loaded.written.adopted == {"person": 1}
    assert (await people(journey))[ANN["email"]]["id"] == record
    assert len(await journey.events("DisplacementSpared")) == 1
    assert await journey.events("RecordDisplaced") == []


@pytest.mark.parametrize("stage", ["before", "committed"])
async def test_a_displacement_whose_answer_was_lost_has_an_outcome(journey: Journey, stage: str) -> None:
    """The answer lost twice, the run goes on: what is gone is told, what is not goes then."""
    await binned(journey)
    lost: list[str] = []

    def lose(moment: str, body: bytes) -> None:
        if moment == stage and b"destroyPeople" in body:
            lost.append(moment)
            raise ConnectionResetError

    journey.settings["on_request"] = lose
    with pytest.raises(Exception, match="lost"):
        await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="destroy")
    assert len(lost) == 2
    journey.settings.pop("on_request")
    done = await resume(journey.options, None)
    assert done is not None
    assert len(await journey.events("DisplacementIntended")) == 1
    assert len(await journey.events("RecordDisplaced")) == 1
    assert len(await people(journey)) == len(ACCOUNT)
