"""A fresh embedded Twenty for one replay, and the calls that prepare it.

`Scene` says how one recorded file begins and what happened between its exchanges; `World` is the running workspace.
"""

import gzip
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import anyio
import httpx
import msgspec

from adapters.sandbox.app import create_app
from adapters.sandbox.settings import SandboxSettings
from tests.conformance.binding import Bindings
from tests.conformance.recordings import Exchange

KEY = "the-key"
BATCH = 200
_UNANSWERED_AFTER_S = 0.3

Step = Callable[["World"], Awaitable[None]]
Headers = Mapping[str, str]


def bearer(_exchange: Exchange) -> Headers:
    """What every request carries, unless its scene says otherwise."""
    return {"Authorization": f"Bearer {KEY}"}


@dataclass(frozen=True)
class Scene:
    """The context of one recorded file.

    `before` holds what to do ahead of an exchange, by its number; `each` is done ahead of every exchange;
    `variables` gives those variables whose shortened lists cannot be made up from the recording alone.
    """

    settings: SandboxSettings = field(default_factory=lambda: settings())
    before: Mapping[int, Step] = field(default_factory=dict)
    each: Step | None = None
    headers: Callable[[Exchange], Headers] = bearer
    variables: Mapping[int, Callable[["World", Exchange], Awaitable[dict[str, Any]]]] = field(default_factory=dict)
    bodies: Mapping[int, Callable[[Exchange], bytes]] = field(default_factory=dict)


def settings(**changes: Any) -> SandboxSettings:
    """A sandbox without limit whose worker is never late, and whose prefilled workflow is off unless asked for."""
    usual: dict[str, Any] = {
        "api_key": KEY,
        "rate_limit": None,
        "timeline_delay_s": 0.0,
        "runs_per_second": 1e9,
        "workflow_active": False,
    }
    return SandboxSettings(**(usual | changes))


class World:
    """One workspace in process, what it was told to hold, and which recorded value each of its values stands for."""

    def __init__(self, scene: Scene, known: Iterable[str]) -> None:
        self.scene = scene
        self.bindings = Bindings(datetime.now(UTC), known)
        self._order: list[str] = []
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(scene.settings)), base_url="http://sandbox"
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def replay(self, exchange: Exchange, variables: Mapping[str, Any]) -> tuple[int | None, Any]:
        """Send one exchange; its answer's status and body, or (None, None) where none came in time."""
        request = self._request(exchange, variables)
        with anyio.move_on_after(_UNANSWERED_AFTER_S if exchange.status is None else 60):
            response = await self._client.send(request)
            return response.status_code, _decoded(response.text)
        return None, None

    async def call(self, query: str, variables: Mapping[str, Any] | None = None, path: str = "/graphql") -> Any:
        """A call of the scene's own, which must succeed; the answer's `data`. What it tells keeps its own ids."""
        self.bindings.keep(variables)
        body = {"query": query, "variables": variables or {}}
        response = await self._client.post(path, json=body, headers={"Authorization": f"Bearer {KEY}"})
        answer = response.json()
        assert "errors" not in answer, (query, answer)
        return answer["data"]

    async def is_refused(self, query: str) -> bool:
        """Whether a call of the scene's own meets the rate limit."""
        response = await self._client.post(
            "/graphql", json={"query": query}, headers={"Authorization": f"Bearer {KEY}"}
        )
        errors = response.json().get("errors", [])
        return any(error["extensions"].get("subCode") == "LIMIT_REACHED" for error in errors)

    async def create(self, plural: str, singular: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Create records, 200 a call; `plural` and `singular` are the object's names in PascalCase."""
        query = f"mutation($d:[{singular}CreateInput!]!){{create{plural}(data:$d){{id}}}}"
        for start in range(0, len(rows), BATCH):
            await self.call(query, {"d": list(rows[start : start + BATCH])})

    def remember(self, ids: Iterable[str]) -> None:
        """Ids that stand next to each other in the recording's long lists, in that order."""
        self._order.extend(ids)

    def next_ids(self, found: str, count: int) -> list[str]:
        """The remembered ids that follow `found`."""
        if found not in self._order:
            return []
        place = self._order.index(found) + 1
        return self._order[place : place + count]

    async def bind_model(self, recorded: Mapping[str, str]) -> None:
        """Bind recorded ids of the data model, given as `object` or `object.field` or `object.field.OPTION`."""
        ours = await self.model_ids()
        for path, own_id in recorded.items():
            assert self.bindings.bind(own_id, ours[path]), path

    async def model_ids(self) -> dict[str, str]:
        """Every id of the data model by its path."""
        query = "{objects(paging:{first:1000}){edges{node{id nameSingular fieldsList{id name options}}}}}"
        data = await self.call(query, path="/metadata")
        ids = {}
        for node in (edge["node"] for edge in data["objects"]["edges"]):
            ids[node["nameSingular"]] = node["id"]
            for own in node["fieldsList"]:
                path = f"{node['nameSingular']}.{own['name']}"
                ids[path] = own["id"]
                ids |= {f"{path}.{option['value']}": option["id"] for option in own["options"] or ()}
        return ids

    def _request(self, exchange: Exchange, variables: Mapping[str, Any]) -> httpx.Request:
        recorded = exchange.request
        headers = {**self.scene.headers(exchange), **recorded.get("headers", {})}
        if recorded.get("method") == "GET":
            params = {"query": recorded["query"]} if "query" in recorded else None
            return self._client.build_request("GET", recorded["path"], params=params, headers=headers)
        headers.setdefault("Content-Type", "application/json")
        return self._client.build_request(
            "POST", recorded["path"], content=self._body(exchange, variables, headers), headers=headers
        )

    def _body(self, exchange: Exchange, variables: Mapping[str, Any], headers: Headers) -> bytes:
        if exchange.index in self.scene.bodies:
            return self.scene.bodies[exchange.index](exchange)
        if "body" in exchange.request:
            return str(exchange.request["body"]).encode()
        query = self.bindings.request(exchange.request["query"])
        body = msgspec.json.encode({"query": query, "variables": self.bindings.request(dict(variables))})
        return gzip.compress(body) if headers.get("Content-Encoding") == "gzip" else body


def made_up_ids(count: int, seed: int = 0) -> list[str]:
    """Ids that sort after every recorded one that the scenes rely on for being among the first (all below 30…)."""
    numbers = random.Random(seed)
    texts = (f"{numbers.randrange(0x3 << 124, 1 << 128):032x}" for _ in range(count))
    return [f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}" for text in texts]


def with_pinned(ids: Sequence[str], pinned: Mapping[int, str]) -> list[str]:
    """`ids` with the recorded ones at the places they had."""
    return [pinned.get(place, own) for place, own in enumerate(ids)]


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
