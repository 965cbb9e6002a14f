"""Edited since: what a person touched after the load stays and is named, with all it stands on; nothing else does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.compensation.scope import Wanted
from commands.head import head
from commands.rollback import check
from tests.journey.world import Journey, by_email, change_person, create_company, lines_apart, send, soft_deleted

NAMES = ("Ann", "Bob", "Cyd", "Dee", "Eve", "Fay", "Gus")


def people_export(journey: Journey) -> Path:
    """Seven people, each with a company and a tag of her own; Gus alone has a website."""
    rows = [
        {
            "id": str(at),
            "email": f"{name.lower()}@kartra.example",
            "first_name": name,
            "company": f"{name} Works",
            "tags": f"tag {name}",
            "website": "https://gus.example" if name == "Gus" else "",
        }
        for at, name in enumerate(NAMES, 1)
    ]
    return journey.export("seven", rows)


class Loaded:
    """The ids of what was loaded, by first name."""

    def __init__(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._people = {one["name"]["firstName"]: one for one in people.values()}

    def person(self, name: str) -> str:
        """A person's id."""
        return str(self._people[name]["id"])

    def company(self, name: str) -> str:
        """The id of a person's company."""
        return str(self._people[name]["companyId"])


async def loaded(journey: Journey) -> Loaded:
    """Load the seven."""
    await journey.load(people_export(journey), "leave")
    return Loaded(by_email(await journey.records("person")))


async def touched(journey: Journey, ours: Loaded) -> dict[str, str]:
    """Let somebody else work with the records; the ids of what she made herself."""
    async with journey.twenty() as twenty:
        client = twenty.client
        await change_person(client, data={"name": {"firstName": "Anna"}}, record=ours.person("Ann"))
        await change_person(client, data={"jobTitle": "Baker"}, record=ours.person("Bob"))
        note = await send(client, "createNote", "Note", {"title": "Called"})
        target = {"noteId": note, "targetPersonId": ours.person("Cyd")}
        pin = await send(client, "createNoteTarget", "NoteTarget", target)
        deal = await send(
            client, "createOpportunity", "Opportunity", {"name": "Deal", "companyId": ours.company("Dee")}
        )
        foreign = await create_company(client, data={"name": "Elsewhere"})
        await change_person(client, data={"companyId": foreign}, record=ours.person("Eve"))
        await soft_deleted(twenty, "person", ours.person("Fay"))
    return {"note": note, "noteTarget": pin, "opportunity": deal, "company": foreign}


def why(ours: Loaded) -> dict[tuple[str, str], str]:
    """What must stay, and why: only what somebody worked on, and what that points at."""
    return {
        ("person", ours.person("Ann")): "edited",
        ("person", ours.person("Bob")): "edited",
        ("person", ours.person("Cyd")): "has_dependents",
        ("person", ours.person("Eve")): "edited",
        ("company", ours.company("Ann")): "pointed_at_by_kept",
        ("company", ours.company("Bob")): "pointed_at_by_kept",
        ("company", ours.company("Cyd")): "pointed_at_by_kept",
        ("company", ours.company("Dee")): "has_dependents",
    }


@pytest.mark.anyio
async def test_what_others_touched_stays_and_is_named_and_nothing_else(journey: Journey) -> None:
    """Edited, annotated, linked and moved records stay, with their companies and their values; the proof lists each."""
    ours = await loaded(journey)
    foreign = await touched(journey, ours)
    kept_before = {one["id"]: one for one in await journey.records("person")}
    done = await journey.roll_back()
    assert {(one.object, one.id): one.why for one in done.proof.kept} == why(ours)
    assert (done.undone > 0, done.proof.exact, done.proof.unexplained) == (True, False, {})
    staying = {name: {id_ for kind, id_ in why(ours) if kind == name} for name in ("person", "company")}
    assert done.proof.answered == {name: sorted(ids) for name, ids in staying.items()}
    people = {one["id"]: one for one in await journey.records("person")}
    assert people.keys() == staying["person"]
    companies = {one["id"] for one in await journey.records("company")}
    assert companies == staying["company"] | {foreign["company"]}
    for record, now in people.items():
        was = kept_before[record]
        assert {name: value for name, value in was.items() if name in now} == now
    for name in ("note", "noteTarget", "opportunity"):
        assert [one["id"] for one in await journey.records(name)] == [foreign[name]]


@pytest.mark.anyio
async def test_fields_and_options_stay_where_kept_records_hold_values(journey: Journey) -> None:
    """A field of ours goes unless a record that stays holds a value in it; what stays is named."""
    ours = await loaded(journey)
    await touched(journey, ours)
    done = await journey.roll_back()
    async with journey.twenty() as twenty:
        people, companies = twenty.model.object("person"), twenty.model.object("company")
    left = {f"person.{name}" for name in people.fields if name.startswith("kartra")}
    left |= {f"company.{name}" for name in companies.fields if name.startswith("kartra")}
    assert left == set(done.fields_kept) == {"person.kartraId", "person.kartraTags", "company.kartraKey"}
    names = {one.event.name for one in await journey.events("CompensationKept") if one.event.why == "in_use"}
    assert {"kartraId", "kartraTags", "kartraKey"} <= names


