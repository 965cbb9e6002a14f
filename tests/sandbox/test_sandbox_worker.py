"""What Twenty's queue writes a moment later, and that a load taken back leaves the database as it was."""

import time
from typing import Any

import pytest

from tests.sandbox.conftest import CREATE, DESTROY, Client, Start, person

pytestmark = pytest.mark.anyio

NAMES = (
    "{timelineActivities(first:1000){edges{node{name targetPersonId targetOpportunityId linkedRecordId properties}}}}"
)
RUNS = "{workflowRuns(first:1000){edges{node{id name status state}}}}"
TRIGGER = "{workflowAutomatedTriggers{edges{node{id updatedAt}}}}"
MARK = {"source": "IMPORT", "name": "Kartra", "context": {"run": "run-1"}}


async def _names(twenty: Client) -> list[str]:
    return sorted(node["name"] for node in await twenty.nodes(NAMES))


async def test_timeline_rows_come_a_moment_later(start: Start) -> None:
    """Nothing at first; when the delay is over, a row for each record and each note's target."""
    twenty = await start(timeline_delay_s=0.2)
    one, note = person("a@x.com"), person(title="n")
    await twenty.ask(CREATE, d=[one])
    await twenty.ask("mutation($d:[X!]!){createNotes(data:$d){id}}", d=[note])
    target = {"noteId": note["id"], "targetPersonId": one["id"]}
    await twenty.ask("mutation($d:[X!]!){createNoteTargets(data:$d){id}}", d=[target])
    assert await twenty.count("timelineActivities") == 0
    time.sleep(0.25)  # noqa: ASYNC251 - the sandbox reads the wall clock; nothing else waits here
    assert await _names(twenty) == ["linked-note.created", "note.created", "person.created"]


async def test_an_update_is_told_with_its_difference(start: Start) -> None:
    """`.updated` holds before and after of what changed; an update that changes nothing tells nothing."""
    twenty = await start()
    one = person("a@x.com", jobTitle="before", createdBy=MARK)
    await twenty.ask(CREATE, d=[one])
    update = "mutation($i:UUID!,$d:X!){updatePerson(id:$i,data:$d){id}}"
    await twenty.ask(update, i=one["id"], d={"jobTitle": "after"})
    await twenty.ask(update, i=one["id"], d={"jobTitle": "after"})
    rows = {node["name"]: node["properties"] for node in await twenty.nodes(NAMES)}
    assert sorted(rows) == ["person.created", "person.updated"]
    assert rows["person.updated"] == {"diff": {"jobTitle": {"before": "before", "after": "after"}}}


async def test_soft_deletes_and_restores_are_told(start: Start) -> None:
    """Rows for deleted and restored; none for a hard delete, which takes a person's rows along."""
    twenty = await start()
    one = person()
    await twenty.ask(CREATE, d=[one])
    for action in ("delete", "restore"):
        await twenty.ask(f"mutation($i:UUID!){{{action}Person(id:$i){{id}}}}", i=one["id"])
    assert await _names(twenty) == ["person.created", "person.deleted", "person.restored"]
    await twenty.ask("mutation($i:UUID!){destroyPerson(id:$i){id}}", i=one["id"])
    assert await _names(twenty) == []


async def test_destroying_too_early_leaves_orphans(start: Start) -> None:
    """Orders destroyed before the queue ran leave rows that point nowhere; people leave none."""
    twenty = await start(timeline_delay_s=0.1)
    one, order = person(), person(name="o")
    await twenty.ask(CREATE, d=[one])
    await twenty.ask("mutation($d:[X!]!){createOpportunities(data:$d){id}}", d=[order])
    await twenty.ask("mutation($i:UUID!){destroyOpportunity(id:$i){id}}", i=order["id"])
    await twenty.ask("mutation($i:UUID!){destroyPerson(id:$i){id}}", i=one["id"])
    twenty.app.sandbox.settle()
    (orphan,) = await twenty.nodes(NAMES)
    assert (orphan["name"], orphan["targetOpportunityId"]) == ("opportunity.created", None)


async def test_the_prefilled_workflow_leaves_failed_runs_with_a_copy(start: Start) -> None:
    """A run a person created, and one when its address changes, found by the mark in createdBy.context."""
    twenty = await start(workflow_active=True, runs_per_second=1e6)
    one = person("a@x.com", createdBy=MARK)
    await twenty.ask(CREATE, d=[one])
    update = "mutation($i:UUID!,$d:X!){updatePerson(id:$i,data:$d){id}}"
    await twenty.ask(update, i=one["id"], d={"emails": {"primaryEmail": "b@x.com"}})
    await twenty.ask(update, i=one["id"], d={"jobTitle": "no trigger listens to this"})
    twenty.app.sandbox.settle()
    assert await twenty.count("workflowRuns", {"state": {"like": "%run-1%"}}) == 2
    runs = await twenty.nodes(RUNS)
    assert {node["status"] for node in runs} == {"FAILED"}
    assert {_recorded(node)["after"]["createdBy"]["context"]["run"] for node in runs} == {"run-1"}
    assert {_recorded(node)["after"]["emails"]["primaryEmail"] for node in runs} == {"a@x.com", "b@x.com"}


