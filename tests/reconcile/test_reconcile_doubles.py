"""Doubles that do not carry our mark, and what only looks like one; links that an automation moved."""

import pytest

from commands.reconcile import reconcile
from tests.journey.world import Journey, by_email, create_company, create_person, send, soft_deleted

pytestmark = pytest.mark.anyio

ROWS = [
    {"id": "1", "email": "ann@acme.example", "first_name": "Ann", "company": "Acme Inc", "notes": "met in May"},
    {"id": "2", "email": "bob@acme.example", "first_name": "Bob", "company": "Acme Inc", "notes": ""},
]


async def found(journey: Journey, *objects: str) -> list[tuple[str, str, str, str, object]]:
    """What a reconciliation tells: kind, object, id, path, and what of ours it is held against."""
    done = await reconcile(journey.options, None, 0, objects, None)
    return [(one.kind, one.object, one.id, one.path, one.ours) for one in done.unlike]


async def test_a_record_with_kartras_number_of_one_of_ours_is_its_double(journey: Journey) -> None:
    """Also where people changed all the rest of it; somebody of the same name is nobody's double."""
    await journey.load(journey.export("first", ROWS), "leave")
    ours = by_email(await journey.records("person"))
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"name": {"firstName": "Ann"}})
        await create_company(twenty.client, data={"name": "Acme Inc"})
        twice = await create_person(twenty.client, data={"name": {"firstName": "Anna"}, "kartraId": "1"})
        binned = await create_person(twenty.client, data={"name": {"firstName": "Bob"}, "kartraId": "2"})
        await soft_deleted(twenty, "person", binned)
    assert await found(journey) == [("doubled", "person", twice, "kartraId", ours["ann@acme.example"]["id"])]
    assert await found(journey, "company") == []


async def test_a_record_that_holds_all_that_one_of_ours_holds_is_its_double(journey: Journey) -> None:
    """Notes and ties to them have no number of Kartra's: they are told by all they hold."""
    await journey.load(journey.export("first", ROWS), "leave")
    [note], [tie] = await journey.records("note"), await journey.records("noteTarget")
    async with journey.twenty() as twenty:
        other = {"title": note["title"], "bodyV2": {"markdown": "met in June"}}
        await send(twenty.client, "createNote", "Note", other)
        same = {"title": note["title"], "bodyV2": {"markdown": note["bodyV2"]["markdown"]}}
        twice = await send(twenty.client, "createNote", "Note", same)
        ends = {name: tie[name] for name in ("noteId", "targetPersonId")}
        tied = await send(twenty.client, "createNoteTarget", "NoteTarget", ends)
    assert await found(journey) == [
        ("doubled", "note", twice, "", note["id"]),
        ("doubled", "noteTarget", tied, "", tie["id"]),
    ]


async def test_a_link_that_an_automation_moved_is_told_as_such(journey: Journey) -> None:
    """It is a difference, and nobody's edit."""
    await journey.load(journey.export("first", ROWS), "leave")
    ours = by_email(await journey.records("person"))["bob@acme.example"]
    async with journey.twenty() as twenty:
        other = await create_company(twenty.client, data={"name": "Acme Holding"})
    journey.sql(
        'UPDATE person SET "companyId" = ?, "updatedBySource" = ?, "updatedAt" = ? WHERE id = ?',
        *(other, "APPLICATION", "2099-01-01T00:00:00.000000Z", ours["id"]),
    )
    told = ("relinked_by_automation", "person", ours["id"], "companyId", ours["companyId"])
    assert await found(journey) == [told]
