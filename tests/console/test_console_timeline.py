"""The timeline: even spans that a person reads easily, with every event in one of them."""

from collections import Counter

import pytest

from adapters.console.pages.charts import columns as drawn
from adapters.console.resources.timeline import columns


def _minutes(*said: str) -> dict[str, Counter[str]]:
    return {minute: Counter(RowExtracted=2, RecordCreated=1) for minute in said}


def test_nothing_is_no_timeline() -> None:
    """Without events there are no columns, and no drawing."""
    assert columns({}) == []
    assert drawn([]) is None


def test_minutes_stand_apart_while_they_fit() -> None:
    """An hour is told minute by minute, those without events too, each by stage."""
    found = columns(_minutes("2026-11-28T10:00", "2026-11-28T10:03"))
    assert [(one.begin, one.minutes) for one in found] == [(f"2026-11-28T10:0{minute}Z", 1) for minute in range(4)]
    assert [one.stages for one in found] == [{"extract": 2, "write": 1}, {}, {}, {"extract": 2, "write": 1}]


@pytest.mark.parametrize(
    ("last", "minutes"),
    [
        ("2026-11-28T10:59", 1),
        ("2026-11-28T11:00", 2),
        ("2026-11-29T10:00", 30),
        ("2027-11-28T10:00", 10_080),
        ("2036-11-28T10:00", 87_673),
    ],
)
def test_a_longer_time_has_wider_spans(last: str, minutes: int) -> None:
    """There are at most sixty columns, however long it took, and no event is lost in them."""
    found = columns(_minutes("2026-11-28T10:00", last))
    assert found[0].minutes == minutes
    assert len(found) <= 60
    assert sum(sum(one.stages.values()) for one in found) == 6


def test_the_highest_column_fills_the_drawing() -> None:
    """Columns are stacked from the ground up, in the order of the stages, and a little is still seen."""
    first, second = Counter(RowExtracted=9_999, RunStarted=1), Counter(RunFailed=1)
    by_minute = {"2026-11-28T10:00": first, "2026-11-28T10:01": second}
    drawing = drawn(columns(by_minute))
    assert drawing is not None
    assert (drawing.highest, drawing.stages) == (10_000, ["extract", "run"])
    extract, run, alone = drawing.bars
    assert extract.y + extract.height == pytest.approx(100, abs=0.1)
    assert run.y < extract.y
    assert alone.height >= 0.7
    assert extract.title == "2026-11-28 10:00 UTC, extract: 9999 events"
