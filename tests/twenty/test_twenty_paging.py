"""Paging when the server is not as expected: nothing is lost silently, and nothing goes round for ever."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from adapters.twenty import Ask, Ids, Model, NotTwenty, Object, read_many, walk
from tests.twenty.loopback import Loopback, answer, connect
from tests.twenty.test_twenty_model import OBJECTS

pytestmark = pytest.mark.anyio
MODEL = Model(msgspec.convert(OBJECTS, list[Object]))
ROWS = [{"id": str(uuid4())} for _ in range(4)]


def page(rows: list[dict[str, Any]], cursor: str | None, more: bool) -> Any:
    """A page of people."""
    connection = {"pageInfo": {"hasNextPage": more, "endCursor": cursor}, "edges": [{"node": row} for row in rows]}
    return answer({"data": {"people": connection}})


async def test_server_with_smaller_pages_loses_nothing(loopback: Loopback) -> None:
    """A Twenty that answers fewer rows than asked is asked on: a record would count as absent otherwise."""
    loopback.script = [page(ROWS[:2], "one", True), page(ROWS[2:3], "two", True), page(ROWS[3:], "end", False)]
    async with connect(loopback) as client:
        read = await read_many(client, MODEL, [Ask("person", Ids([row["id"] for row in ROWS]), ())])
    assert read == {"person": ROWS}
    assert [request["variables"]["a0"] for request in loopback.requests] == [None, "one", "two"]


@pytest.mark.parametrize("cursor", ["same", None])
async def test_paging_that_goes_nowhere_is_told(loopback: Loopback, cursor: str | None) -> None:
    """A cursor that repeats, or is missing where there is more, ends in an error and not in a loop or a gap."""
    loopback.otherwise = page(ROWS[:1], cursor, True)
    async with connect(loopback) as client:
        with pytest.raises(NotTwenty):
            [rows async for rows in walk(client, MODEL, "person", ["name"])]
    assert len(loopback.requests) <= 2


@pytest.mark.parametrize(
    "connection",
    [
        {"edges": [{"node": {"name": None}}], "pageInfo": {"hasNextPage": False}},
        None,
        [],
        {},
        {"edges": []},
        {"edges": [{}]},
        {"edges": "x"},
        {"edges": [{"node": 1}]},
    ],
)
async def test_page_of_another_shape_is_no_twenty(loopback: Loopback, connection: Any) -> None:
    """An answer that is no page is refused, never taken for an empty one."""
    loopback.otherwise = answer({"data": {"people": connection}})
    async with connect(loopback) as client:
        with pytest.raises(NotTwenty):
            [rows async for rows in walk(client, MODEL, "person", ["name"])]
