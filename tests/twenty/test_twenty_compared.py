"""Destroying what is as it was read, each record compared with its own time."""

import anyio
import pytest

from adapters.twenty import create, destroy_as_read, read_model, soft_delete_as_read, update_one
from tests.twenty.embedded import embedded, person

pytestmark = pytest.mark.anyio


async def test_each_record_is_compared_with_its_own_time() -> None:
    """One whose time lies far ahead goes if it is just that; an older time of another hides no edit of it."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        rows = [person(0), person(1), person(2, updatedAt="2099-01-01T00:00:00.000Z")]
        times = {one.id: one.updated_at for one in await create(client, people, rows)}
        await anyio.sleep(0.005)
        await update_one(client, people, rows[1]["id"], {"jobTitle": "edited"})
        assert set(await destroy_as_read(client, people, times)) == {rows[0]["id"], rows[2]["id"]}
        assert await soft_delete_as_read(client, people, times) == []
        with pytest.raises(ValueError, match="empty"):
            await destroy_as_read(client, people, {})
