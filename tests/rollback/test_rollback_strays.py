"""What a rollback put into the bin goes for good with a later one, whatever was loaded in between."""

import pytest

from commands.compensation.scope import Wanted
from tests.delta.accounts import ANN, BOB, export
from tests.journey.world import Journey, lines_apart, send

pytestmark = pytest.mark.anyio

ROWS = [{**ANN, "notes": "called"}, {**BOB, "notes": ""}]


async def test_ties_in_the_bin_lead_to_what_was_made_before(journey: Journey) -> None:
    """A note and its tie go into the bin, are loaded anew, and all of both goes; nobody edited anything."""
    before = await journey.settled_dump()
    exports = export(journey, 0, ROWS)
    await journey.load(exports, "leave")
    await journey.roll_back(wanted=Wanted(objects=("note", "noteTarget")), soft=True)
    await journey.load(exports, "leave")
    done = await journey.roll_back()
    assert (done.proof.kept, done.proof.exact) == ([], True)
    assert lines_apart(before, await journey.settled_dump()) == ([], [])


async def test_a_tie_in_the_bin_that_somebody_led_elsewhere_stays(journey: Journey) -> None:
    """What it leads to was never ours: it is an edit like any."""
    exports = export(journey, 0, ROWS)
    await journey.load(exports, "leave")
    [tie] = await journey.records("noteTarget")
    await journey.roll_back(wanted=Wanted(objects=("note", "noteTarget")), soft=True)
    await journey.load(exports, "leave")
    async with journey.twenty() as twenty:
        note = await send(twenty.client, "createNote", "Note", {"title": "theirs"})
        await send(twenty.client, "updateNoteTarget", "NoteTarget", {"noteId": note}, record=tie["id"])
    done = await journey.roll_back()
    assert ("noteTarget", tie["id"], "edited", ("noteId",)) in {
        (one.object, one.id, one.why, one.detail) for one in done.proof.kept
    }
