"""An embedded Twenty in process, and the calls these tests make."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import pytest

from adapters.sandbox.app import SandboxApp, create_app
from adapters.sandbox.dump import dump
from adapters.sandbox.settings import SandboxSettings
from tests.sandbox.born import as_they_are

CREATE = "mutation($d:[PersonCreateInput!]!){createPeople(data:$d){id}}"
UPSERT = "mutation($d:[PersonCreateInput!]!){createPeople(data:$d,upsert:true){id}}"
DESTROY = "mutation($f:PersonFilterInput!){destroyPeople(filter:$f){id}}"
READ = "query($f:PersonFilterInput){people(filter:$f,first:10000){edges{node{id jobTitle emails{primaryEmail}}}}}"
EVER = {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}
"""A filter that names deletedAt, so that deleted records are seen too."""


class Client:
    """A sandbox over HTTP in process."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.app: SandboxApp = create_app(settings)
        self.settings = settings
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {settings.api_key}"}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        self.app.sandbox.close()

    async def post(self, query: str, path: str = "/graphql", **variables: Any) -> Any:
        """The whole answer to a call; HTTP must be 200."""
        response = await self.http.post(path, json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        return response.json()

    async def ask(self, query: str, path: str = "/graphql", **variables: Any) -> Any:
        """What a call's one root answers; errors fail the test."""
        answer = await self.post(query, path, **variables)
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    async def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """The one error of a call that must be refused."""
        (error,) = (await self.post(query, **variables))["errors"]
        return error

    async def nodes(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The records a list query answers."""
        return [edge["node"] for edge in (await self.ask(query, **variables))["edges"]]

    async def people(self, filter_: Any = None) -> dict[str, dict[str, Any]]:
        """People by id."""
        return {node["id"]: node for node in await self.nodes(READ, f=filter_)}

    async def count(self, plural: str, filter_: Any = None) -> int:
        """How many records of an object a filter finds."""
        answer = await self.ask(f"query($f:X){{{plural}(filter:$f,first:0){{totalCount}}}}", f=filter_)
        return int(answer["totalCount"])

    def dumped(self) -> str:
        """The database as text, once the queue is empty."""
        self.app.sandbox.settle()
        return dump(self.settings.db)


Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts sandboxes on disk: no limit, no delay, the prefilled workflow off, unless asked otherwise."""
    async with AsyncExitStack() as stack:

        async def started(**changes: Any) -> Client:
            usual = {"db": str(tmp_path / "twenty.db"), "rate_limit": None, "timeline_delay_s": 0.0}
            settings = SandboxSettings(**(usual | {"workflow_active": False} | changes))
            return await stack.enter_async_context(Client(settings))

        yield started


def person(email: str | None = None, **fields: Any) -> dict[str, Any]:
    """A person to create, with an id of ours."""
    emails = {"emails": {"primaryEmail": email}} if email else {}
    return {"id": str(uuid4())} | emails | fields


@pytest.fixture(scope="package", autouse=True)
def births() -> Iterator[None]:
    """Let workspaces be born as they are: how is what these tests are about."""
    with as_they_are():
        yield
