"""After changes were undone, in any order, the ledger believes of a record what it holds."""

import pytest

from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people
from tests.journey.world import Journey, create_company
from tests.rollback.believed import apart

pytestmark = pytest.mark.anyio


async def test_of_the_earlier_of_two_deltas_nothing_is_believed_any_more(journey: Journey) -> None:
    """The later one's values are ours still: no difference, no conflict with them, and all can be taken back."""
    await load_account(journey)
    bob = {**BOB, "company": "New Inc"}
    one = await journey.delta(export(journey, 1, [{**ANN, "first_name": "Anna"}, bob, CYD]))
    later = [{**ANN, "first_name": "Anna", "score": "8"}, {**bob, "score": "77"}, CYD]
    await journey.delta(export(journey, 2, later))
    assert (await journey.roll_back(one.loaded.run)).proof.exact
    assert await apart(journey) == []
    done = await journey.delta(export(journey, 3, [later[0], {**bob, "score": "78"}, CYD]))
    assert (done.loaded.written.held, done.loaded.written.updated) == ({}, {"person": 2})
    there = await people(journey)
    assert [there[one["email"]]["kartraScore"] for one in (ANN, BOB)] == [8, 78]
    assert there[ANN["email"]]["name"]["firstName"] == "Anna"
    assert await apart(journey) == []
    taken = await journey.roll_back()
    assert (taken.proof.exact, taken.undone) == (True, 0)


async def test_what_a_rollback_kept_of_a_delta_is_ours_still(journey: Journey) -> None:
    """The field that came back differs from nothing; the kept one only by the edit, which is no conflict later."""
    await load_account(journey)
    rows = [{**ANN, "score": "9", "first_name": "Anna"}, BOB, CYD]
    run = (await journey.delta(export(journey, 1, rows))).loaded.run
    await edit(journey, ANN["email"], kartraScore=10)
    assert [one.why for one in (await journey.roll_back(run)).proof.kept] == ["edited"]
    assert await apart(journey) == [("edited_in_twenty", "kartraScore", 9, 10)]
    again = await journey.delta(export(journey, 2, [{**rows[0], "last_name": "Two"}, BOB, CYD]))
    assert again.loaded.written.held == {}
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]) == (10, {"firstName": "Anna", "lastName": "Two"})
    assert await apart(journey) == [("edited_in_twenty", "kartraScore", 9, 10)]


async def test_a_link_made_late_and_undone_is_made_again(journey: Journey) -> None:
    """Linked once their company was adopted, and undone: people are without it, until the next load links them."""
    async with journey.twenty() as twenty:
        await create_company(twenty.client, data={"name": "Acme Ltd"})
    exports = export(journey, 0, ACCOUNT)
    await journey.load(exports, "leave", existing="hold")
    linked = (await journey.load(exports, "leave", existing="adopt")).run
    companies = {email: one["companyId"] for email, one in (await people(journey)).items()}
    assert [bool(companies[one["email"]]) for one in ACCOUNT] == [True, True, False]
    assert (await journey.roll_back(linked)).proof.exact
    assert await apart(journey) == []
    assert {one["companyId"] for one in (await people(journey)).values()} == {None}
    await journey.load(exports, "leave", existing="adopt")
    assert {email: one["companyId"] for email, one in (await people(journey)).items()} == companies
    assert await apart(journey) == []
    assert (await journey.roll_back()).proof.exact
