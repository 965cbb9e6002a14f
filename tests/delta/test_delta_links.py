"""Relations to what is not in Twenty yet: the old one goes, the new one comes late, and both can be taken back."""

import pytest

from tests.delta.accounts import ANN, BOB, CYD, edit, export, load_account, people, told
from tests.journey.handmade import sign_mapping
from tests.journey.world import Journey, create_company

pytestmark = pytest.mark.anyio


async def company(journey: Journey, name: str) -> str:
    """Make a company as somebody else would."""
    async with journey.twenty() as twenty:
        return await create_company(twenty.client, data={"name": name})


async def test_who_moves_to_a_company_that_is_held_leaves_the_old_one(journey: Journey) -> None:
    """She is with none until it is adopted, then with it; both changes are put back, and nobody is taken for edited."""
    gamma = await company(journey, "Gamma Inc")
    await load_account(journey)
    before = told((await people(journey))[ANN["email"]])
    moved = [{**ANN, "company": "Gamma Inc"}, BOB, CYD]
    first = await journey.delta(export(journey, 1, moved))
    assert (first.loaded.written.updated, first.loaded.written.held) == ({"person": 1}, {"company": 1})
    assert (first.loaded.unlinked, first.loaded.open_holds) == (1, 1)
    assert (await people(journey))[ANN["email"]]["companyId"] is None
    taken = await journey.roll_back(first.loaded.run)
    assert (taken.undone, told((await people(journey))[ANN["email"]])) == (0, before)
    second = await journey.delta(export(journey, 2, moved))
    assert second.loaded.unlinked == 1
    third = await journey.delta(export(journey, 3, [{**moved[0], "score": "9"}, BOB, CYD]), existing="adopt")
    assert (third.loaded.unlinked, third.undone) == (0, 0)
    assert (await people(journey))[ANN["email"]]["companyId"] == gamma
    done = await journey.roll_back()
    assert (done.proof.exact, done.undone) == (True, 0)


async def test_who_was_led_elsewhere_by_a_person_stays_there(journey: Journey) -> None:
    """Kartra's new company is held: it is no reason to take him out of one that somebody chose for him."""
    await company(journey, "Gamma Inc")
    chosen = await company(journey, "Chosen Co")
    await load_account(journey)
    await edit(journey, BOB["email"], companyId=chosen)
    moved = [ANN, {**BOB, "company": "Gamma Inc", "score": "9"}, CYD]
    done = await journey.delta(export(journey, 1, moved), conflict="overwrite")
    bob = (await people(journey))[BOB["email"]]
    assert (bob["companyId"], bob["kartraScore"], done.loaded.written.updated) == (chosen, 9, {"person": 1})


async def test_who_gives_up_an_address_on_the_way_leaves_the_old_company_too(journey: Journey) -> None:
    """Two change their addresses with each other, and one of them moves to a company that is held."""
    await company(journey, "Gamma Inc")
    await load_account(journey)
    before = {row["id"]: told(row) for row in (await people(journey)).values()}
    swapped = [{**ANN, "email": BOB["email"], "company": "Gamma Inc"}, {**BOB, "email": ANN["email"]}, CYD]
    done = await journey.delta(export(journey, 1, swapped))
    now = await people(journey)
    assert (now[BOB["email"]]["name"]["firstName"], now[BOB["email"]]["companyId"]) == ("Ann", None)
    assert now[ANN["email"]]["companyId"] is not None
    taken = await journey.roll_back(done.loaded.run)
    assert taken.undone == 0
    assert {row["id"]: told(row) for row in (await people(journey)).values()} == before


async def test_the_same_delta_after_its_rollback_comes_to_the_same(journey: Journey) -> None:
    """The company and the tag that only unchanged people lead to are made again; what only left is not counted."""
    edits = ((f'from = "{name}"\nas = "options"', f'from = "{name}"\nas = "objects"') for name in ("tags", "lists"))
    sign_mapping(journey, *edits)
    await load_account(journey)
    moved = export(journey, 1, [{**ANN, "company": "Gamma Inc", "tags": "VIP, New"}, BOB, CYD])
    first = await journey.delta(moved, "contacts")
    wrote = first.loaded.written
    assert (wrote.created, wrote.updated) == ({"company": 1, "kartraTag": 1, "kartraPersonTag": 1}, {"person": 1})
    as_moved = (await people(journey))[ANN["email"]]["companyId"]
    assert (await journey.roll_back(first.loaded.run)).undone == 0
    second = await journey.delta(moved, "contacts")
    assert second.loaded.written == wrote
    assert (second.compared.again, second.loaded.unlinked, second.undone) == (3, 0, 0)
    assert (await people(journey))[ANN["email"]]["companyId"] not in (None, as_moved)
    assert {one["name"] for one in await journey.records("company")} == {"Acme Ltd", "Gamma Inc"}
    later = [{**ANN, "company": "Gamma Inc", "tags": "VIP, New"}, {**BOB, "tags": "VIP, New"}, CYD]
    third = await journey.delta(export(journey, 2, later), "contacts")
    assert (third.loaded.written.created, third.compared.again) == ({"kartraPersonTag": 1}, 0)
    assert (await journey.roll_back()).proof.exact
