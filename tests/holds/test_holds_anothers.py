"""A correction makes nobody of two people: whose row it is stays what the row itself says."""

import pytest

from tests.delta.accounts import ANN, BOB, CYD, export, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

NOBODY = {**BOB, "id": "", "email": "", "phone": "+4930901899", "score": "42"}


async def test_a_row_does_not_become_somebody_else(journey: Journey) -> None:
    """With Ann's e-mail it would be hers: refused in a line that says where she stands; a new one lets it go on."""
    folder = export(journey, 0, [ANN, NOBODY, CYD])
    await journey.load(folder, "leave")
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold")
    refused = journey.told("holds", "set", str(hold), f"email={ANN['email']}", "--why", "typo", code=2)["error"]
    assert f"one with contacts_0_01-03-2026_{0x69A4EF5C:08x}4f5f6.csv:2" in refused["message"]
    assert "\n" not in refused["message"]
    journey.run("holds", "set", str(hold), f"email={BOB['email']}", "--why", "asked him")
    assert (await journey.load(folder, "leave")).written.created["person"] == 1
    assert (await people(journey))[ANN["email"]]["name"]["firstName"] == "Ann"


async def test_a_row_that_named_somebody_itself_goes_to_her(journey: Journey) -> None:
    """A later row of Ann's, by her number, whose e-mail is broken: corrected, it is one more row of hers."""
    await journey.load(export(journey, 0, [ANN, CYD]), "leave")
    later = export(journey, 1, [{**ANN, "email": "ann@@", "score": "9"}, CYD])
    assert (await journey.delta(later)).undone == 1
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold WHERE state = 'open'")
    journey.run("holds", "set", str(hold), f"email={ANN['email']}", "--why", "asked her")
    journey.run("--sandbox", "transform")
    assert journey.ledger_rows("SELECT state FROM record WHERE source_key = 'contact:1'") == [("changed",)]
