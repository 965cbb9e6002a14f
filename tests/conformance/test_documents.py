"""Every document the client sends is sound by the real Twenty's schema, which Twenty itself never checks.

An unknown field in a selection reads as an empty value there (GRAPHQL section 0), so this is where a typo is caught.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query, parse, validate

from adapters import twenty
from adapters.mapping.types import FieldPlan, ObjectPlan
from adapters.sandbox.app import create_app
from adapters.sandbox.metadata.documents import SCHEMA as METADATA_SCHEMA
from adapters.sandbox.settings import SandboxSettings
from adapters.twenty import Ask, Call, Ids, Model, TwentyClient
from tests.conformance.recorded_schema import problems

RUN = "0198c0de-0000-7000-8000-000000000001"
OBJECTS = ("company", "person", "opportunity", "note", "noteTarget", "task", "taskTarget", "attachment", "kartraThing")
WRITABLE = tuple(name for name in OBJECTS if name != "attachment")
THING = ObjectPlan(name="kartraThing", plural="kartraThings", label="Kartra thing", label_plural="Kartra things")
TAGS = FieldPlan(object="kartraThing", name="tags", label="Tags", type="MULTI_SELECT", options={"A": "a"})
POINTS = FieldPlan(
    object="kartraThing", name="person", label="Person", type="RELATION", target="person", reverse_label="Things"
)


class Story:
    """One use of everything the client can do; `used` are the names of its functions.

    `schema` is the workspace's own once its custom object is there, by introspection.
    """

    def __init__(self, client: TwentyClient, model: Model, introspect: Callable[[], Awaitable[GraphQLSchema]]) -> None:
        self.client, self.model = client, model
        self._introspect = introspect
        self.schema: GraphQLSchema | None = None
        self.used: set[str] = set()
        self.ids = {name: Ids([UUID(int=at + 1)]) for at, name in enumerate(OBJECTS)}

    async def look(self) -> None:
        """Read the data model and the schema as they are now."""
        self.model = await self.do(twenty.read_model, self.client)
        self.schema = await self._introspect()

    async def do(self, function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Call one of the client's functions and note that it was."""
        self.used.add(function.__name__)
        return await function(*args, **kwargs)


async def told(client: TwentyClient, introspect: Callable[[], Awaitable[GraphQLSchema]]) -> Story:
    """Tell the whole story once."""
    story = Story(client, await twenty.read_model(client), introspect)
    await _change_the_model(story)
    await _write(story)
    await _read(story)
    await _trace_and_destroy(story)
    return story


async def _change_the_model(story: Story) -> None:
    client = story.client
    thing = await story.do(twenty.create_object, client, THING)
    tags = await story.do(twenty.create_field, client, thing, TAGS)
    await story.do(twenty.create_field, client, thing, POINTS, target_id=story.model.object("person").id)
    more = await story.do(twenty.add_options, client, tags, {"A": "a", "B": "b"})
    await story.do(twenty.remove_options, client, more, ["B"])
    await story.look()
    await story.do(twenty.read_workspace, client)
    await story.do(twenty.read_keys, client)


async def _write(story: Story) -> None:
    for name in WRITABLE:
        kind, own = story.model.object(name), story.ids[name].values[0]
        await story.do(twenty.create, story.client, kind, [{"id": own}])
        await story.do(twenty.update_one, story.client, kind, own, {"position": 1})
        await story.do(twenty.upsert_by_id, story.client, kind, [{"id": own, "position": 2}])
        await story.do(twenty.soft_delete, story.client, kind, story.ids[name])
        await story.do(twenty.restore, story.client, kind, story.ids[name])


async def _read(story: Story) -> None:
    client, model = story.client, story.model
    for name in OBJECTS:
        fields = tuple(
            field.name
            for field in model.object(name).fields_list
            if field.type not in ("TS_VECTOR", "RELATION", "FILES")
        )
        await story.do(twenty.read_many, client, model, [Ask(name, story.ids[name], fields)])
        story.used.add(twenty.walk.__name__)
        async for _page in twenty.walk(client, model, name, fields):
            pass
        await story.do(twenty.holding, client, model, name, [own for own in fields if own != "id"])
    kinds = [model.object(name) for name in OBJECTS]
    await story.do(twenty.counts, client, kinds)
    await story.do(twenty.marked, client, [kind for kind in kinds if kind.singular in WRITABLE], RUN)
    await story.do(twenty.made_by_others, client, model.object("person"), "2020-01-01T00:00:00.000Z")
    await story.do(twenty.count_deleted, client, model, "opportunity", "2020-01-01T00:00:00.000Z")
    await story.do(twenty.holders, client, model.object("person"), "emails.primaryEmail", ["a@example.com"])
    await story.do(twenty.holders, client, model.object("company"), "domainName.primaryLinkUrl", ["https://a.example"])
    await story.do(twenty.dependents, client, model, {name: story.ids[name] for name in WRITABLE})
    await story.do(twenty.unreadable, client, kinds)
    await story.do(twenty.read_roles, client)
    await story.do(twenty.read_applications, client)


