"""Comparing what we sent with what Twenty answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twenty import Difference, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)

EQUAL: dict[str, tuple[Any, Any]] = {
    "empty text and null": ("", None),
    "null and empty list": (None, []),
    "milliseconds": ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000Z"),
    "microseconds are not shown": ("2020-01-02T03:04:05.123999Z", "2020-01-02T03:04:05.123Z"),
    "another zone": ("2020-01-02T03:04:05-05:00", "2020-01-02T08:04:05.000Z"),
    "digits and number": ("1500000", 1500000),
    "choices in another order": (["A", "B"], ["B", "A"]),
    "subfields not sent": ({"firstName": "Ada"}, {"firstName": "Ada", "lastName": "Byron"}),
    "empty composite and null": ({"amountMicros": None, "currencyCode": ""}, None),
    "links inside a list": ([{"url": "https://a", "label": ""}], [{"url": "https://a", "label": None}]),
}
DIFFERENT: dict[str, tuple[Any, Any]] = {
    "text": ("a", "b"),
    "letter case": ("A", "a"),
    "blank around": ("a", "a "),
    "zero is a value": (0, None),
    "no is a value": (False, None),
    "no is not zero": (False, 0),
    "a millisecond": ("2020-01-02T03:04:05.000Z", "2020-01-02T03:04:05.001Z"),
    "a choice less": (["A", "B"], ["A"]),
    "number": (1, 2),
    "a record less in a list": ([{"a": "1"}, {"a": "2"}], [{"a": "1"}]),
    "cleared": ("a", None),
    "line ends outside markdown": ("a\n", "a"),
    "composite became text": ({"a": "1"}, "1"),
}


@pytest.mark.parametrize(("ours", "theirs"), EQUAL.values(), ids=EQUAL)
def test_same_value_in_another_form_is_equal(ours: Any, theirs: Any) -> None:
    """Forms Twenty itself does not tell apart make no difference."""
    assert differences({"field": ours}, {"field": theirs}) == []


@pytest.mark.parametrize(("ours", "theirs"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_value_is_a_difference(ours: Any, theirs: Any) -> None:
    """A changed value is found, with both values as they are."""
    [found] = differences({"field": ours}, {"field": theirs})
    assert found.path.startswith("field")


def test_markdown_may_end_otherwise() -> None:
    """Only the last line ends of markdown are Twenty's; the rest is compared."""
    assert (
        differences({"bodyV2": {"markdown": "a\n\nb"}}, {"bodyV2": {"markdown": "a\n\nb\n", "blocknote": "[]"}}) == []
    )
    assert differences({"bodyV2": {"markdown": "a"}}, {"bodyV2": {"markdown": "b\n"}})


def test_path_leads_to_the_subfield() -> None:
    """A difference names the subfield, so a report can."""
    [found] = differences(
        {"name": {"firstName": "Ada", "lastName": "B"}}, {"name": {"firstName": "Ada", "lastName": "C"}}
    )
    assert found == Difference("name.lastName", "B", "C")


@given(PAYLOADS)
def test_a_payload_equals_itself(payload: dict[str, Any]) -> None:
    """Whatever it holds, a payload has no difference from itself."""
    assert differences(payload, payload) == []


@given(PAYLOADS, PAYLOADS)
def test_order_of_sides_does_not_matter_for_equal_keys(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Comparing is fair: flat values equal one way are equal the other way."""
    flat = {key: value for key, value in one.items() if not isinstance(value, dict | list)}
    sides = {key: other.get(key) for key in flat if not isinstance(other.get(key), dict | list)}
    forth = differences({key: flat[key] for key in sides}, sides)
    back = differences(sides, {key: flat[key] for key in sides})
    assert {found.path for found in forth} == {found.path for found in back}


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_time_survives_what_twenty_does_to_it(time: datetime) -> None:
    """A time stored with microseconds and shown with milliseconds is the same time."""
    ours = time.replace(tzinfo=UTC)
    shown = f"{time:%Y}".zfill(4) + f"{time:-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
    assert differences({"at": ours.isoformat()}, {"at": shown}) == []
