"""Records of others that made way for ours: a rollback brings them back, with all that went and all that pointed."""

from collections.abc import Mapping
from typing import Any

import pytest

from commands.compensation.scope import Wanted
from commands.rollback import preview
from tests.delta.accounts import ACCOUNT, ANN, edit, export, people, told
from tests.journey.world import Journey, create_person, send, soft_deleted

pytestmark = pytest.mark.anyio


async def tied(journey: Journey) -> str:
    """Somebody else's Ann in the bin: a note hangs on her, and an opportunity points at her."""
    async with journey.twenty() as twenty:
        client = twenty.client
        data = {"emails": {"primaryEmail": ANN["email"]}, "jobTitle": "Baker", "createdAt": "2020-01-02T03:04:05.000Z"}
        record = await create_person(client, data=data)
        note = await send(client, "createNote", "Note", {"title": "Hers", "bodyV2": {"markdown": "a word"}})
        await send(client, "createNoteTarget", "NoteTarget", {"noteId": note, "targetPersonId": record})
        await send(client, "createOpportunity", "Opportunity", {"name": "Her deal", "pointOfContactId": record})
        await soft_deleted(twenty, "person", record)
    return record


async def seen(journey: Journey) -> dict[str, list[dict[str, Any]]]:
    """All that stands in Twenty, but what nobody can put back."""
    names = ("person", "note", "noteTarget", "opportunity")
    return {name: [_told(row) for row in await journey.records(name)] for name in names}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if not name.startswith("kartra")}


@pytest.mark.parametrize("scope", ["everything", "run", "record"])
async def test_who_made_way_is_there_again_in_every_scope(journey: Journey, scope: str) -> None:
    """She lies in the bin as she did, her note hangs on her, the deal points at her, and her history is hers."""
    record = await tied(journey)
    await journey.settled_dump()
    before = await seen(journey)
    told_of = '"id", "name", substr("happensAt", 1, 23)'
    timeline = f'SELECT {told_of} FROM "timelineActivity" WHERE "targetPersonId" = ? ORDER BY "id"'
    history = journey.sql(timeline, record)
    assert history
    runs = journey.sql('SELECT count(*) FROM "workflowRun"')
    how = "pause" if scope == "run" else "leave"
    loaded = await journey.load(export(journey, 0, ACCOUNT), how, deleted="destroy")
    ours = (await people(journey))[ANN["email"]]["id"]
    assert ours != record
    [deal] = await journey.records("opportunity")
    assert (deal["pointOfContactId"], await journey.records("noteTarget")) == (None, [])
    scopes = {"everything": Wanted(), "run": Wanted(run=loaded.run), "record": Wanted(records=(ours,))}
    wanted = scopes[scope]
    assert (await preview(journey.options, wanted)).returning == {"person": 1}
    done = await journey.roll_back(wanted=wanted)
    assert (done.proof.exact, done.undone, done.returned) == (True, 0, {"person": 1})
    assert done.proof.compared.keys() >= {"person", "noteTarget", "opportunity", "timelineActivity"}
    after = await seen(journey)
    if scope == "record":
        after["person"] = [one for one in after["person"] if one["id"] == record]
    assert after == before
    await journey.settled_dump()
    assert journey.sql(timeline, record) == history
    assert scope == "record" or journey.sql('SELECT count(*) FROM "workflowRun"') == runs


async def test_who_cannot_come_back_is_named(journey: Journey) -> None:
    """Our Ann was edited and keeps the address: the other one is told as lost, and comes back once ours is gone."""
    record = await tied(journey)
    await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="destroy")
    await edit(journey, ANN["email"], jobTitle="Smith")
    said = journey.run("rollback", "--sandbox", "--check")
    assert f"cannot bring back person {record}: value_taken" in said
    assert "brings back" not in said
    said = journey.run("rollback", "--sandbox", "--yes", "--patience", "0", code=3)
    assert "fewer than before" not in said
    assert f"cannot be put back as it was: person {record}: value_taken" in said
    [proven] = await journey.events("RollbackProven")
    assert not proven.event.exact
    forced = await journey.roll_back(force=True)
    assert (forced.proof.not_back, forced.returned) == ([], {"person": 1})


async def test_what_was_linked_elsewhere_since_is_not_torn_away(journey: Journey) -> None:
    """Somebody gave the deal another contact: it stays so, and the proof names it."""
    await tied(journey)
    await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="destroy")
    async with journey.twenty() as twenty:
        other = await create_person(twenty.client, data={"name": {"firstName": "Other"}})
        [deal] = await journey.records("opportunity")
        await send(twenty.client, "updateOpportunity", "Opportunity", {"pointOfContactId": other}, deal["id"])
    done = await journey.roll_back()
    assert [(one.object, one.why) for one in done.proof.not_back] == [("opportunity", "linked_elsewhere")]
    assert (done.proof.exact, done.returned) == (False, {"person": 1})
    assert [one["pointOfContactId"] for one in await journey.records("opportunity")] == [other]
