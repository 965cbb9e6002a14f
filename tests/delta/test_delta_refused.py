"""What a delta refuses, or holds, since nobody can tell what is meant."""

import pytest

from adapters.twenty import OutcomeUnknown
from commands.errors import WrongUse
from commands.holds import holds
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people
from tests.journey.handmade import put_lines
from tests.journey.world import Journey, create_company

pytestmark = pytest.mark.anyio

DAY = 86_400


async def test_a_delta_goes_on_under_the_policies_it_began_with(journey: Journey) -> None:
    """Said otherwise, the same files are refused by a line that names the policy; said as before, they go on."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)

    def lose(stage: str, body: bytes) -> None:
        if stage == "before" and b"upsert:true" in body:
            raise ConnectionResetError

    journey.settings["on_request"] = lose
    folder = export(journey, 1, [{**ANN, "score": "9"}, {**BOB, "score": "9"}, CYD])
    with pytest.raises(OutcomeUnknown):
        await journey.delta(folder)
    del journey.settings["on_request"]
    with pytest.raises(WrongUse, match=r"other policies \(default\.conflict = hold\)"):
        await journey.delta(folder, conflict="overwrite")
    assert (await journey.delta(folder)).loaded.written.updated == {"person": 1}
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 6


async def test_answers_about_leads_that_are_older_than_the_contacts_are_refused(journey: Journey) -> None:
    """They speak of the same streams, and would take back what newer exports said."""
    await journey.load(export(journey, 2, ACCOUNT), "leave")
    folder = journey.folder / "answers"
    put_lines(folder, "leads", [{"lead_details": {"id": "1", "email": ANN["email"], "first_name": "Old"}}], age=DAY)
    with pytest.raises(WrongUse, match="was exported before"):
        await journey.delta(folder)
    put_lines(folder, "leads", [{"lead_details": {"id": "1", "email": ANN["email"], "first_name": "New"}}], age=3 * DAY)
    (folder / next(path.name for path in sorted(folder.iterdir()))).unlink()
    assert (await journey.delta(folder)).loaded.written.updated == {"person": 1}


async def test_one_of_several_companies_of_a_name_is_not_chosen(journey: Journey) -> None:
    """Two live companies go by the name: nothing is adopted, the company waits for a person."""
    async with journey.twenty() as twenty:
        for name in ("ACME, Ltd.", "Acme Ltd"):
            await create_company(twenty.client, data={"name": name})
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt", adoption="overwrite")
    assert loaded.written.adopted == {}
    [hold] = await holds(journey.options, "open")
    assert (hold.object, hold.reason) == ("company", "existing_in_twenty")
    assert sorted(one["name"] for one in await journey.records("company")) == ["ACME, Ltd.", "Acme Ltd"]
