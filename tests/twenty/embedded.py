"""The embedded Twenty, in process, as the tests of records, data model and traces use it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from adapters.mapping.types import FieldPlan, ObjectPlan
from adapters.sandbox.app import create_app
from adapters.sandbox.settings import SandboxSettings
from adapters.twenty import Call, Model, TwentyClient, create_field, create_object, read_model

RUN = "0198c0de-0000-7000-8000-000000000001"
MARK = {"source": "IMPORT", "name": "Kartra", "context": {"run": RUN}}
TAG = ObjectPlan(name="kartraTag", plural="kartraTags", label="Kartra tag", label_plural="Kartra tags")


@asynccontextmanager
async def embedded(
    on_call: Callable[[Call], None] | None = None, key: str = "sandbox-key", **settings: Any
) -> AsyncIterator[TwentyClient]:
    """A client of a new, empty embedded Twenty whose queue works at once and which has no rate limit."""
    given = {"rate_limit": None, "timeline_delay_s": 0.0, "runs_per_second": 1e6} | settings
    app = create_app(SandboxSettings(**given))
    async with TwentyClient.open("http://embedded", key, app=app, on_call=on_call) as client:
        yield client


def person(number: int, **more: Any) -> dict[str, Any]:
    """A person to create, marked as ours."""
    names = {"name": {"firstName": f"First{number}", "lastName": "Test"}}
    email = {"emails": {"primaryEmail": f"p{number}@example.com"}}
    return {"id": str(UUID(int=number + 1)), "createdBy": MARK} | names | email | more


def company(number: int, **more: Any) -> dict[str, Any]:
    """A company to create, marked as ours."""
    return {"id": str(UUID(int=1_000_000 + number)), "name": f"Company {number}", "createdBy": MARK} | more


def stranger(**fields: Any) -> dict[str, Any]:
    """A record a person made, not us."""
    return {"id": str(uuid4()), "createdBy": {"source": "MANUAL", "name": "Jane"}} | fields


async def with_tags(client: TwentyClient) -> Model:
    """Make a custom object with a relation to people; return the model as it is then."""
    model = await read_model(client)
    tag_id = await create_object(client, TAG)
    points = FieldPlan(
        object="kartraTag", name="person", label="Person", type="RELATION", target="person", reverse_label="Kartra tags"
    )
    await create_field(client, tag_id, points, target_id=model.object("person").id)
    return await read_model(client)
