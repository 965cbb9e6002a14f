"""Traces go with what they are about, and with nothing else."""

import pytest

from commands import rollback
from commands.compensation.deciding import Decision
from commands.compensation.scope import Wanted
from commands.session import Working
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, load_account, people
from tests.journey.world import Journey, create_person, lines_apart, send

pytestmark = pytest.mark.anyio


async def test_runs_about_records_that_stay_stay(journey: Journey) -> None:
    """Of three people whose creation set off a workflow one is taken back: her run goes, the others' stay."""
    await load_account(journey)
    await journey.settled_dump()
    bob = (await people(journey))[BOB["email"]]["id"]
    done = await journey.roll_back(wanted=Wanted(records=(bob,)), patience_s=0)
    left = [state for (state,) in journey.sql('SELECT "state" FROM "workflowRun"')]
    assert (done.traces["runs"], len(left), any(bob in one for one in left)) == (1, 2, False)
    assert (await journey.roll_back(wanted=Wanted(objects=("company",)), patience_s=0)).traces["runs"] == 0


async def test_many_runs_are_told_apart_by_what_they_are_about(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more records go than are looked for one by one, the runs are read, and only theirs go."""
    monkeypatch.setattr("commands.compensation.traces._RECORDS_A_READ", 1)
    await load_account(journey)
    await journey.settled_dump()
    wanted = [(await people(journey))[one["email"]]["id"] for one in (ANN, CYD)]
    done = await journey.roll_back(wanted=Wanted(records=tuple(wanted)), patience_s=0)
    [left] = [state for (state,) in journey.sql('SELECT "state" FROM "workflowRun"')]
    assert (done.traces["runs"], (await people(journey))[BOB["email"]]["id"] in left) == (2, True)


async def test_an_edit_in_the_window_keeps_the_history(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sale that somebody edits after the traces were noted survives, and so does what the timeline says of it."""
    await journey.load(journey.sample(3, everything=True, dirty=False), "leave")
    await journey.settled_dump()
    deal = (await journey.records("opportunity"))[0]["id"]
    history = f"SELECT name FROM timelineActivity WHERE targetOpportunityId = '{deal}'"
    before = journey.sql(history)
    note_traces = rollback.note_traces

    async def edit_behind(working: Working, decision: Decision, *others: object, **said: object) -> None:
        await note_traces(working, decision, *others, **said)  # type: ignore[arg-type]
        async with journey.twenty() as twenty:
            await send(twenty.client, "updateOpportunity", "Opportunity", {"name": "edited"}, record=deal)

    monkeypatch.setattr(rollback, "note_traces", edit_behind)
    done = await journey.roll_back(patience_s=0)
    assert {one.why for one in done.proof.kept if one.object == "opportunity"} == {"edited_meanwhile"}
    await journey.settled_dump()
    assert before == [("opportunity.created",)]
    assert {*before} <= {*journey.sql(history)}


async def test_runs_that_our_changes_of_others_set_off_go_with_the_changes(journey: Journey) -> None:
    """An adopted person's address was changed by a delta: taken back, no run tells of it; a run of others stays."""
    async with journey.twenty() as twenty:
        theirs = {"emails": {"primaryEmail": ANN["email"]}, "name": {"firstName": "Annie"}}
        await create_person(twenty.client, data=theirs)
    before = await journey.settled_dump()
    await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt")
    await journey.delta(export(journey, 1, [{**ANN, "email": "ann@new.example"}, BOB, CYD]))
    done = await journey.roll_back()
    assert done.proof.exact
    _, come = lines_apart(before, await journey.settled_dump())
    assert not [line for line in come if "ann@new.example" in line or line.startswith("workflowRun")]
    assert len(journey.sql('SELECT id FROM "workflowRun"')) == 1


async def test_what_tells_of_a_note_goes_with_it_from_whom_it_was_tied_to(journey: Journey) -> None:
    """A note for a person who was there before us, and one that a delta made for ours: no timeline tells of either."""
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": ANN["email"]}})
    rows = "SELECT id, name FROM timelineActivity ORDER BY id"
    await journey.settled_dump()
    before = journey.sql(rows)
    await journey.load(export(journey, 0, [{**ANN, "notes": "called"}, {**BOB, "notes": ""}]), "leave", existing="skip")
    await journey.settled_dump()
    loaded = journey.sql(rows)
    delta = await journey.delta(export(journey, 1, [{**ANN, "notes": "called"}, {**BOB, "notes": "wrote"}]))
    for run, stays in ((delta.loaded.run, loaded), (None, before)):
        await journey.settled_dump()
        assert "linked-note.created" in {name for _, name in journey.sql(rows)}
        done = await journey.roll_back(run)
        assert (done.undone, list(done.proof.may_still_come)) == (0, [])
        await journey.settled_dump()
        assert journey.sql(rows) == stays
