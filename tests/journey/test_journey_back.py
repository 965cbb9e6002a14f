"""Exactly back: Twenty's whole database before a load and after its rollback."""

import re

import pytest

from adapters.twenty import Ids, destroy
from commands.compensation.outcome import RolledBack
from tests.journey.world import (
    Journey,
    by_email,
    change_person,
    create_company,
    create_person,
    lines_apart,
    soft_deleted,
    to_come,
    written,
)

_UPDATED = re.compile(r'"updatedAt":"[^"]*"')
_TRIGGER = 'SELECT * FROM "workflowAutomatedTrigger"'


def person(name: str, **more: object) -> dict[str, object]:
    """A person somebody else makes."""
    return {"name": {"firstName": name}, "emails": {"primaryEmail": f"{name.lower()}@elsewhere.example"}, **more}


async def others_at_work(journey: Journey) -> None:
    """A workspace in use: other people's records, some linked, some in the bin, some changed."""
    async with journey.twenty() as twenty:
        client = twenty.client
        acme = await create_company(client, data={"name": "Others", "domainName": {"primaryLinkUrl": "acme.example"}})
        shut = await create_company(client, data={"name": "Shut"})
        await create_person(client, data=person("Ann", companyId=acme))
        bob = await create_person(client, data=person("Bob", companyId=shut))
        cyd = await create_person(client, data=person("Cyd", createdBy={"source": "IMPORT", "name": "Other"}))
        await soft_deleted(twenty, "person", bob)
        await soft_deleted(twenty, "company", shut)
        await change_person(client, data={"jobTitle": "Baker"}, record=cyd)


def exact(done: RolledBack) -> None:
    """The proof says that nothing of ours is left."""
    assert done.proof.exact
    assert done.undone == 0
    assert not any(done.proof.answered.values())
    assert not done.fields_kept


@pytest.mark.anyio
async def test_a_database_in_use_is_as_before_row_for_row(journey: Journey) -> None:
    """With automations left alone, nothing in the database differs: not the others' records, live or in the bin."""
    await others_at_work(journey)
    before = await journey.settled_dump()
    exports = journey.sample(250, everything=True)
    loaded = await journey.load(exports, "leave")
    assert written(loaded) == to_come(exports)
    assert before != await journey.settled_dump()
    exact(await journey.roll_back())
    assert lines_apart(before, await journey.settled_dump()) == ([], [])


@pytest.mark.anyio
async def test_a_pause_leaves_only_what_the_proof_names(journey: Journey) -> None:
    """With automations paused, one row differs: the trigger's updatedBy and the microseconds of its updatedAt."""
    before = await journey.settled_dump()
    [old] = journey.sql(_TRIGGER)
    await journey.load(journey.sample(150), "pause")
    done = await journey.roll_back()
    exact(done)
    gone, come = lines_apart(before, await journey.settled_dump())
    assert [line.split(" (")[0] for line in (*gone, *come)] == ['INSERT INTO "workflowAutomatedTrigger"'] * 2
    [new] = journey.sql(_TRIGGER)
    columns = [row[1] for row in journey.sql('PRAGMA table_info("workflowAutomatedTrigger")')]
    apart = {name: (was, now) for name, was, now in zip(columns, old, new, strict=True) if was != now}
    was, now = apart.pop("updatedAt")
    assert was[:23] == now[:23]
    assert all(name.startswith("updatedBy") for name in apart)
    trigger = old[columns.index("id")]
    assert any(trigger in said and "updatedBy" in said and "updatedAt" in said for said in done.proof.not_restorable)


@pytest.mark.anyio
async def test_load_rollback_load_rollback(journey: Journey) -> None:
    """After a rollback the same exports load again, under other ids; and that is taken back exactly as well."""
    exports = journey.sample(120)
    before = await journey.settled_dump()
    first = await journey.load(exports, "leave")
    ids = {one["id"] for one in await journey.records("person")}
    exact(await journey.roll_back())
    again = await journey.load(exports, "leave")
    people = await journey.records("person")
    assert len(people) == len(ids) == 120
    assert ids.isdisjoint(one["id"] for one in people)
    assert again.run != first.run
    assert {one["createdBy"]["context"]["run"] for one in people} == {again.run}
    exact(await journey.roll_back())
    assert lines_apart(before, await journey.settled_dump()) == ([], [])


