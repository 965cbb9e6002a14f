"""Scenes of the recordings about keys, documents, limits and the prefilled workflow."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.recordings import Exchange
from tests.conformance.world import KEY, Scene, World, bearer, made_up_ids, settings, with_pinned

_TOKENS: Mapping[str, Mapping[str, str]] = {
    "no token": {},
    "introspection without": {},
    "__typename without": {},
    "no Bearer word": {"Authorization": KEY},
    "Basic": {"Authorization": f"Basic {KEY}"},
    "tampered": {"Authorization": f"Bearer {KEY}x"},
    "not a JWT": {"Authorization": "Bearer hello"},
    "expired date": {"Authorization": f"Bearer {KEY}y"},
    "__typename with": {"Authorization": f"Bearer {KEY}x"},
    "key of a read-only role": {"Authorization": "Bearer reader"},
    "revoked key": {"Authorization": "Bearer revoked"},
    "expired key": {"Authorization": "Bearer expired"},
}
"""Which header an exchange carried, by how its name begins; tokens themselves were not recorded."""


def _auth_headers(exchange: Exchange) -> Mapping[str, str]:
    return next((header for start, header in _TOKENS.items() if exchange.name.startswith(start)), bearer(exchange))


async def _people(world: World, count: int, seed: int = 0) -> None:
    await world.create("People", "Person", [{"id": own} for own in made_up_ids(count, seed)])


async def _auth_begins(world: World) -> None:
    await _people(world, 430)


async def _auth_keys_made(world: World) -> None:
    """Later that day: 505 people and 700 timeline rows."""
    await _people(world, 75, seed=1)
    await world.create("Companies", "Company", [{"id": own} for own in made_up_ids(195, seed=2)])


AUTH = Scene(
    settings=settings(other_keys={"reader": "read-only", "revoked": "revoked", "expired": "expired"}),
    before={19: _auth_begins, 28: _auth_keys_made},
    headers=_auth_headers,
)


async def _documents_begin(world: World) -> None:
    """225 people of whom the first by id is known, 7 companies, 14 opportunities, a note, a task, and their targets."""
    ids = with_pinned(made_up_ids(225), {0: "022cfc0b-673f-4711-bc72-3bf3004728d6"})
    await world.create("People", "Person", [{"id": own} for own in ids])
    await world.create("Companies", "Company", [{"name": "c"}] * 7)
    await world.create("Opportunities", "Opportunity", [{"name": "o"}] * 14)
    note, task, dashboard = made_up_ids(3, seed=1)
    await world.create("Notes", "Note", [{"id": note}])
    await world.create("Tasks", "Task", [{"id": task}])
    await world.create("NoteTargets", "NoteTarget", [{"noteId": note, "targetPersonId": ids[0]}])
    await world.create("TaskTargets", "TaskTarget", [{"taskId": task, "targetPersonId": ids[0]}])
    await world.create("Dashboards", "Dashboard", [{"id": dashboard}])
    first, second = "a97f09e9-bdd7-4590-9d78-f7300a8705cb", "add0cc4d-b536-4199-ba8a-37360c513ba5"
    batch = {0: first, 1: second, 192: "01d52305-cddd-474a-bb61-c5507aa5b5c7"}
    world.remember(with_pinned(made_up_ids(200, seed=3), batch))


async def _person_of_a_wrong_selection(world: World) -> None:
    """Twenty made it and answered null for the unknown field; here the document is refused."""
    await world.create("People", "Person", [{"id": "6aa46364-eaec-499b-8d98-e6eaecf730b3"}])


async def _two_hundred_people(world: World) -> None:
    """Those the document of number 48 made, companies and all; here its second root never finds the first one's."""
    ids = world.next_ids("a97f09e9-bdd7-4590-9d78-f7300a8705cb", 199)
    rows = [{"id": own, "name": {"firstName": f"Par0x{place}"}} for place, own in enumerate(ids, 1)]
    await world.create("People", "Person", [{"id": "a97f09e9-bdd7-4590-9d78-f7300a8705cb"}, *rows])


async def _some_timeline_rows_gone(world: World) -> None:
    """241 timeline rows were there; the worker had lost or not yet written the rest."""
    query = "{timelineActivities(first:1000){edges{node{id}}}}"
    found = [edge["node"]["id"] for edge in (await world.call(query))["timelineActivities"]["edges"]]
    await world.call(
        "mutation($f:TimelineActivityFilterInput!){destroyTimelineActivities(filter:$f){id}}",
        {"f": {"id": {"in": found[241:]}}},
    )


def _count_of_one_person(size: int) -> bytes:
    """A body of about `size` bytes whose filter matches nobody."""
    head, tail = b'{"query":"{people(filter:{jobTitle:{eq:\\"', b'\\"}}){totalCount}}"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


DOCUMENT_ERRORS = Scene(
    before={
        0: _documents_begin,
        1: _person_of_a_wrong_selection,
        45: _some_timeline_rows_gone,
        51: _two_hundred_people,
    },
    bodies={
        41: lambda _exchange: _count_of_one_person(10_485_895),
        42: lambda _exchange: _count_of_one_person(9_437_320),
    },
)


async def _empty_the_bucket(world: World) -> None:
    for _call in range(250):
        if await world.is_refused("{people(first:0){totalCount}}"):
            return
    raise AssertionError("the bucket never ran empty")


RATE_LIMIT = Scene(settings=settings(rate_limit=(100, 60.0)), each=_empty_the_bucket)

_FIVE = (
    "b278f464-8c6e-47ec-8331-efbc128fef6a",
    "c53edcc2-ffe8-42b9-aa82-5ae73826148f",
    "09d068e4-6636-4d82-9d72-b20e96e18705",
    "781ed7bf-63d9-44aa-9e5e-5e9c4b895561",
    "ab624fc3-eef6-498e-8274-a0ca2eef0586",
)


async def _runs_were_made(world: World) -> None:
    """653 runs of earlier people, then five of people whose ids are asked for."""
    await _people(world, 653)
    rows: list[dict[str, Any]] = [
        {"id": own, "name": {"firstName": f"W{place}", "lastName": "Test"}}
        | {"emails": {"primaryEmail": f"w{place}.4663ba@example.com"}}
        for place, own in enumerate(_FIVE)
    ]
    await world.create("People", "Person", rows)


async def _an_object_was_made(world: World) -> None:
    await world.call(
        "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id}}",
        {
            "i": {
                "object": {
                    "nameSingular": "kartraOther",
                    "namePlural": "kartraOthers",
                    "labelSingular": "Kartra other",
                    "labelPlural": "Kartra others",
                }
            }
        },
        path="/metadata",
    )


WORKFLOWS = Scene(settings=settings(workflow_active=True), before={2: _runs_were_made, 14: _an_object_was_made})
