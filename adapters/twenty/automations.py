"""What would fire on the records we make: active workflows' triggers and webhooks; and pausing a trigger.

An API key cannot deactivate a workflow, but it can put the trigger's row in the bin and take it out again (FACTS
section 9). Twenty's trash would make that final, so whoever pauses keeps the whole row.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import (
    TRIGGERS,
    WITH_DELETED,
    both,
    by_ids,
    one_document,
    one_root,
    update_document,
)
from adapters.twenty.errors import NotFound
from adapters.twenty.ids import Ids
from adapters.twenty.reading import DataRow, Page, walk_filter
from adapters.twenty.workspace import as_type, as_written

_MOST = 10_000
_FIRING = (
    "query($n:Int,$f:WorkflowVersionFilterInput){"
    "workflows(first:$n){edges{node{id name statuses}}} "
    "workflowVersions(first:$n,filter:$f){edges{node{id workflowId}}} "
    "workflowAutomatedTriggers(first:$n){edges{node{id type settings workflowId createdAt updatedAt}}}}"
)
_WEBHOOKS = "{webhooks{id targetUrl operations}}"

# A trigger on changes fires on creates too where it says upserted (FACTS section 9).
_ON_CREATE = ("created", "upserted")


class Automation(msgspec.Struct, frozen=True):
    """Something that fires on a create: a workflow's trigger (can be paused) or a webhook (cannot).

    `row` is all we read of it, `updated_at` the time to put back after a pause (None for webhooks).
    """

    id: str
    name: str
    kind: str
    workflow_id: str | None
    row: Mapping[str, Any]
    updated_at: str | None


class _Trigger(msgspec.Struct, rename="camel"):
    id: str
    workflow_id: str
    updated_at: str
    settings: dict[str, Any] | None = None


class _Binned(msgspec.Struct, rename="camel"):
    deleted_at: str


class _Webhook(msgspec.Struct, rename="camel"):
    id: str
    target_url: str
    operations: list[str]


async def firing(client: TwentyClient, object_names: Collection[str]) -> list[Automation]:
    """List what fires on creates of these objects. Raises PermissionDenied where the key may not see one of the two."""
    return [*await workflow_triggers(client, object_names), *await webhooks(client, object_names)]


async def workflow_triggers(client: TwentyClient, object_names: Collection[str]) -> list[Automation]:
    """List the triggers of active workflows that fire on creates of these objects (one call)."""
    data = await client.read(_FIRING, {"n": _MOST, "f": {"status": {"eq": "ACTIVE"}}})
    names = {row["id"]: str(row.get("name") or "") for row in _rows(data, "workflows")}
    active = {row.get("workflowId") for row in _rows(data, "workflowVersions")}
    events = {f"{name}.{event}" for name in [*object_names, "*"] for event in _ON_CREATE}
    return [
        Automation(trigger.id, names.get(trigger.workflow_id, ""), "workflow", trigger.workflow_id, row, updated)
        for row, trigger in _triggers(data)
        if trigger.workflow_id in active and (trigger.settings or {}).get("eventName") in events
        for updated in [trigger.updated_at]
    ]


async def webhooks(client: TwentyClient, object_names: Collection[str]) -> list[Automation]:
    """List the webhooks called on creates of these objects (one call, not limited). `name` is the host called."""
    data = await client.metadata_read(_WEBHOOKS)
    operations = {f"{name}.{event}" for name in [*object_names, "*"] for event in ("created", "*")}
    rows = as_type(list[DataRow], data.get("webhooks"))
    return [
        Automation(hook.id, _host(hook.target_url), "webhook", None, row, None)
        for row, hook in ((row, as_type(_Webhook, row)) for row in rows)
        if operations.intersection(hook.operations)
    ]


async def pause(client: TwentyClient, trigger_id: str) -> str:
    """Put a trigger in the bin: nothing fires from the next create on. Returns its `deletedAt`.

    Raises NotFound where it is gone, or in the bin already.
    """
    answer = await client.write(one_document("delete", TRIGGERS), {"i": trigger_id}, kind="delete")
    return as_written(_Binned, answer.get(one_root("delete", TRIGGERS))).deleted_at


async def put_back(client: TwentyClient, trigger_id: str, updated_at: str) -> None:
    """Take a trigger out of the bin and give it its old `updatedAt` back; harmless where that was done already.

    Raises NotFound where Twenty's trash has taken it. What stays: the microseconds and `updatedBy` of its row.
    """
    state = await _states(client, Ids([trigger_id]))
    if trigger_id not in state:
        raise NotFound
    if state[trigger_id] is not None:
        await client.write(one_document("restore", TRIGGERS), {"i": trigger_id}, kind="restore")
    variables = {"i": trigger_id, "d": {"updatedAt": updated_at}}
    await client.write(update_document(TRIGGERS), variables, kind="update")


async def paused(client: TwentyClient, trigger_ids: Ids) -> list[str]:
    """List which of these triggers are in the bin now; those gone for good are not listed."""
    state = await _states(client, trigger_ids)
    return [one for one in trigger_ids if state.get(one) is not None]


async def _states(client: TwentyClient, trigger_ids: Ids) -> dict[str, str | None]:
    pages = walk_filter(client, TRIGGERS, "id deletedAt", both(by_ids(trigger_ids), WITH_DELETED), len(trigger_ids))
    return {row["id"]: row.get("deletedAt") async for rows in pages for row in rows}


def _rows(data: Mapping[str, Any], root: str) -> list[DataRow]:
    return as_type(Page, data.get(root)).rows


def _triggers(data: Mapping[str, Any]) -> Iterator[tuple[DataRow, _Trigger]]:
    for row in _rows(data, "workflowAutomatedTriggers"):
        yield row, as_type(_Trigger, row)


def _host(url: str) -> str:
    """The host a webhook calls: the rest of its URL may hold a secret."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition("?")[0]