FIRST = [
    {"id": "1", "email": "ann@one.example", "first_name": "Ann", "company": "North Ltd", "tags": "red"},
    {"id": "2", "email": "bob@one.example", "first_name": "Bob", "company": "North Ltd", "tags": "blue"},
]
SECOND = [
    {"id": "3", "email": "cyd@two.example", "first_name": "Cyd", "company": "North Ltd", "tags": "green", "pet": "cat"},
    {"id": "4", "email": "dee@two.example", "first_name": "Dee", "company": "South Inc", "tags": "red", "pet": "dog"},
]


@pytest.mark.anyio
async def test_one_run_of_two_is_taken_back_by_itself(journey: Journey) -> None:
    """Taking back the second load takes its people, company, option and column, and leaves the first as it was.

    Only the time at which Twenty saw the first load's field changed last is another, and the proof says so.
    """
    await journey.load(journey.export("first", FIRST), "leave")
    before = await journey.settled_dump()
    second = await journey.load(journey.export("second", SECOND), "leave")
    async with journey.twenty() as twenty:
        tags = twenty.model.object("person").field("kartraTags")
        assert {option.label for option in tags.options or ()} == {"red", "blue", "green"}
        assert "kartraFieldPet" in twenty.model.object("person").fields
    done = await journey.roll_back(second.run)
    assert done.destroyed == {"person": 2, "company": 1}
    exact(done)
    gone, come = lines_apart(before, await journey.settled_dump())
    assert [_UPDATED.sub("", line) for line in gone] == [_UPDATED.sub("", line) for line in come]
    assert [line.split(" (")[0] for line in gone] == ['INSERT INTO "core_field"']
    assert "'kartraTags'" in gone[0]
    assert any("person.kartraTags" in said and "updatedAt" in said for said in done.proof.not_restorable)
    assert set(by_email(await journey.records("person"))) == {"ann@one.example", "bob@one.example"}


@pytest.mark.anyio
async def test_the_first_run_of_two_keeps_what_the_second_stands_on(journey: Journey) -> None:
    """Taking back the first load keeps its company and its fields, which the second's records use; all is named."""
    first = await journey.load(journey.export("first", FIRST), "leave")
    await journey.load(journey.export("second", SECOND), "leave")
    done = await journey.roll_back(first.run)
    assert done.destroyed == {"person": 2, "company": 0}
    [kept] = done.proof.kept
    assert (kept.object, kept.why) == ("company", "has_dependents")
    assert {"person.kartraId", "person.kartraTags"} <= set(done.fields_kept)
    people = by_email(await journey.records("person"))
    assert set(people) == {"cyd@two.example", "dee@two.example"}
    assert people["cyd@two.example"]["companyId"] == kept.id
    exact(await journey.roll_back(force=True))


@pytest.mark.anyio
async def test_what_somebody_else_destroyed_is_told_as_gone(journey: Journey) -> None:
    """A record of ours that somebody destroyed is no difference: it is recorded as gone already, the rest is taken."""
    before = await journey.settled_dump()
    await journey.load(journey.sample(60, dirty=False, companies=5), "leave")
    async with journey.twenty() as twenty:
        one = (await journey.records("person"))[0]["id"]
        await destroy(twenty.client, twenty.model.object("person"), Ids([one]), None)
    done = await journey.roll_back()
    exact(done)
    assert (done.destroyed["person"], done.already_gone["person"]) == (59, 1)
    [gone] = [each for each in await journey.events("RecordDeleted") if each.event.twenty_id == one]
    assert gone.event.outcome == "already_gone"
    assert lines_apart(before, await journey.settled_dump()) == ([], [])
