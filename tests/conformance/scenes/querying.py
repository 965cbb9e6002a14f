"""Scenes of the recordings that read: filters, pages, aggregates, nested lists."""

from typing import Any

from tests.conformance.recordings import Exchange
from tests.conformance.scenes.modelling import STAGE_IDS
from tests.conformance.world import Scene, World, made_up_ids, with_pinned

_READ = {
    0: "7b6be935-effa-473d-aa3e-c7a7a45c29f7",
    1: "52dcf487-913d-4274-a738-b93582d17d24",
    2: "bf9f09a1-984b-4c22-942a-e4574e08f054",
    3: "ffaa724f-cb7e-4971-909b-527857cabcc0",
    4: "67314049-f3c5-4ab3-8202-271049aad901",
    5: "e44408c7-98af-4d80-8d82-b41653ba2d34",
    6: "1ba3065f-8ede-4301-9d0e-32aa0cbbfe7c",
    7: "fda14fbb-ea4b-4ed7-b439-aad4169b7ce5",
    8: "c516f6c8-14aa-4191-9127-2fdc25cf7e21",
    9: "8938dd95-f15f-41d4-8c2b-1cadb8edb66b",
    51: "103642e7-013e-4c2e-85a2-bfb6caaac966",
    188: "002a833f-2c13-4bf7-8132-b74a014b8b8e",
    200: "02025340-7c57-49f2-8485-6482dba4e775",
    201: "06a67890-0307-4195-9a04-e7b8221c223f",
    400: "057dcf6d-36f2-4f93-b9d3-55be93e64e62",
    401: "0a9d0d8e-2581-40e8-8e4c-02f9fca1f973",
    500: "004c3b62-e812-4ee2-a964-302e3616baa9",
    3234: "00239c17-e2fa-486c-b166-761fb55a7f05",
    5420: "000265e1-1c37-4c63-9dd5-a813c6ae20dc",
    7010: "0004f75f-909a-432b-a950-436de969595f",
    7011: "00100000-0000-4000-a000-000000000000",
    7012: "00110000-0000-4000-a000-000000000000",
    7013: "00120000-0000-4000-a000-000000000000",
    7014: "001e611c-70e8-435d-b6ec-da855fb12053",
    7015: "001e9229-1b54-4625-8e6b-88587a0fa450",
}
"""The recorded ids of the 10,000 people, by number; three made-up ones stand where offset 5 counts them."""

_COMPANIES = {
    0: "3e90a556-5b30-4967-8cb5-b65562283071",
    1: "b1e94fcd-8798-4a7f-84a7-9636b6aea9d1",
    2: "87c08caf-a56e-496e-80a4-71647a51dd88",
}
_COMPANY_COUNT = 200
_DELETED = (
    "a37d0008-cd1c-4cf3-9e36-4c96e4f0e153",
    "392baacf-a5e4-418c-a838-450113afbfea",
    "83e6cebb-dbc4-4d00-8138-7da4dd5bc1b9",
)


async def _read_begins(world: World) -> None:
    """What earlier recordings had left behind, then 200 companies and 10,000 people numbered like them."""
    companies = with_pinned(made_up_ids(_COMPANY_COUNT, seed=1), _COMPANIES)
    await world.create("Companies", "Company", [_company(place, own) for place, own in enumerate(companies)])
    await _leftovers(world)
    people = with_pinned(made_up_ids(10_000), _READ)
    world.remember(people)
    rows = [_read_person(place, own, companies[place % _COMPANY_COUNT]) for place, own in enumerate(people)]
    await world.create("People", "Person", rows)
    await world.create("People", "Person", [{"id": own, "jobTitle": "x"} | _address(own) for own in _DELETED])
    await _other_timeline_rows(world)


def _company(place: int, own_id: str) -> dict[str, Any]:
    domain = {"primaryLinkUrl": f"https://co{place}40a7fe.example"}
    return {"id": own_id, "name": f"Co {place}", "domainName": domain}


def _read_person(place: int, own_id: str, company_id: str) -> dict[str, Any]:
    return {
        "id": own_id,
        "name": {"firstName": f"First{place}", "lastName": "Read"},
        "emails": {"primaryEmail": f"read{place}.40a7fe@example.com"},
        "phones": {
            "primaryPhoneNumber": f"415555{place:04}",
            "primaryPhoneCountryCode": "US",
            "primaryPhoneCallingCode": "+1",
        },
        "linkedinLink": {"primaryLinkUrl": f"https://l.example/{place}"},
        "jobTitle": f"Job {place}",
        "companyId": company_id,
        "createdAt": "2020-01-01T00:00:00.000Z",
        "createdBy": {"source": "IMPORT", "name": "Kartra"},
    }


