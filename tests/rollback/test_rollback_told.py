"""What a rollback says: in the bin as asked, every reason for exit code 3, and the proof as a file."""

import json

import pytest

from adapters.twenty import Ids, destroy
from commands.compensation.scope import Wanted
from tests.delta.accounts import ANN, BOB, CYD, edit, load_account, people
from tests.journey.world import Journey, create_company, send, soft_deleted

pytestmark = pytest.mark.anyio

QUICK = ("--sandbox", "--patience", "0")


async def test_what_goes_into_the_bin_as_asked_is_no_difference(journey: Journey) -> None:
    """One record, then all: exit code 0 and a sentence of its own; what stays of the data model stays for the bin."""
    await load_account(journey)
    bob = (await people(journey))[BOB["email"]]["id"]
    told = journey.told("rollback", "--yes", "--soft", "--record", bob, *QUICK)
    assert (told["verdict"], told["exact"], told["proof"]["binned"]) == (
        "in the bin, as asked",
        True,
        {"person": [bob]},
    )
    said = journey.run("rollback", "--yes", "--soft", *QUICK)
    assert "in the bin, as asked" in said
    assert "kept: person.kartraScore: in_bin" in said
    assert "not exact" not in said
    assert "until the bin is emptied, after 14 days" in " ".join(journey.run("rollback", "--help").split())


async def test_a_report_is_refused_before_anything_is_done(journey: Journey) -> None:
    """An ending, a folder or a preview that no proof can be written for, and a run without a name: nothing happens."""
    await load_account(journey)
    head = journey.ledger_rows("SELECT max(position) FROM event")
    (journey.folder / "file").write_text("")
    (journey.folder / "folder.md").mkdir()
    for report in ("proof.txt", str(journey.folder / "file" / "proof.md"), str(journey.folder / "folder.md")):
        journey.run("rollback", "--yes", "--report", report, *QUICK, code=2)
    journey.run("rollback", "--report", str(journey.folder / "proof.md"), *QUICK, code=2)
    journey.run("rollback", "--yes", "--run", "", *QUICK, code=2)
    assert journey.ledger_rows("SELECT max(position) FROM event") == head
    assert len(await people(journey)) == 3


async def test_records_begun_before_a_position_are_asked_for_too(journey: Journey) -> None:
    """Between the intent of a call and its outcome: what was destroyed is what the proof asks for."""
    await load_account(journey)
    statement = "SELECT max(position) FROM event WHERE type = 'BatchIntended' AND object = 'person'"
    [(position,)] = journey.ledger_rows(statement)
    done = await journey.roll_back(wanted=Wanted(since=position))
    assert (done.destroyed["person"], done.proof.asked["person"], done.undone) == (3, 3, 0)


async def test_every_reason_is_told_and_written_down(journey: Journey) -> None:
    """Kept in detail, marks, data model, counts: on the console, and in the Markdown beside what was removed."""
    async with journey.twenty() as twenty:
        old = await create_company(twenty.client, data={"name": "Old"})
    await load_account(journey)
    await journey.settled_dump()
    there = await people(journey)
    async with journey.twenty() as twenty:
        note = await send(twenty.client, "createNote", "Note", {"title": "Called"})
        pin = await send(twenty.client, "createNoteTarget", "NoteTarget",
                         {"noteId": note, "targetPersonId": there[CYD["email"]]["id"]})  # fmt: skip
    await edit(journey, ANN["email"], jobTitle="Baker", kartraScore=987654)
    journey.sql("DELETE FROM company WHERE id = ?", old)
    report = journey.folder / "proof.md"
    said = journey.run("rollback", "--yes", "--report", str(report), *QUICK, code=3)
    ann, cyd = there[ANN["email"]]["id"], there[CYD["email"]]["id"]
    assert f"kept: person {ann}: edited (kartraScore; jobTitle)" in said
    assert f"kept: person {cyd}: has_dependents (noteTarget {pin} points at it by targetPersonId)" in said
    for reason in ("with our mark: 2 person", "left of the data model: ", "1 company fewer than before"):
        assert f"not exact: {reason}" in said
    assert "not exactly as before" in said
    written = report.read_text()
    assert f"| person | {ann} | edited | kartraScore; jobTitle |" in written
    assert f"noteTarget {pin} points at it by targetPersonId" in written
    assert "| traces removed: workflow runs |" in written
    assert "- 1 company fewer than before" in written
    assert not any(value in said + written for value in ("987654", "Baker"))


async def test_part_of_it_is_never_told_as_all_of_it(journey: Journey) -> None:
    """Where counts are not compared nothing is said to be as before; what was forced out is in the report."""
    await load_account(journey)
    await edit(journey, BOB["email"], kartraScore=10)
    report = journey.folder / "proof.json"
    bob = (await people(journey))[BOB["email"]]["id"]
    said = journey.run("rollback", "--yes", "--record", bob, *QUICK, code=3)
    assert "not all of the scope is taken back" in said
    said = journey.run("rollback", "--yes", "--force", "--record", bob, "--report", str(report), *QUICK)
    assert "nothing of the scope is left" in said
    told = json.loads(report.read_text())
    assert (told["verdict"], told["reasons"], told["asked"]) == ("nothing of the scope is left", [], {"person": 1})
    assert told["traces"].keys() == {"timeline", "runs"}


async def test_what_others_destroyed_explains_what_is_missing(journey: Journey) -> None:
    """An old sale of theirs went by way of the bin: its timeline row tells of it, and the proof is exact."""
    async with journey.twenty() as twenty:
        old = await send(twenty.client, "createOpportunity", "Opportunity", {"name": "Old"})
    await journey.load(journey.sample(4, everything=True), "leave")
    async with journey.twenty() as twenty:
        await soft_deleted(twenty, "opportunity", old)
        await destroy(twenty.client, twenty.model.object("opportunity"), Ids([old]), None)
    done = await journey.roll_back()
    assert (done.proof.baseline["opportunity"], done.proof.now["opportunity"]) == (1, 0)
    assert (done.proof.unexplained, done.proof.exact) == ({}, True)
