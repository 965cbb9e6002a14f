"""What was given up stays given up, until Kartra says something else of it."""

import pytest

from tests.delta.accounts import ANN, BOB, CYD, edit, export, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_a_conflict_given_up_is_none_again(journey: Journey) -> None:
    """Twenty's score stands, and Ann's new phone goes through; only another score of Kartra's is a conflict again."""
    await journey.load(export(journey, 0, [ANN, BOB, CYD]), "leave")
    await edit(journey, ANN["email"], kartraScore=500)
    ann = {**ANN, "score": "9"}
    assert (await journey.delta(export(journey, 1, [ann, BOB, CYD]))).undone == 1
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold WHERE reason = 'conflict'")
    said = journey.run("holds", "give-up", str(hold), "--why", "hers is right")
    assert "unless a later export says something else" in said
    ann = {**ann, "phone": "+4930901821"}
    later = export(journey, 2, [ann, BOB, CYD])
    assert journey.told("--sandbox", "delta", str(later), "--dry-run")["change"]["person"]["conflicts"] == 0
    done = await journey.delta(later)
    assert (done.undone, done.loaded.written.updated) == (0, {"person": 1})
    there = (await people(journey))[ANN["email"]]
    assert (there["phones"]["primaryPhoneNumber"], there["kartraScore"]) == ("30901821", 500)
    again = await journey.delta(export(journey, 3, [{**ann, "score": "10"}, BOB, CYD]))
    assert again.undone == 1
    assert journey.ledger_rows("SELECT reason, \"column\" FROM hold WHERE state = 'open'") == [
        ("conflict", "kartraScore")
    ]