def _address(own_id: str) -> dict[str, Any]:
    return {"emails": {"primaryEmail": f"{own_id[:8]}@example.com"}}


_ACME, _WITH_ADDITIONAL = "10013448-33ea-4c2d-ae07-63dac72b042c", "89fc0faf-ca89-4a92-9c73-aaf98a91639d"
_ACME_TOO = "77a201b8-b16e-44dd-a26c-5eadc200d162"
_WITHOUT_COMPANY = ("00ab708d-7a49-465b-9d41-9e5a41dfe033", "01c036aa-388e-47a8-b1d4-678102a92ce8")
_WITHOUT_TITLE = ("01d52305-cddd-474a-bb61-c5507aa5b5c7", "022cfc0b-673f-4711-bc72-3bf3004728d6")
_BY_FIRST_NAME = ("97c1e9ed-783d-4032-b7bd-2cecf9142a66", "c2d13fce-63d9-4687-9ac3-0352e4aa34d0")
_ANOTHER_COMPANY = "d0000000-0000-4000-a000-000000000000"
_PLAIN = ("005e9b0e-8167-47b0-b4b8-8c052eac0a75", "fba2135b-ba6a-4477-8c0a-9b7f05a03119")


async def _leftovers(world: World) -> None:
    """666 other people, of whom the recording tells by its counts; 607 companies, 15 opportunities and the like.

    454 have no job title, 459 no company, 21 are imports and six neither that nor by API, 15 were created on
    2020-01-01 and one in 2019, 15 have such a phone, three an additional e-mail with an x, six no e-mail.
    """
    acme = made_up_ids(1, seed=2)[0]
    others = [{"id": _ANOTHER_COMPANY, "name": "D"}] + [{"name": "D"}] * 605
    await world.create("Companies", "Company", [{"id": acme, "name": "Acme"}, *others])
    known = (*_PLAIN, *_WITHOUT_COMPANY, _ACME, _ACME_TOO, *_WITHOUT_TITLE, *_BY_FIRST_NAME, _WITH_ADDITIONAL)
    ids = [*known, *made_up_ids(666 - len(known), seed=3)]
    rows = [_leftover(place, own, acme) for place, own in enumerate(ids)]
    rows[-1]["position"] = -665
    await world.create("People", "Person", rows)
    await _related_leftovers(world)


