"""Values: what is stored of what was sent, and that nothing hostile breaks the server."""

import json
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sandbox.graphql.times import filter_time, stored_date, stored_time
from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.stored import json_text
from tests.sandbox.conftest import CREATE, Client, Start, person

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        *(
            "id",
            "name",
            "emails",
            "phones",
            "linkedinLink",
            "jobTitle",
            "companyId",
            "company",
            "createdAt",
            "deletedAt",
        ),
        *(
            "position",
            "createdBy",
            "updatedBy",
            "avatarFile",
            "searchVector",
            "noteTargets",
            "and",
            "or",
            "not",
            "nope",
        ),
    ]
)
LIST = "query($f:X,$n:Int,$o:X,$a:X){people(filter:$f,first:$n,orderBy:$o,after:$a){totalCount edges{node{id}}}}"
OPERATORS = st.sampled_from(["eq", "neq", "in", "is", "gt", "like", "ilike", "startsWith", "containsAny", "regex"])
OBJECTS = st.dictionaries(FIELDS, JSON | st.dictionaries(OPERATORS, JSON, max_size=2), max_size=3)
CALLS = st.one_of(
    st.tuples(st.just(CREATE), st.fixed_dictionaries({"d": st.lists(OBJECTS, max_size=2) | JSON})),
    st.tuples(
        st.just(LIST),
        st.fixed_dictionaries({"f": OBJECTS | JSON, "n": JSON, "o": OBJECTS | JSON, "a": st.none() | JSON}),
    ),
    st.tuples(
        st.just("mutation($f:X,$d:X){updatePeople(filter:$f,data:$d){id}}"),
        st.fixed_dictionaries({"f": OBJECTS, "d": OBJECTS}),
    ),
)


async def _statuses(calls: list[tuple[str, dict[str, Any]]]) -> list[tuple[int, bool]]:
    async with Client(SandboxSettings(rate_limit=None, workflow_active=False)) as twenty:
        responses = [
            await twenty.http.post("/graphql", json={"query": query, "variables": variables})
            for query, variables in calls
        ]
        await twenty.ask("{people{totalCount}}")
    return [(response.status_code, bool({"data", "errors"} & set(response.json()))) for response in responses]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CALLS, min_size=5, max_size=15))
def test_no_value_breaks_the_server(calls: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever data, filters and arguments hold, the answer is GraphQL in HTTP 200, and the server lives on."""
    assert set(anyio.run(_statuses, calls)) == {(200, True)}


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_comes_back_as_it_was(value: Any) -> None:
    """Stored JSON text, with its keys in jsonb's order, reads back as the same value."""
    assert json.loads(json_text(value)) == value


@settings(max_examples=200)
@given(st.datetimes())
def test_a_time_stored_is_the_time_sent(moment: Any) -> None:
    """ISO times are stored to the microsecond, and as text in the order of time."""
    stored = stored_time(moment.isoformat(timespec="microseconds") + "Z")
    assert stored == moment.isoformat(timespec="microseconds") + "Z"
    assert len(stored) == 27


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2020-01-01", "2020-01-01T00:00:00.000000Z"),
        ("02/28/2024", "2024-02-28T00:00:00.000000Z"),
        ("2020-01-01T00:30:00+02:00", "2019-12-31T22:30:00.000000Z"),
        ("2020-02-31", None),
        ("2020-02-31T00:00:00Z", None),
        ("31/12/2020", None),
        ("yesterday", None),
        ("", None),
        (1580000000, None),
        ("0001-01-01T00:00:00+10:00", None),
    ],
)
def test_times_twenty_takes(sent: Any, stored: str | None) -> None:
    """ISO with an offset, date only and US order are taken; impossible dates, numbers and words are not."""
    assert stored_time(sent) == stored


def test_filters_take_milliseconds_only() -> None:
    """What a record may be created with, a filter may not ask for."""
    assert filter_time("2020-01-01T00:00:00.123Z") == "2020-01-01T00:00:00.123000Z"
    assert filter_time("2020-01-01T00:00:00.123456Z") is None


def test_a_date_loses_its_time() -> None:
    """DATE fields keep the day as written."""
    assert stored_date("1990-01-02T23:00:00-10:00") == "1990-01-02"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            {"emails": {"primaryEmail": "JANE@X.COM"}},
            {"emails": {"primaryEmail": "jane@x.com", "additionalEmails": []}},
        ),
        (
            {"phones": {"primaryPhoneNumber": "+1 415 555 0123 ext 9"}},
            {"phones": {"primaryPhoneNumber": "4155550123", "primaryPhoneCountryCode": "US"}},
        ),
        (
            {"phones": {"primaryPhoneNumber": "7911123456", "primaryPhoneCallingCode": "+44"}},
            {"phones": {"primaryPhoneNumber": "7911123456", "primaryPhoneCountryCode": "GG"}},
        ),
        (
            {"linkedinLink": {"primaryLinkUrl": "HTTPS://X.com/Path/", "primaryLinkLabel": "L"}},
            {"linkedinLink": {"primaryLinkUrl": "https://x.com/Path", "primaryLinkLabel": "L"}},
        ),
        (
            {"linkedinLink": {"primaryLinkLabel": "only"}},
            {"linkedinLink": {"primaryLinkUrl": "", "primaryLinkLabel": ""}},
        ),
        ({"jobTitle": " \t\n😀 "}, {"jobTitle": " \t\n😀 "}),
    ],
)
async def test_values_are_stored_in_twenty_s_form(start: Start, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    """Addresses and hosts in lower case, phones taken apart, half a link is none, text as it is."""
    twenty = await start()
    fields = " ".join(
        f"{name}{{{' '.join(value)}}}" if isinstance(value, dict) else name for name, value in shown.items()
    )
    (record,) = await twenty.ask(f"mutation($d:[X!]!){{createPeople(data:$d){{{fields}}}}}", d=[person() | sent])
    assert record == shown


@pytest.mark.anyio
async def test_a_lone_surrogate_becomes_a_replacement_character(start: Start) -> None:
    """JSON that JavaScript reads and Python cannot store is read all the same."""
    twenty = await start()
    body = (
        '{"query":"mutation($d:[X!]!){createPeople(data:$d){jobTitle}}","variables":{"d":[{"jobTitle":"a\\ud800b"}]}}'
    )
    response = await twenty.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.json()["data"]["createPeople"] == [{"jobTitle": "a�b"}]


@pytest.mark.anyio
@pytest.mark.parametrize("depth", [2_000, 200_000])
async def test_deep_nesting_is_refused_not_fatal(start: Start, depth: int) -> None:
    """A document or a body nested thousands deep is an error like others."""
    twenty = await start()
    document = "{people{edges{node" + "{company" * depth + "}" * depth + "}}}"
    response: httpx.Response = await twenty.http.post("/graphql", json={"query": document})
    assert "errors" in response.json()
    nested = '{"query":"{people{totalCount}}","variables":' + '{"a":' * depth + "1" + "}" * depth + "}"
    response = await twenty.http.post("/graphql", content=nested, headers={"Content-Type": "application/json"})
    assert response.status_code in (200, 400)
    assert await twenty.count("people") == 0
