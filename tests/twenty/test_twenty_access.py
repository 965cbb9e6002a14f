"""Which key it is, what it may do and until when: from the token, the list of keys, and what may be read."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.settings import ListedKey, Role, Webhook
from adapters.twenty import (
    RUNS,
    TRIGGERS,
    ApiKey,
    Call,
    Names,
    known_key,
    read_applications,
    read_keys,
    read_roles,
    unreadable,
    webhooks,
)
from adapters.twenty.claims import Claims, claims_of
from tests.twenty.embedded import embedded

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE, WORKFLOWS = Names("person", "people"), Names("workflow", "workflows")


def token(payload: Any) -> str:
    """A token as Twenty signs them, with this payload and no true signature."""
    body = urlsafe_b64encode(msgspec.json.encode(payload)).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJl"


def listed(name: str, days: int, **more: Any) -> ApiKey:
    """A key of the list that lasts so many days from NOW."""
    given = {"role": "Admin", "revoked_at": None} | more
    return ApiKey(f"id-{name}", name, (NOW + timedelta(days=days)).isoformat(), given["revoked_at"], given["role"])


@given(st.uuids(), st.integers(min_value=0, max_value=253_402_300_799))
def test_a_token_tells_its_id_and_its_end(key: Any, seconds: int) -> None:
    """Whatever id and expiry Twenty signs, they are read back."""
    claims = claims_of(token({"sub": "w", "type": "API_KEY", "jti": str(key), "exp": seconds}))
    assert claims == Claims(str(key), datetime.fromtimestamp(seconds, UTC))


@given(st.text() | st.builds(lambda parts: ".".join(parts), st.lists(st.text(), min_size=3, max_size=3)))
def test_any_other_text_tells_nothing(text: str) -> None:
    """A key that is no token is no error: it only says nothing of itself."""
    assert claims_of(text) == Claims(None, None)


@pytest.mark.parametrize(
    "payload", [{"exp": 1e300}, {"exp": -1e300}, {"exp": "soon"}, {"jti": 5}, ["jti"], "text", 5, None], ids=str
)
def test_odd_payloads_tell_nothing(payload: Any) -> None:
    """A time that is no time, or an id that is no text, is not guessed at."""
    assert claims_of(token(payload)) == Claims(None, None)


def test_the_only_live_key_is_the_one_in_use() -> None:
    """Revoked and ended keys cannot be it; where one is left, its role and end are known."""
    keys = [listed("mine", 90), listed("ended", -1), listed("revoked", 5, revoked_at="2026-01-01T00:00:00.000Z")]
    known = known_key(Claims(None, None), keys, NOW)
    assert (known.name, known.role, known.certain) == ("mine", "Admin", True)
    assert known.expires_at == NOW + timedelta(days=90)


def test_the_token_s_id_picks_the_key() -> None:
    """Of several live keys the one whose id the token carries is it."""
    keys = [listed("other", 1, role="Reader"), listed("mine", 90)]
    known = known_key(Claims("id-mine", None), keys, NOW)
    assert (known.name, known.role, known.certain) == ("mine", "Admin", True)
    assert known.expires_at == NOW + timedelta(days=90)


def test_several_keys_and_a_silent_token_are_not_guessed_at() -> None:
    """Then the earliest end is named, the role only where all have the same, and nothing is certain."""
    known = known_key(Claims(None, None), [listed("a", 9), listed("b", 2, role="Reader")], NOW)
    assert (known.name, known.role, known.certain) == (None, None, False)
    assert known.expires_at == NOW + timedelta(days=2)
    assert known_key(Claims(None, None), [listed("a", 9), listed("b", 2)], NOW).role == "Admin"


def test_without_a_list_the_token_speaks() -> None:
    """A key that may not see the list still knows its own end."""
    known = known_key(Claims("x", NOW), None, NOW)
    assert (known.name, known.role, known.expires_at, known.certain) == (None, None, NOW, True)
    assert not known_key(Claims(None, None), None, NOW).certain


async def test_keys_roles_and_applications_are_read_as_listed() -> None:
    """An Admin key sees all keys with their roles, what each role may do, and the applications."""
    other = ListedKey("11111111-1111-4111-8111-111111111111", "other", "2030-01-01T00:00:00.000Z", "Keeper")
    keeper = Role("Keeper", may_destroy=False)
    async with embedded(role=keeper, key_id="0" * 8, listed_keys=(other,)) as client:
        keys = await read_keys(client)
        roles = {role.label: role for role in await read_roles(client) or ()}
        standard = {one.name: one.version for one in await read_applications(client)}
    assert keys is not None
    assert [(key.name, key.role) for key in keys] == [("import", "Keeper"), ("other", "Keeper")]
    assert (roles["Admin"].may_destroy, roles["Keeper"].may_update, roles["Keeper"].may_destroy) == (True, True, False)
    assert standard["Standard"] == "1.0.1"


async def test_a_restricted_key_sees_neither_keys_nor_roles() -> None:
    """What may not be seen is None, which is not the same as none."""
    async with embedded(key="reader", other_keys={"reader": "read-only"}) as client:
        assert (await read_keys(client), await read_roles(client)) == (None, None)


async def test_what_may_not_be_read_is_named_and_costs_only_then() -> None:
    """Where all may be read it is one call; where not, each object is asked for by itself and the denied are named."""
    calls: list[Call] = []
    async with embedded(calls.append) as client:
        assert await unreadable(client, [PEOPLE, WORKFLOWS, RUNS]) == []
    assert [call.kind for call in calls] == ["read"]
    async with embedded(key="reader", other_keys={"reader": "read-only"}) as client:
        assert await unreadable(client, [PEOPLE, WORKFLOWS, RUNS]) == ["workflow"]


async def test_a_role_without_a_right_to_read_reads_nothing() -> None:
    """The role is held to, object by object."""
    async with embedded(role=Role("Blind", may_read=False)) as client:
        assert await unreadable(client, [PEOPLE, TRIGGERS]) == ["person", "workflowAutomatedTrigger"]


async def test_the_client_keeps_no_key() -> None:
    """What the key says of itself is at hand; the key is not, in a repr neither."""
    key = token({"jti": "the-id", "exp": 1_900_000_000})
    async with embedded(key=key, api_key=key) as client:
        assert client.claims.key_id == "the-id"
        assert key not in repr(vars(client))


async def test_webhooks_show_their_host_alone() -> None:
    """Of a webhook that is called on our creates the host is named; path, query and password may be secrets."""
    hooks = (
        Webhook("https://user:pw@hooks.example.com/T0K3N?key=s", ("person.*",), "sync", "s3cr3t"),
        Webhook("https://other.example.com/x", ("company.updated", "note.created")),
        Webhook("https://all.example.com/x", ("*.*",)),
    )
    async with embedded(webhooks=hooks) as client:
        found = await webhooks(client, ["person", "company"])
        assert [one.name for one in await webhooks(client, ["note"])] == ["other.example.com", "all.example.com"]
    assert [(one.name, one.kind) for one in found] == [("hooks.example.com", "webhook"), ("all.example.com", "webhook")]
