"""Reads: filters agree with plain Python, pages miss nothing, selections are checked."""

from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sandbox.settings import SandboxSettings
from tests.sandbox.conftest import CREATE, Client, Start, person

TITLES = [None, "", "a", "b", "ab", "B%", "_"]
OPERATORS = st.sampled_from(["eq", "neq", "in", "is", "like", "startsWith", "endsWith", "gt", "lte"])
Filter = dict[str, Any]


def leaf() -> st.SearchStrategy[Filter]:
    """One condition on jobTitle."""
    words = st.sampled_from([title for title in TITLES if title])
    return st.one_of(
        st.sampled_from([{"jobTitle": {"is": word}} for word in ("NULL", "NOT_NULL")]),
        st.lists(words, min_size=1, max_size=3).map(lambda found: {"jobTitle": {"in": found}}),
        st.builds(
            lambda operator, word: {"jobTitle": {operator: word}},
            st.sampled_from(["eq", "neq", "gt", "gte", "lt", "lte", "startsWith", "endsWith"]),
            words,
        ),
    )


def branch(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    """and, or, not of conditions."""
    lists = st.lists(inner, min_size=1, max_size=3)
    joined = st.builds(lambda word, parts: {word: parts}, st.sampled_from(["and", "or"]), lists)
    return joined | inner.map(lambda part: {"not": part})


FILTERS = st.recursive(leaf(), branch, max_leaves=8)


def holds(filter_: Filter, title: str | None) -> bool | None:
    """What SQL says of a title under a filter: true, false, or unknown where NULL is compared."""
    ((word, value),) = filter_.items()
    if word == "not":
        inner = holds(value, title)
        return None if inner is None else not inner
    if word in ("and", "or"):
        found = [holds(part, title) for part in value]
        decisive = word == "or"
        return decisive if decisive in found else None if None in found else not decisive
    ((operator, wanted),) = value.items()
    if operator == "is":
        return (title is None) == (wanted == "NULL")
    return None if title is None else COMPARE[operator](title, wanted)


COMPARE = {
    "eq": lambda title, wanted: title == wanted,
    "neq": lambda title, wanted: title != wanted,
    "gt": lambda title, wanted: title > wanted,
    "gte": lambda title, wanted: title >= wanted,
    "lt": lambda title, wanted: title < wanted,
    "lte": lambda title, wanted: title <= wanted,
    "in": lambda title, wanted: title in wanted,
    "startsWith": lambda title, wanted: title.startswith(wanted),
    "endsWith": lambda title, wanted: title.endswith(wanted),
}


async def _found(filters: list[Filter]) -> list[set[str | None]]:
    """The titles each filter finds among one person of each title."""
    async with Client(SandboxSettings(rate_limit=None, workflow_active=False)) as twenty:
        await twenty.ask(CREATE, d=[person(jobTitle=title) for title in TITLES if title != ""])
        answers = [await twenty.people(filter_) for filter_ in filters]
    return [{node["jobTitle"] or None for node in answer.values()} for answer in answers]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FILTERS, min_size=10, max_size=30))
def test_filters_mean_what_they_say(filters: list[Filter]) -> None:
    """Whatever and, or, not and operators are nested, the records found are those SQL's logic of NULL allows."""
    expected = [{title for title in TITLES if title != "" and holds(filter_, title)} for filter_ in filters]
    assert anyio.run(_found, filters) == expected


@pytest.mark.anyio
@pytest.mark.parametrize("size", [1, 7, 100, 250])
async def test_a_walk_by_pages_misses_nothing(start: Start, size: int) -> None:
    """Pages in id order hold every record once, whatever their size."""
    twenty = await start()
    rows = [person() for _ in range(200)]
    await twenty.ask(CREATE, d=rows)
    page = "query($n:Int,$a:String){people(first:$n,after:$a){pageInfo{hasNextPage endCursor} edges{node{id}}}}"
    seen: list[str] = []
    after, more = None, True
    while more:
        answer = await twenty.ask(page, n=size, a=after)
        seen += [edge["node"]["id"] for edge in answer["edges"]]
        more, after = answer["pageInfo"]["hasNextPage"], answer["pageInfo"]["endCursor"]
    assert seen == sorted(row["id"] for row in rows)


@pytest.mark.anyio
async def test_times_compare_in_milliseconds(start: Start) -> None:
    """A stored microsecond is neither shown nor compared, save by `in`; six digits in a filter are refused."""
    twenty = await start()
    await twenty.ask(CREATE, d=[person(updatedAt="2026-01-02T03:04:05.678901Z")])
    shown = "2026-01-02T03:04:05.678Z"
    operators = {"eq": 1, "lte": 1, "gte": 1, "lt": 0, "gt": 0}
    for operator, expected in operators.items():
        assert await twenty.count("people", {"updatedAt": {operator: shown}}) == expected
    assert await twenty.count("people", {"updatedAt": {"in": [shown]}}) == 0
    error = await twenty.refused(
        "query($f:X){people(filter:$f){totalCount}}", f={"updatedAt": {"lte": f"{shown[:-1]}901Z"}}
    )
    assert error["extensions"]["subCode"] == "INVALID_ARGS_FILTER"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "document",
    [
        "{people{edges{node{id nope}}}}",
        "{people{edges{node{name}}}}",
        "{people{edges{node{id{x}}}}}",
        "{people{edges{node{name{nope}}}}}",
        "{people{pageInfo{nope}}}",
        "{people{nope}}",
        '{person(filter:{id:{eq:"00000000-0000-4000-8000-000000000000"}}){nope}}',
        "mutation{createPeople(data:[{}]){id nope}}",
    ],
)
async def test_a_selection_that_does_not_exist_is_an_error_and_nothing_runs(start: Start, document: str) -> None:
    """Stricter than Twenty, on purpose: a typo must not read as an empty field, nor write."""
    twenty = await start()
    answer = await twenty.post(document)
    assert answer["errors"]
    assert "data" not in answer
    assert await twenty.count("people") == 0


@pytest.mark.anyio
async def test_nested_lists_stop_at_sixty(start: Start) -> None:
    """A nested one-to-many list gives sixty rows and says there are sixty, whatever `first` asks."""
    twenty = await start()
    one = person()
    await twenty.ask(CREATE, d=[one])
    orders = [{"name": f"o{place}", "pointOfContactId": one["id"]} for place in range(61)]
    await twenty.ask("mutation($d:[X!]!){createOpportunities(data:$d){id}}", d=orders)
    nested = "{people{edges{node{pointOfContactForOpportunities(first:1000){totalCount edges{node{id}}}}}}}"
    ((node),) = await twenty.nodes(nested)
    orders_shown = node["pointOfContactForOpportunities"]
    assert (orders_shown["totalCount"], len(orders_shown["edges"])) == (60, 60)