def _recorded(run: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = run["state"]["stepInfos"]["trigger"]["result"]["properties"]
    return result


async def test_runs_appear_at_the_set_rate(start: Start) -> None:
    """Two hundred people at a hundred runs a second are not all there at once, but in the end."""
    twenty = await start(workflow_active=True, runs_per_second=100.0)
    await twenty.ask(CREATE, d=[person() for _ in range(200)])
    assert await twenty.count("workflowRuns") < 150
    twenty.app.sandbox.settle()
    assert await twenty.count("workflowRuns") == 200


async def test_a_paused_trigger_fires_nothing(start: Start) -> None:
    """Soft-deleting the trigger stops runs from the next create on; restoring it brings them back."""
    twenty = await start(workflow_active=True, runs_per_second=1e6)
    (trigger,) = await twenty.nodes(TRIGGER)
    await twenty.ask("mutation($i:UUID!){deleteWorkflowAutomatedTrigger(id:$i){id}}", i=trigger["id"])
    await twenty.ask(CREATE, d=[person()])
    twenty.app.sandbox.settle()
    assert await twenty.count("workflowRuns") == 0
    await twenty.ask("mutation($i:UUID!){restoreWorkflowAutomatedTrigger(id:$i){id}}", i=trigger["id"])
    back = "mutation($i:UUID!,$d:X!){updateWorkflowAutomatedTrigger(id:$i,data:$d){updatedAt}}"
    assert await twenty.ask(back, i=trigger["id"], d={"updatedAt": trigger["updatedAt"]}) == {
        "updatedAt": trigger["updatedAt"]
    }
    await twenty.ask(CREATE, d=[person()])
    twenty.app.sandbox.settle()
    assert await twenty.count("workflowRuns") == 1


async def test_a_load_taken_back_leaves_no_difference(start: Start) -> None:
    """Schema, records, timeline rows and runs made and removed: the dump is the same, byte for byte."""
    twenty = await start(workflow_active=True, runs_per_second=1e6)
    await twenty.ask(CREATE, d=[person("there-before@x.com")])
    before = twenty.dumped()
    object_id, field_id = await _model(twenty)
    company, note, custom = (person() for _ in range(3))
    people = [person(f"p{place}@x.com", kartraId=str(place), createdBy=MARK) for place in range(50)]
    await twenty.ask("mutation($d:[X!]!){createCompanies(data:$d){id}}", d=[company | {"name": "Acme"}])
    await twenty.ask(CREATE, d=[row | {"companyId": company["id"]} for row in people])
    order = person(name="o", pointOfContactId=people[0]["id"])
    await twenty.ask("mutation($d:[X!]!){createOpportunities(data:$d){id}}", d=[order])
    await twenty.ask("mutation($d:[X!]!){createNotes(data:$d){id}}", d=[note | {"title": "n"}])
    target = {"noteId": note["id"], "targetPersonId": people[0]["id"]}
    await twenty.ask("mutation($d:[X!]!){createNoteTargets(data:$d){id}}", d=[target])
    await twenty.ask("mutation($d:[X!]!){createKartraThings(data:$d){id}}", d=[custom | {"name": "c"}])
    twenty.app.sandbox.settle()
    assert twenty.dumped() != before

    ids = {"in": [row["id"] for row in people]}
    traces = {
        "or": [
            {"targetPersonId": ids},
            {"targetCompanyId": {"eq": company["id"]}},
            {"targetOpportunityId": {"eq": order["id"]}},
            {"targetNoteId": {"eq": note["id"]}},
            {"targetKartraThingId": {"eq": custom["id"]}},
        ]
    }
    await twenty.ask("mutation($f:X!){destroyTimelineActivities(filter:$f){id}}", f=traces)
    for plural, record in (("KartraThings", custom), ("Notes", note), ("Opportunities", order)):
        await twenty.ask(f"mutation($f:X!){{destroy{plural}(filter:$f){{id}}}}", f={"id": {"eq": record["id"]}})
    await twenty.ask(DESTROY, f={"id": ids})
    await twenty.ask("mutation($f:X!){destroyCompanies(filter:$f){id}}", f={"id": {"eq": company["id"]}})
    await twenty.ask("mutation($f:X!){destroyWorkflowRuns(filter:$f){id}}", f={"state": {"like": "%run-1%"}})
    await _remove_model(twenty, object_id, field_id)
    assert twenty.dumped() == before


async def _model(twenty: Client) -> tuple[str, str]:
    """A custom object and a custom unique field, by way of /metadata; their ids."""
    people = twenty.app.sandbox.workspace.model.by_singular["person"].id
    thing = {"nameSingular": "kartraThing", "namePlural": "kartraThings"}
    labels = {"labelSingular": "Thing", "labelPlural": "Things"}
    create = "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id}}"
    made = await twenty.ask(create, "/metadata", i={"object": thing | labels})
    field = {"objectMetadataId": people, "name": "kartraId", "label": "Kartra id", "type": "TEXT", "isUnique": True}
    create = "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id}}"
    added = await twenty.ask(create, "/metadata", i={"field": field})
    return made["id"], added["id"]


async def _remove_model(twenty: Client, object_id: str, field_id: str) -> None:
    delete = "mutation($i:DeleteOneFieldInput!){deleteOneField(input:$i){id}}"
    await twenty.ask(delete, "/metadata", i={"id": field_id})
    delete = "mutation($i:DeleteOneObjectInput!){deleteOneObject(input:$i){id}}"
    await twenty.ask(delete, "/metadata", i={"id": object_id})
