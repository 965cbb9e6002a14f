"""A record that a person's edit kept is kept by the next rollback too, whatever the first one took out meanwhile."""

import pytest

from tests.delta.accounts import ANN, BOB, edit, export, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("soft", [False, True])
async def test_an_edit_in_a_field_that_is_gone_since_still_keeps_its_record(journey: Journey, soft: bool) -> None:
    """Bob's tags were emptied; with nobody's left in it, the field went: that is no reason to take Bob next time."""
    await journey.load(export(journey, 0, [{**ANN, "company": ""}, {**BOB, "company": ""}]), "leave")
    await edit(journey, BOB["email"], kartraTags=[])
    first = await journey.roll_back()
    assert [(one.object, one.why) for one in first.proof.kept] == [("person", "edited")]
    [(state,)] = journey.ledger_rows("SELECT state FROM schema_element WHERE name = 'kartraTags'")
    assert state == "removed"
    again = await journey.roll_back(soft=soft)
    assert [one.detail for one in again.proof.kept] == [one.detail for one in first.proof.kept] == [("kartraTags",)]
    assert not (await people(journey))[BOB["email"]]["deletedAt"]