async def _all_states(client: twenty.TwentyClient, mark: str) -> list[Any]:
    return [one async for one in twenty.run_states(client, mark, since="2026-01-01T00:00:00.000Z")]


async def _trace_and_destroy(story: Story) -> None:
    client, model = story.client, story.model
    targets = {name: story.ids[name] for name in ("person", "company", "note", "task", "opportunity", "kartraThing")}
    await story.do(twenty.count_timeline, client, model, targets)
    rows = await story.do(twenty.timeline_about, client, model, targets)
    await story.do(twenty.destroy_timeline, client, Ids(rows))
    await story.do(twenty.run_count, client, RUN)
    await story.do(twenty.run_ids, client, RUN)
    await story.do(_all_states, client, RUN)
    await story.do(twenty.destroy_runs, client, story.ids["person"])
    for name in WRITABLE:
        times = dict.fromkeys(story.ids[name], "2026-01-01T00:00:00.000Z")
        await story.do(twenty.soft_delete_as_read, client, model.object(name), times)
        await story.do(twenty.destroy_as_read, client, model.object(name), times)
        await story.do(twenty.destroy, client, model.object(name), story.ids[name], None)
    await _pause_automations(story)


async def _pause_automations(story: Story) -> None:
    client = story.client
    await story.do(twenty.firing, client, ["person"])
    await story.do(twenty.webhooks, client, ["person"])
    trigger = (await story.do(twenty.workflow_triggers, client, ["person"]))[0]
    await story.do(twenty.pause, client, trigger.id)
    await story.do(twenty.paused, client, Ids([trigger.id]))
    await story.do(twenty.put_back, client, trigger.id, trigger.updated_at)
    thing = story.model.object("kartraThing")
    await story.do(twenty.delete_field, client, thing.field("tags").id)
    await story.do(twenty.delete_object, client, thing.id)


@functools.cache
def sent() -> tuple[Story, tuple[Call, ...]]:
    """The story, and every call it made."""
    calls: list[Call] = []

    async def tell() -> Story:
        app = create_app(SandboxSettings(rate_limit=None, timeline_delay_s=0.0))
        introspect = functools.partial(_introspected, app)
        async with TwentyClient.open("http://embedded", "sandbox-key", app=app, on_call=calls.append) as client:
            return await told(client, introspect)

    return anyio.run(tell), tuple(calls)


async def _introspected(app: Any) -> GraphQLSchema:
    headers = {"Authorization": "Bearer sandbox-key"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://embedded") as client:
        answer = await client.post("/graphql", json={"query": get_introspection_query()}, headers=headers)
    return build_client_schema(answer.json()["data"])


def documents(endpoint: str) -> set[str]:
    """The different documents sent to one endpoint."""
    return {call.document for call in sent()[1] if call.endpoint == endpoint}


def test_the_story_uses_everything_the_client_offers() -> None:
    """No function that talks to Twenty is left out, so no document is."""
    offered = {name for name in twenty.__all__ if inspect.iscoroutinefunction(getattr(twenty, name))}
    assert offered <= sent()[0].used


def test_record_documents_are_sound_by_the_recorded_schema() -> None:
    """Roots, arguments, variable types and selections are the real Twenty's, as far as they were recorded."""
    standard = [document for document in documents("/graphql") if "artraThing" not in document]
    assert {document: found for document in standard if (found := problems(document))} == {}
    assert len(standard) > 40


def test_record_documents_are_sound_by_the_workspace_s_own_schema() -> None:
    """Those of every object, custom ones included, as standard GraphQL validation sees them."""
    schema = sent()[0].schema
    assert schema is not None
    found = documents("/graphql")
    assert {document: errors for document in found if (errors := validate(schema, parse(document)))} == {}
    assert any("kartraThings" in document for document in found)


def test_model_documents_are_sound() -> None:
    """Those of `/metadata`, which Twenty checks itself."""
    found = documents("/metadata")
    assert {document: errors for document in found if (errors := validate(METADATA_SCHEMA, parse(document)))} == {}
    assert len(found) > 5


@pytest.mark.parametrize(
    "document",
    [
        "{people(first:1){edges{node{id nope}}}}",
        "{people(first:1){edges{node{id name}}}}",
        "{people(first:1){edges{node{id{x}}}}}",
        "{people(first:1){rows{id}}}",
        "{people(top:1){totalCount}}",
        "{unicorns{totalCount}}",
        "mutation($f:CompanyFilterInput!){destroyPeople(filter:$f){id}}",
        "mutation($f:PersonFilterInput){destroyPeople(filter:$f){id}}",
        "mutation{destroyPeople{id}}",
        "mutation($d:[PersonCreateInput!]!){createPeople(data:$d){id nope}}",
        "{companies{pageInfo{hasMore}}}",
    ],
)
def test_the_recorded_schema_tells_bad_documents(document: str) -> None:
    """What Twenty would answer with null, or with a refusal, is told beforehand."""
    assert problems(document) != []
