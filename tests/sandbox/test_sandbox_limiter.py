"""The bucket: full at first, refilled in whole tokens, its fractions lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.limiter import Limiter
from tests.sandbox.conftest import CREATE, Start, person


class Clock:
    """A clock that is moved by hand; whole milliseconds, so that nothing is lost to rounding."""

    def __init__(self) -> None:
        self.milliseconds = 0

    def __call__(self) -> float:
        return self.milliseconds / 1000


def _refused(limiter: Limiter, clock: Clock, gap_ms: int, calls: int) -> int:
    """How many of `calls` calls, `gap_ms` apart, are refused."""
    refused = 0
    for _ in range(calls):
        clock.milliseconds += gap_ms
        refused += not limiter.accepts()
    return refused


def _emptied(clock: Clock) -> Limiter:
    limiter = Limiter(100, 60.0, clock)
    assert _refused(limiter, clock, 0, 100) == 0
    assert not limiter.accepts()
    return limiter


@pytest.mark.parametrize(("gap_ms", "refused"), [(595, 30), (605, 0), (620, 0), (500, 30)])
def test_from_an_empty_bucket_the_pace_decides(gap_ms: int, refused: int) -> None:
    """Sixty calls 595 ms apart: half are refused, as recorded; 605 ms apart: none."""
    clock = Clock()
    assert _refused(_emptied(clock), clock, gap_ms, 60) == refused


@given(st.integers(1, 599))
def test_calls_a_little_too_fast_get_nothing_back(gap_ms: int) -> None:
    """Below one token's time a full bucket is spent to the last token, however slowly: fractions are lost."""
    clock = Clock()
    limiter = Limiter(100, 60.0, clock)
    assert _refused(limiter, clock, gap_ms, 101) == 1


def test_a_rest_refills_no_further_than_full() -> None:
    """An hour of rest gives a hundred calls, not more."""
    clock = Clock()
    limiter = _emptied(clock)
    clock.milliseconds += 3_600_000
    assert _refused(limiter, clock, 0, 101) == 1


@pytest.mark.anyio
async def test_only_record_documents_cost(start: Start) -> None:
    """Introspection and /metadata are free, a document of two roots costs one, and a refusal does nothing."""
    twenty = await start(rate_limit=(3, 60.0))
    for _ in range(4):
        await twenty.ask("{__schema{queryType{name}}}")
        await twenty.ask("{currentWorkspace{id}}", "/metadata")
    two = await twenty.post("{people{totalCount} companies{totalCount}}")
    assert "errors" not in two
    await twenty.post("{people{totalCount}}")
    await twenty.post("{people{totalCount}}")
    answer = await twenty.post("{people(first:1){edges{node{nope}}} companies{totalCount}}")
    assert answer["data"] == {"people": None, "companies": None}
    assert [error["extensions"]["subCode"] for error in answer["errors"]] == ["LIMIT_REACHED"] * 2
    assert answer["errors"][0]["message"] == "Limit reached (3 tokens per 60000 ms)"


@pytest.mark.anyio
async def test_a_refused_create_writes_nothing(start: Start) -> None:
    """Over the limit nothing is done, so the same call may simply be sent again."""
    twenty = await start(rate_limit=(1, 0.3))
    await twenty.count("people")
    error = await twenty.refused(CREATE, d=[person()])
    assert error["extensions"]["subCode"] == "LIMIT_REACHED"
    connection = twenty.app.sandbox.workspace.connection
    assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)
