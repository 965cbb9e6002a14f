"""Keys, roles and webhooks of the embedded Twenty: listed as recorded, and roles held to."""

from typing import Any

import pytest

from adapters.sandbox.settings import ListedKey, Role, SandboxSettings, Webhook
from tests.sandbox.conftest import CREATE, DESTROY, Start, person

pytestmark = pytest.mark.anyio

DELETE = "mutation($f:PersonFilterInput!){deletePeople(filter:$f){id}}"
COUNT = "{people(first:0){totalCount}}"
HOOK = Webhook("https://hooks.example.com/T0K3N", ("person.*",), "lab", "s3cr3t")


async def test_webhooks_are_listed_as_recorded(start: Start) -> None:
    """Target, operations, description and secret, each with an id that stays (recorded in `m_webhooks`)."""
    client = await start(webhooks=(HOOK,))
    query = "{webhooks{id targetUrl operations description secret}}"
    [listed] = await client.ask(query, "/metadata")
    assert listed == {
        "id": listed["id"],
        "targetUrl": "https://hooks.example.com/T0K3N",
        "operations": ["person.*"],
        "description": "lab",
        "secret": "s3cr3t",
    }
    assert await client.ask(query, "/metadata") == [listed]


async def test_keys_are_listed_with_id_end_and_role(start: Start) -> None:
    """The key in use first, under the id and the end given, then the others."""
    other = ListedKey("11111111-1111-4111-8111-111111111111", "old", "2026-01-01T00:00:00.000Z", "Member")
    client = await start(key_id="the-id", key_expires_at="2027-01-01T00:00:00.000Z", listed_keys=(other,))
    keys = await client.ask(
        "{apiKeys{id name expiresAt revokedAt role{label canDestroyAllObjectRecords}}}", "/metadata"
    )
    role = {"label": "Admin", "canDestroyAllObjectRecords": True}
    assert keys[0] == {
        "id": "the-id", "name": "import", "expiresAt": "2027-01-01T00:00:00.000Z", "revokedAt": None, "role": role,
    }  # fmt: skip
    assert (keys[1]["id"], keys[1]["role"]["label"]) == (other.id, "Member")


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role("r", may_read=False), {COUNT}),
        (Role("r", may_update=False), {CREATE}),
        (Role("r", may_soft_delete=False), {DELETE}),
        (Role("r", may_destroy=False), {DESTROY}),
        (Role("r"), set[str]()),
    ],
    ids=["read", "update", "soft-delete", "destroy", "none"],
)
async def test_a_role_is_held_to(start: Start, role: Role, refused: set[str]) -> None:
    """What a role may not do is refused as recorded, and only that."""
    client = await start(role=role)
    one = person("a@example.com")
    found = {"f": {"id": {"in": [one["id"]]}}}
    calls: dict[str, Any] = {CREATE: {"d": [one]}, COUNT: {}, DELETE: found, DESTROY: found}
    answers = {query: await client.post(query, **variables) for query, variables in calls.items()}
    denied = {query for query, answer in answers.items() if "errors" in answer}
    assert denied == refused
    for query in denied:
        assert answers[query]["errors"][0]["extensions"]["subCode"] == "PERMISSION_DENIED"


def test_settings_and_webhooks_show_no_secret() -> None:
    """Neither the key nor a webhook's address or secret stands in a repr."""
    shown = repr(SandboxSettings(api_key="k3y", webhooks=(HOOK,))) + repr(HOOK)
    assert not any(secret in shown for secret in ("k3y", "T0K3N", "s3cr3t"))