@pytest.mark.anyio
async def test_why_a_record_stays_is_a_body_that_tells_both_values(journey: Journey) -> None:
    """For an edited record the ledger keeps, as a body, which field differs, ours and theirs."""
    ours = await loaded(journey)
    await touched(journey, ours)
    await journey.roll_back()
    kept = {one.event.twenty_id: one.event for one in await journey.events("CompensationKept")}

    async def detail(record: str) -> Any:
        return (await journey.body(kept[record].payload_hash))["detail"]

    assert await detail(ours.person("Ann")) == [{"path": "name.firstName", "ours": "Ann", "theirs": "Anna"}]
    assert await detail(ours.person("Bob")) == [{"path": "jobTitle", "ours": None, "theirs": "Baker"}]
    [moved] = await detail(ours.person("Eve"))
    assert (moved["path"], moved["ours"]) == ("companyId", ours.company("Eve"))
    [pin] = await detail(ours.person("Cyd"))
    assert (pin["object"], pin["field"]) == ("noteTarget", "targetPersonId")


@pytest.mark.anyio
async def test_check_names_beforehand_what_would_stay_and_changes_nothing(journey: Journey) -> None:
    """`rollback --check` says the same as the rollback will, and leaves Twenty and the ledger as they are."""
    ours = await loaded(journey)
    await touched(journey, ours)
    before, last = await journey.settled_dump(), await head(journey.options)
    foreseen = await check(journey.options, Wanted(), force=False)
    found = {(one.object, one.id): one.why for one in foreseen.kept}
    assert found == why(ours)
    assert (await journey.settled_dump(), await head(journey.options)) == (before, last)


@pytest.mark.anyio
async def test_it_exits_3_and_force_takes_the_rest(journey: Journey) -> None:
    """The command says with exit code 3 that something stays; `--force` takes it, and leaves only what is others'."""
    ours = await loaded(journey)
    foreign = await touched(journey, ours)
    told = journey.told("rollback", "--yes", "--sandbox", "--patience", "0", code=3)
    assert len(told["proof"]["kept"]) == len(why(ours))
    assert told["exact"] is False
    forced = await journey.roll_back(force=True)
    assert forced.destroyed == {"person": 4, "company": 4}
    assert (forced.proof.exact, forced.undone) == (True, 0)
    assert await journey.records("person") == []
    assert [one["id"] for one in await journey.records("company")] == [foreign["company"]]
    assert [one["id"] for one in await journey.records("note")] == [foreign["note"]]
    [deal] = await journey.records("opportunity")
    assert (deal["id"], deal["companyId"]) == (foreign["opportunity"], None)


@pytest.mark.anyio
async def test_an_edit_between_check_and_destroy_survives(journey: Journey) -> None:
    """Somebody edits a person after the drift check, before the call: she stays with her company, and is named."""
    ours = await loaded(journey)
    edits: list[str] = []

    async def edit_now(stage: str, body: bytes) -> None:
        if stage == "before" and b"destroyPeople" in body and not edits:
            edits.append(ours.person("Bob"))
            async with journey.twenty() as twenty:
                await change_person(twenty.client, data={"jobTitle": "Quick"}, record=edits[0])

    journey.settings["on_request"] = edit_now
    done = await journey.roll_back()
    assert edits == [ours.person("Bob")]
    assert {(one.object, one.id): one.why for one in done.proof.kept} == {
        ("person", ours.person("Bob")): "edited_meanwhile",
        ("company", ours.company("Bob")): "pointed_at_by_kept",
    }
    [bob] = await journey.records("person")
    assert (bob["jobTitle"], bob["companyId"]) == ("Quick", ours.company("Bob"))
    assert [one["id"] for one in await journey.records("company")] == [ours.company("Bob")]


@pytest.mark.anyio
async def test_a_link_that_an_automation_moved_is_no_persons_edit(journey: Journey) -> None:
    """A workflow that overwrites a person's company keeps nobody from going; the database is as before."""
    async with journey.twenty() as twenty:
        other = await create_company(twenty.client, data={"name": "Other"})
    before = await journey.settled_dump()
    ours = await loaded(journey)
    journey.sql(
        'UPDATE person SET "companyId" = ?, "updatedBySource" = ?, "updatedAt" = ? WHERE "id" = ?',
        *(other, "APPLICATION", "2099-01-01T00:00:00.000000Z", ours.person("Ann")),
    )
    done = await journey.roll_back()
    assert (done.proof.kept, done.proof.exact) == ([], True)
    assert lines_apart(before, await journey.settled_dump()) == ([], [])
