"""Records put into Twenty's bin, and then taken out for good."""

import pytest

from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people
from tests.journey.world import Journey
from tests.rollback.believed import apart

pytestmark = pytest.mark.anyio


async def test_what_was_changed_before_it_went_into_the_bin_is_not_edited(journey: Journey) -> None:
    """Loaded, changed by a delta, put into the bin twice over: all of it goes, and the next load balances."""
    exports = export(journey, 0, ACCOUNT)
    await journey.load(exports, "leave")
    await journey.delta(export(journey, 1, [{**ANN, "first_name": "Anna", "score": "7"}, BOB, CYD]))
    for _ in range(2):
        await journey.roll_back(soft=True)
        assert await apart(journey) == []
    done = await journey.roll_back()
    assert (done.proof.exact, done.undone) == (True, 0)
    await journey.load(exports, "leave")
    assert await apart(journey) == []


async def test_what_was_edited_before_it_went_into_the_bin_stays_there(journey: Journey) -> None:
    """Somebody changed the value of a delta in the bin: that one is kept and named."""
    await load_account(journey)
    await journey.delta(export(journey, 1, [{**ANN, "score": "7"}, BOB, CYD]))
    await journey.roll_back(soft=True)
    await edit(journey, ANN["email"], kartraScore=5)
    done = await journey.roll_back()
    assert [(one.object, one.why) for one in done.proof.kept if one.object == "person"] == [("person", "edited")]
    assert set(await people(journey)) == {ANN["email"]}
