"""The HTTP edge: bodies, keys, hooks, and faults as a client in process meets them."""

import gzip
import json
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sandbox.faults import Faults
from adapters.sandbox.settings import SandboxSettings
from tests.sandbox.conftest import CREATE, Client, Start, person

JSON_TYPE = {"Content-Type": "application/json"}
COUNT = b'{"query":"{people{totalCount}}"}'


async def _status_of(bodies: list[bytes]) -> set[int]:
    async with Client(SandboxSettings(rate_limit=None, hang_s=0.0)) as twenty:
        statuses = set()
        for body in bodies:
            try:
                response = await twenty.http.post("/graphql", content=body, headers=JSON_TYPE)
                statuses.add(response.status_code)
            except ConnectionResetError:
                statuses.add(0)
    return statuses


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), min_size=10, max_size=30))
def test_any_bytes_are_refused_politely(bodies: list[bytes]) -> None:
    """Bytes that are no call get HTTP 400; JSON without a query hangs (here: is dropped at once). Never a 500."""
    assert anyio.run(_status_of, bodies) <= {0, 200, 400}


@pytest.mark.anyio
async def test_a_body_without_a_query_is_never_answered(start: Start) -> None:
    """The client's own time-out is what ends it."""
    twenty = await start(hang_s=30.0)
    with anyio.move_on_after(0.2) as scope:
        await twenty.http.post("/graphql", content=b"{}", headers=JSON_TYPE)
    assert scope.cancelled_caught
    assert await twenty.count("people") == 0


@pytest.mark.anyio
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_large_bodies_are_refused_as_twenty_does(start: Start, encoding: str) -> None:
    """One byte over the limit is HTTP 500 with a JSON string, packed or not; up to it is fine."""
    twenty = await start(body_limit_bytes=1000)
    headers = JSON_TYPE | ({"Content-Encoding": "gzip"} if encoding == "gzip" else {})
    for size, expected in ((1000, 200), (1001, 500)):
        body = COUNT.ljust(size)
        packed = gzip.compress(body) if encoding == "gzip" else body
        response = await twenty.http.post("/graphql", content=packed, headers=headers)
        assert response.status_code == expected
    assert response.json() == "request entity too large"


@pytest.mark.anyio
async def test_keys_change_while_running(start: Start) -> None:
    """A key revoked or expired in the middle is refused from the next call on, with its own message."""
    twenty = await start()
    expected = {"revoked": "This API Key is revoked", "expired": "Token has expired."}
    for state, message in expected.items():
        twenty.app.sandbox.keys.set_state(twenty.settings.api_key, state)
        (error,) = (await twenty.post("{people{totalCount}}"))["errors"]
        assert error["message"] == message
    twenty.app.sandbox.keys.set_state(twenty.settings.api_key, "active")
    assert await twenty.count("people") == 0


@pytest.mark.anyio
async def test_a_read_only_key_writes_nothing(start: Start) -> None:
    """Reads answer, writes are denied root by root."""
    twenty = await start(other_keys={"reader": "read-only"})
    twenty.http.headers["Authorization"] = "Bearer reader"
    error = await twenty.refused(CREATE, d=[person()])
    assert error["extensions"]["subCode"] == "PERMISSION_DENIED"
    assert await twenty.count("people") == 0


@pytest.mark.anyio
async def test_a_missing_token_looks_like_a_missing_object(start: Start) -> None:
    """Without a token the schema has no people at all."""
    twenty = await start()
    del twenty.http.headers["Authorization"]
    error = await twenty.refused("{people{totalCount}}")
    assert error["message"] == 'Cannot query field "people" on type "Query".'


def test_secrets_stay_out_of_reprs() -> None:
    """Neither settings nor keys print a token."""
    secret = SandboxSettings(api_key="s3cret", other_keys={"0ther": "revoked"})
    assert "s3cret" not in repr(secret)
    assert "0ther" not in repr(secret)


