"""What a migration costs, in calls that count against Twenty's limit: everything on /graphql."""

from collections.abc import Callable, Iterable, Mapping
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest

from commands.compensation.outcome import RolledBack
from commands.loading import Loaded
from ledger.events import BatchIntended, Event, RecordCreated
from ledger.store import Draft, Ledger
from tests.journey.world import Journey, to_come, without, written

pytestmark = pytest.mark.timeout(180)

COMPANIES = 400
_FREE = {"metadata", "metadata_write"}


class Died(BaseException):
    """The process is gone, as far as the ledger can tell."""


class Story(NamedTuple):
    """A load of clean contacts, as many as `people` says, in 400 companies without notes; and its rollback."""

    people: int
    loaded: Loaded
    back: RolledBack


@pytest.fixture(scope="module", params=[1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """What both came to."""
    journey = Journey(tmp_path_factory.mktemp("calls"))
    exports = without("notes", journey.sample(request.param, dirty=False, companies=COMPANIES))

    async def tell() -> Story:
        loaded = await journey.load(exports, "pause")
        return Story(request.param, loaded, await journey.roll_back())

    return anyio.run(tell)


def counted(calls: Mapping[str, int], *beside: str) -> int:
    """How many calls count against the limit, some kinds aside."""
    return sum(count for kind, count in calls.items() if kind not in {*_FREE, *beside})


def test_a_load_costs_one_create_for_200_records_and_a_constant(story: Story) -> None:
    """10,000 people in 400 companies take exactly 50 + 2 creates and at most 15 other calls; none is refused."""
    calls = story.loaded.calls
    assert calls["create"] == story.people / 200 + COMPANIES / 200
    assert counted(calls, "create") <= 15
    assert "refused" not in calls


def test_taking_it_all_back_costs_at_most_30_calls(story: Story) -> None:
    """Everything is taken out again, and proven gone, with at most 30 calls, polls of the queue aside."""
    done = story.back
    assert done.destroyed == {"person": story.people, "company": COMPANIES}
    assert done.proof.exact
    assert counted(done.calls, "poll") <= 30


def dies(monkeypatch: pytest.MonkeyPatch, at: Callable[[Event], bool], seen: int) -> None:
    """Let the ledger's process be gone before the `seen`th append that begins with such an event."""
    append, left = Ledger.append, [seen]

    async def append_or_die(self: Ledger, drafts: Iterable[Event | Draft], payloads: Any = ()) -> list[int]:
        some = list(drafts)
        first = some[0].event if some and isinstance(some[0], Draft) else some[0] if some else None
        left[0] -= isinstance(first, Event) and at(first)
        if left[0] <= 0:
            raise Died
        return await append(self, some, payloads)

    monkeypatch.setattr(Ledger, "append", append_or_die)


def exports_of(journey: Journey) -> Path:
    """Exports of 600 people in 50 companies."""
    return journey.sample(600, dirty=False, companies=50)


async def resumed_after(journey: Journey, at: Callable[[Event], bool], seen: int) -> Loaded:
    """A load of 600 people that dies, and is gone on with; what the going on came to."""
    exports = exports_of(journey)
    with pytest.MonkeyPatch.context() as patch:
        dies(patch, at, seen)
        with pytest.raises(Died):
            await journey.load(exports, "leave")
    return await journey.resume()


@pytest.mark.anyio
async def test_a_resume_adds_one_read_for_what_is_unsettled(journey: Journey) -> None:
    """After a death between a commit in Twenty and its record here, one read settles it; nothing is sent twice."""
    journey.folder.joinpath("other").mkdir()
    other = Journey(journey.folder / "other")
    unsettled = await resumed_after(journey, lambda event: isinstance(event, RecordCreated), 3)
    settled = await resumed_after(other, lambda event: isinstance(event, BatchIntended), 4)
    records = to_come(exports_of(journey))
    # One batch of companies and two of people had landed of 600 people in 50 companies.
    left = sum(ceil(count / 200) for count in records.values()) - 3
    assert (unsettled.calls["create"], settled.calls["create"]) == (left, left)
    assert unsettled.calls["read"] == settled.calls["read"] + 1
    for done in (unsettled, settled):
        assert written(done) == records
    assert len(await journey.records("person")) == len(await other.records("person")) == 600
