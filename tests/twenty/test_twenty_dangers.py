"""What destroys or empties a workspace cannot be expressed: nothing of it ever leaves."""

import inspect
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters.twenty as twenty
from adapters.twenty import Ids, Object, OutcomeUnknown, create, destroy, restore, soft_delete, update_one, upsert_by_id
from adapters.twenty.documents import both, read_document
from tests.twenty.loopback import Loopback, answer, connect
from tests.twenty.test_twenty_model import OBJECTS

pytestmark = pytest.mark.anyio
PERSON: Object = msgspec.convert(OBJECTS[0], Object)
COMPANY: Object = msgspec.convert(OBJECTS[1], Object)
TIME = "2026-11-23T17:54:21.797Z"


@pytest.mark.parametrize("act", [soft_delete, restore, lambda *given: destroy(*given, None)])
async def test_every_destructive_filter_names_ids(loopback: Loopback, act: Any) -> None:
    """Whatever is destroyed, binned or restored goes by a filter that holds a list of ids."""
    loopback.otherwise = answer({"data": {"deletePeople": [], "destroyPeople": [], "restorePeople": []}})
    ids = Ids([uuid4(), uuid4()])
    async with connect(loopback) as client:
        await act(client, PERSON, ids)
    [request] = loopback.requests
    assert request["variables"] == {"f": {"and": [{"id": {"in": list(ids)}}]}}


@given(st.lists(st.uuids().filter(lambda one: one.int != 0), max_size=5))
def test_no_filter_without_ids_can_be_made(uuids: list[Any]) -> None:
    """Of no ids no Ids comes, and an `and` of nothing is refused."""
    if uuids:
        assert list(Ids(uuids))
    else:
        with pytest.raises(ValueError, match="empty"):
            Ids(uuids)
    with pytest.raises(ValueError, match="every record"):
        both()


async def test_many_ids_go_in_several_calls(loopback: Loopback) -> None:
    """More ids than a call was seen to carry are cut, and every id is sent once."""
    loopback.otherwise = answer({"data": {"destroyPeople": []}})
    ids = Ids([uuid4() for _ in range(5_001)])
    async with connect(loopback, timeout_s=5.0) as client:
        await destroy(client, PERSON, ids, TIME)
    parts = [request["variables"]["f"]["and"][0]["id"]["in"] for request in loopback.requests]
    assert [one for part in parts for one in part] == list(ids)
    assert all(request["variables"]["f"]["and"][1] == {"updatedAt": {"lte": TIME}} for request in loopback.requests)


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-23T17:54:21.797227Z", "2026-11-23T17:54:21Z"])
async def test_comparing_with_no_time_is_refused(loopback: Loopback, time: str) -> None:
    """A compare-and-delete with a time Twenty cannot compare with never leaves."""
    async with connect(loopback) as client:
        with pytest.raises(ValueError, match="milliseconds"):
            await destroy(client, PERSON, Ids([uuid4()]), time)
    assert not loopback.requests


def test_no_public_call_takes_a_filter_to_write_by() -> None:
    """Of everything exported, only reading takes a filter."""
    takes_filter = {
        name
        for name in twenty.__all__
        if inspect.isfunction(found := getattr(twenty, name))
        and {"filter", "where"} & inspect.signature(found).parameters.keys()
    }
    assert takes_filter == {"walk"}


@pytest.mark.parametrize(
    "row",
    [
        {"emails": {"primaryEmail": "a@example.com"}},
        {"kartraId": "1"},
        {},
        {"name": None},
    ],
)
async def test_upsert_cannot_match_by_anything_but_the_id(loopback: Loopback, row: dict[str, Any]) -> None:
    """Unique fields would match, and revive, another record; an empty change only touches; a null is ignored."""
    async with connect(loopback) as client:
        with pytest.raises(ValueError, match=r"unique|change|cleared"):
            await upsert_by_id(client, PERSON, [{"id": str(uuid4())} | row])
    assert not loopback.requests


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (PERSON, {"emails": {"additionalEmails": ["b@example.com"]}}),
        (PERSON, {"emails": None}),
        (COMPANY, {"domainName": {"primaryLinkLabel": "x"}}),
        (PERSON, {}),
    ],
)
async def test_half_a_composite_never_leaves(loopback: Loopback, kind: Object, data: dict[str, Any]) -> None:
    """Half an e-mail or link blanks the other half in Twenty, and null does nothing: both are refused here."""
    async with connect(loopback) as client:
        with pytest.raises(ValueError, match=r"along|cleared|change"):
            await update_one(client, kind, str(uuid4()), data)
    assert not loopback.requests


async def test_create_never_upserts_and_needs_ids(loopback: Loopback) -> None:
    """A create carries an id each, no two the same, and never overwrites."""
    one = {"id": str(uuid4()), "kartraId": "1"}
    loopback.otherwise = answer({"data": {"createPeople": [{"id": one["id"], "createdAt": TIME, "updatedAt": TIME}]}})
    async with connect(loopback) as client:
        with pytest.raises(KeyError):
            await create(client, PERSON, [{"kartraId": "1"}])
        with pytest.raises(ValueError, match="same id"):
            await create(client, PERSON, [one, one])
        assert [stored.id for stored in await create(client, PERSON, [one])] == [one["id"]]
        assert await create(client, PERSON, []) == []
    [request] = loopback.requests
    assert "upsert" not in request["query"]


@pytest.mark.parametrize("body", [[], [{"id": str(uuid4()), "createdAt": TIME, "updatedAt": TIME}], None, [{"id": 1}]])
async def test_answer_about_other_records_is_unknown(loopback: Loopback, body: Any) -> None:
    """A create answered with other ids, or in another shape, proves nothing: look before going on."""
    loopback.otherwise = answer({"data": {"createPeople": body}})
    async with connect(loopback) as client:
        with pytest.raises(OutcomeUnknown):
            await create(client, PERSON, [{"id": str(uuid4())}])


def test_a_document_takes_different_roots_only() -> None:
    """The same root twice would be refused whole, and over 20 too."""
    with pytest.raises(ValueError, match="different roots"):
        read_document([])