@pytest.mark.anyio
async def test_drop_before_does_nothing_and_drop_after_does_all(start: Start) -> None:
    """Both reach the client as a connection that broke; only one of them left a record."""
    for fault, expected in (("drop-before", 0), ("drop-after", 1)):
        twenty = await start(db=":memory:", faults={fault: 1.0})
        with pytest.raises(ConnectionResetError):
            await twenty.post(CREATE, d=[person()])
        connection = twenty.app.sandbox.workspace.connection
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (expected,)


@pytest.mark.anyio
@pytest.mark.parametrize(("fault", "status"), [("http-500", 500), ("http-502", 502)])
async def test_server_errors_do_nothing(start: Start, fault: str, status: int) -> None:
    """HTTP 500 and a gateway's HTML page in place of an answer, on both endpoints, and nothing done."""
    twenty = await start(faults={fault: 1.0})
    for path in ("/graphql", "/metadata"):
        response = await twenty.http.post(path, json={"query": CREATE, "variables": {"d": [person()]}})
        assert response.status_code == status
    assert (await twenty.http.get("/healthz")).status_code == 200
    connection = twenty.app.sandbox.workspace.connection
    assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)


@pytest.mark.anyio
async def test_the_limit_fault_answers_as_an_empty_bucket(start: Start) -> None:
    """Every root null, LIMIT_REACHED, whatever the bucket holds."""
    twenty = await start(faults={"limit": 1.0})
    answer = await twenty.post("{people{totalCount} companies{totalCount}}")
    assert answer["data"] == {"people": None, "companies": None}
    assert {error["extensions"]["subCode"] for error in answer["errors"]} == {"LIMIT_REACHED"}


@pytest.mark.anyio
async def test_slow_delays_every_call(start: Start) -> None:
    """Milliseconds, on top of the work."""
    twenty = await start(faults={"slow": 120.0})
    began = anyio.current_time()
    await twenty.count("people")
    assert anyio.current_time() - began >= 0.12


@given(st.integers(0, 2**32), st.floats(0.05, 0.95))
def test_the_same_seed_draws_the_same_faults(seed: int, probability: float) -> None:
    """A failing run can be run again."""
    first, second = (Faults({"drop-after": probability, "http-502": 0.1}, seed) for _ in range(2))
    drawn = [first.draw() for _ in range(200)]
    assert drawn == [second.draw() for _ in range(200)]
    assert drawn.count("drop-after") == pytest.approx(200 * probability, abs=50)


@pytest.mark.anyio
async def test_a_hook_acts_in_the_window_between_two_calls(start: Start) -> None:
    """An edit made by a hook just ahead of a destroy is there when the destroy compares."""
    twenty: Client
    one = person(updatedAt="2026-01-02T03:04:05Z")
    seen: list[str] = []

    async def edit(stage: str, body: bytes) -> None:
        seen.append(stage)
        if stage == "before" and b"destroyPeople" in body:
            await twenty.ask('mutation($i:UUID!){updatePerson(id:$i,data:{jobTitle:"mine"}){id}}', i=one["id"])

    twenty = await start(on_request=edit)
    await twenty.ask(CREATE, d=[one])
    filter_: dict[str, Any] = {"and": [{"id": {"in": [one["id"]]}}, {"updatedAt": {"lte": "2026-01-02T03:04:05Z"}}]}
    assert await twenty.ask("mutation($f:X!){destroyPeople(filter:$f){id}}", f=filter_) == []
    assert seen == ["before", "committed", "before", "before", "committed", "committed"]


@pytest.mark.anyio
async def test_introspection_describes_the_workspace(start: Start) -> None:
    """A field made through /metadata is in the schema of the next call."""
    twenty = await start()
    people = twenty.app.sandbox.workspace.model.by_singular["person"].id
    field = {"objectMetadataId": people, "name": "kartraTags", "label": "Tags", "type": "MULTI_SELECT"}
    options = [{"label": "A", "value": "A", "color": "red", "position": 0}]
    create = "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id}}"
    await twenty.ask(create, "/metadata", i={"field": field | {"options": options}})
    type_ = await twenty.ask('{__type(name:"Person"){fields{name type{kind}}}}')
    assert {"name": "kartraTags", "type": {"kind": "LIST"}} in type_["fields"]
    assert json.dumps(type_).count("kartraTags") == 1