def _leftover(place: int, own_id: str, acme: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": own_id, "position": 0}
    if place < 660:
        row |= _address(own_id)
    if own_id in (_ACME, _WITH_ADDITIONAL, _PLAIN[1]):
        row["emails"] = {"primaryEmail": f"{own_id[:8]}@example.com", "additionalEmails": ["x@example.com"]}
    if own_id in _BY_FIRST_NAME:
        row["name"] = {"firstName": f"A{_BY_FIRST_NAME.index(own_id)}"}
    row |= _with_title_and_company(place, own_id, acme) | _provenance(place)
    if 100 <= place < 115:
        row["phones"] = {
            "primaryPhoneNumber": "4155550123",
            "primaryPhoneCountryCode": "US",
            "primaryPhoneCallingCode": "+1",
        }
    return row


def _with_title_and_company(place: int, own_id: str, acme: str) -> dict[str, Any]:
    """212 of them have a title and 207 a company."""
    titled = own_id in _WITHOUT_COMPANY or (place < 216 and own_id not in _WITHOUT_TITLE + _BY_FIRST_NAME)
    employed = place < 209 and own_id not in _WITHOUT_COMPANY
    company = {"companyId": acme if own_id in (_ACME, _ACME_TOO) else _ANOTHER_COMPANY}
    return ({"jobTitle": "x"} if titled else {}) | (company if employed else {})


def _provenance(place: int) -> dict[str, Any]:
    created = {"createdAt": "2020-01-01T00:00:00.000Z"} if 200 <= place < 215 else {}
    if place == 300:
        created = {"createdAt": "2019-05-06T07:08:09.123Z"}
    if 400 <= place < 421:
        return created | {"createdBy": {"source": "IMPORT", "name": "Kartra"}}
    return created | ({"createdBy": {"source": "MANUAL", "name": "x"}} if 421 <= place < 427 else {})


async def _related_leftovers(world: World) -> None:
    await world.create("Opportunities", "Opportunity", [{"name": "o"}] * 15)
    note, task = made_up_ids(2, seed=4)
    await world.create("Notes", "Note", [{"id": note}])
    await world.create("Tasks", "Task", [{"id": task}])
    await world.create("NoteTargets", "NoteTarget", [{"noteId": note, "targetPersonId": _PLAIN[0]}])
    await world.create("TaskTargets", "TaskTarget", [{"taskId": task, "targetPersonId": _PLAIN[0]}])
    await world.create("WorkflowRuns", "WorkflowRun", [{"name": "r"}] * 658)


async def _other_timeline_rows(world: World) -> None:
    """Rows of updates and of an object long gone; 16 of the leftovers had lost theirs."""
    rows = [{"name": "person.updated"}] * 619 + [{"name": "kartraSubscription.created"}] * 2
    await world.create("TimelineActivities", "TimelineActivity", rows)
    await world.call(
        "mutation($f:TimelineActivityFilterInput!){destroyTimelineActivities(filter:$f){id}}",
        {"f": {"targetPersonId": {"in": made_up_ids(655, seed=3)[-16:]}}},
    )


async def _three_deleted(world: World) -> None:
    query = "mutation($f:PersonFilterInput!){deletePeople(filter:$f){id}}"
    await world.call(query, {"f": {"id": {"in": list(_DELETED)}}})


def _very_wide(exchange: Exchange) -> bytes:
    """2,100 aliased fields, of which the recording shows the first and the last."""
    wide = " ".join(f"a{place}:jobTitle" for place in range(2100))
    return exchange.request["query"].replace("a0:jobTitle … a2099:jobTitle", wide).join(('{"query":"', '"}')).encode()


READ = Scene(before={0: _read_begins, 49: _three_deleted}, bodies={68: _very_wide})

_MANY_NOTES, _NO_NOTES = "5aecb994-c9ba-4182-b753-891e03b89ee8", "c2f2f232-b791-4435-9aad-24a6d285a469"
_FIRST_TOLD = "42e9ea71-8ce8-4a41-a105-b7e78fc9a599"
_MARKED = {0: _MANY_NOTES, 1: _NO_NOTES, 2: "001741af-4a02-4469-81c8-686c4d9ecdd0", 3: _FIRST_TOLD}
_FIRST_NOTE = "81ecdf23-77b0-44fe-8ab3-1fa38d3d758f"
_TEN = {
    0: "f56a4251-09ea-4994-a122-43e660419307",
    1: "5bfb65d4-a97c-4483-a7d8-190cdb7d6226",
    2: "0a6d0e54-2a91-4756-8ec6-a0c889a9f465",
    3: "274799a2-1c20-4435-ab58-806b622ca7e5",
}


async def _thousand_marked_people(world: World) -> None:
    people = with_pinned(made_up_ids(1000), _MARKED)
    world.remember(people)
    mark = {"createdBy": {"source": "IMPORT", "name": "Kartra run-1", "context": {"run": "MARK-e4daa9"}}}
    rows = [
        {"id": own, "name": {"firstName": f"M{place:04}", "lastName": "Test"}, **mark}
        for place, own in enumerate(people)
    ]
    await world.create("People", "Person", rows)


async def _one_row_told_first(world: World) -> None:
    """The worker's rows have random ids; the recorded person's is made the first of all."""
    rows = {"f": {"targetPersonId": {"in": [_FIRST_TOLD]}}}
    await world.call("mutation($f:TimelineActivityFilterInput!){destroyTimelineActivities(filter:$f){id}}", rows)
    row = {"id": "00000000-0000-4000-a000-000000000001", "name": "person.created", "targetPersonId": _FIRST_TOLD}
    await world.create("TimelineActivities", "TimelineActivity", [row | {"properties": {}}])


async def _four_hundred_notes(world: World) -> None:
    notes = [_FIRST_NOTE, *made_up_ids(399, seed=1)]
    world.remember(notes)
    await world.create("Notes", "Note", [{"id": own} for own in notes])
    targets = [{"noteId": own, "targetPersonId": _MANY_NOTES} for own in notes]
    await world.create("NoteTargets", "NoteTarget", targets)


async def _bind_stage(world: World) -> None:
    await world.bind_model(STAGE_IDS)


async def _ten_with_twenty_notes(world: World) -> None:
    people, note = with_pinned(made_up_ids(10, seed=2), _TEN), made_up_ids(1, seed=3)[0]
    world.remember([*people, *made_up_ids(1, seed=4)])
    await world.create("People", "Person", [{"id": own} for own in people])
    await world.create("Notes", "Note", [{"id": note}])
    targets = [{"noteId": note, "targetPersonId": own} for own in people for _count in range(20)]
    await world.create("NoteTargets", "NoteTarget", targets)


EXTRA = Scene(
    before={
        0: _thousand_marked_people,
        14: _one_row_told_first,
        19: _four_hundred_notes,
        22: _bind_stage,
        23: _ten_with_twenty_notes,
    }
)
