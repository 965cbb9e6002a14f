"""estimate: creates exactly, the rest within bounds that real loads and rollbacks keep."""

import json
from math import ceil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from commands import estimate as face
from commands.compensation import waiting
from commands.estimating import CURRENT, DOCUMENTED, estimate, words_of
from tests.commands.preflighting import Ground

NAMES = st.sampled_from(["company", "person", "opportunity", "task", "note", "noteTarget", "kartraAffiliate"])
RECORDS = st.dictionaries(NAMES, st.integers(min_value=0, max_value=300_000), max_size=7)


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A new ledger and a new workspace, whose queue is asked more often than a real one."""
    monkeypatch.setattr(waiting, "POLL_S", 0.05)
    return Ground(tmp_path, monkeypatch)


@given(RECORDS)
def test_creates_are_the_sum_over_objects(records: dict[str, int]) -> None:
    """⌈n/200⌉ an object at the current limits, ⌈n/60⌉ at the documented ones; every call waits its pace."""
    for cost in estimate(records).costs:
        batch = {"current": 200, "documented": 60}[cost.limits.name]
        assert cost.creates == {name: ceil(count / batch) for name, count in records.items()}
        assert cost.calls == sum(cost.creates.values()) + cost.other
        assert cost.seconds >= cost.calls * 60 / 100


@given(RECORDS)
def test_other_calls_do_not_grow_with_the_records(records: dict[str, int]) -> None:
    """Into an empty workspace a load makes at most 15 calls besides creates, whatever its size."""
    assert estimate(records).current.other <= 15


@given(RECORDS, NAMES)
def test_more_records_never_cost_less(records: dict[str, int], name: str) -> None:
    """A record more may cost nothing, and never saves a call."""
    more = {**records, name: records.get(name, 0) + 1}
    for less, greater in zip(estimate(records).costs, estimate(more).costs, strict=True):
        assert greater.calls >= less.calls
        assert greater.rollback_calls >= less.rollback_calls


def test_a_workspace_with_people_costs_reads() -> None:
    """One read for 10,000 e-mails, where somebody could hold one."""
    records = {"person": 25_000}
    assert estimate(records, populated=["person"]).current.other == estimate(records).current.other + 3
    assert estimate(records, populated=["company"]).current.other == estimate(records).current.other


def test_a_hundred_thousand_people_take_some_minutes() -> None:
    """500 creates and a few calls more, a little over five minutes; hosted plans over a thousand more calls."""
    current, documented = estimate({"person": 100_000}).costs
    assert (sum(current.creates.values()), sum(documented.creates.values())) == (500, 1667)
    assert 300 < current.seconds < 330
    assert current.rollback_calls < current.calls / 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (5.2, "6 s"), (60, "1 min"), (61, "2 min"), (3_600, "1 h 0 min"), (9_999, "2 h 47 min")],
)
def test_times_are_told_as_people_do(seconds: float, words: str) -> None:
    """Rounded up, in seconds, minutes, or hours and minutes."""
    assert words_of(seconds) == words


def test_the_limits_are_those_seen_and_documented() -> None:
    """FACTS sections 1 and 13; the pace is the pacer's first."""
    assert (CURRENT.calls, CURRENT.window_s, CURRENT.batch, DOCUMENTED.batch) == (100, 60, 200, 60)
    assert CURRENT.pace_s == pytest.approx(0.615)


@pytest.mark.anyio
async def test_a_real_load_and_rollback_cost_what_was_said(ground: Ground) -> None:
    """Creates exactly; other calls and the rollback's at most what was said, and not less than half of it."""
    exports = ground.sample(450, dirty=False, companies=40)
    said = (await face.estimate_folder(ground.options, exports)).current
    loaded = await ground.load(exports, "pause")
    free = {"metadata", "metadata_write"}
    other = sum(count for kind, count in loaded.calls.items() if kind not in {*free, "create"})
    assert loaded.calls["create"] == sum(said.creates.values())
    assert said.other / 2 <= other <= said.other
    back = sum(count for kind, count in (await ground.roll_back()).calls.items() if kind not in free)
    assert said.rollback_calls / 2 <= back <= said.rollback_calls


@pytest.mark.anyio
async def test_dirty_exports_are_counted_as_they_load(ground: Ground) -> None:
    """Rows that would be held are left out, merged ones count once: the records are those a load makes."""
    exports = ground.sample(120)
    said = await face.estimate_folder(ground.options, exports)
    loaded = await ground.load(exports, "leave")
    made = {one.object: one.transformed for one in loaded.books.records}
    assert {name: count for name, count in said.records.items() if count} == made


def test_it_needs_neither_twenty_nor_ledger(ground: Ground) -> None:
    """The command reads the exports and leaves nothing behind; its document is pinned, its tables fit a terminal."""
    exports = ground.sample(40)
    words = [str(exports), "--ledger", str(ground.options.ledger)]
    shown = CliRunner().invoke(face.command, words)
    document = json.loads(CliRunner().invoke(face.command, [*words, "--json"]).stdout)
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert set(document) == {"records", "costs"}
    assert [cost["limits"]["name"] for cost in document["costs"]] == ["current", "documented"]
    assert not ground.options.ledger.exists()
    assert not ground.options.sandbox_path.exists()
