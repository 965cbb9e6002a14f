"""Bookings: their events, and the words and state of their tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import fields_of, gather, load_mapping, target_of, tasks, vocabulary
from adapters.mapping.bookings import Event, events_of, task_status, title
from adapters.mapping.types import SourceRow

BOOKING = {
    "calendar_subscription_id": "123",
    "calendar_name": "Discovery calls",
    "class_name": "30 min, intro",
    "host": "Ann Host; Co Host",
    "event_date": "2026-03-11 09:00",
    "event_duration": "30",
    "vendor_timezone": "America/Detroit",
    "calendar_subscription_status": "Active",
    "booked_on": "2026-03-04 18:22:10",
}
NOW = "2026-03-10T00:00:00.000Z"
LATER = "2026-03-11T13:00:00.000Z"


def test_a_csv_row_is_one_event() -> None:
    """The row's own date and duration."""
    assert events_of(BOOKING) == [Event("2026-03-11 09:00", "30")]


def test_a_webhook_booking_may_have_several_events() -> None:
    """Each of its list, in order, numbers as text."""
    listed = '[{"event_date":"2026-03-11 09:00","event_duration":30},{"event_date":"2026-03-12 09:00"}]'
    assert events_of({"events": listed}) == [Event("2026-03-11 09:00", "30"), Event("2026-03-12 09:00", None)]


@pytest.mark.parametrize("cells", [{}, {"event_duration": "30"}, {"event_date": "N/A"}, {"events": "[]"}])
def test_a_booking_without_a_date_has_no_event(cells: dict[str, str]) -> None:
    """Nothing is made up."""
    assert events_of(cells) == []


@pytest.mark.parametrize(
    "written",
    ["{}", "[1]", "not JSON", '[{"event_date": []}]', "\ud800", '[{"x":' + "[" * 100_000 + "]" * 100_000 + "}]"],
)
def test_hostile_events_stay_to_be_judged(written: str) -> None:
    """What is no list of events is one event whose date is that text: nothing is lost, and no date is read into it."""
    assert events_of({"events": written}) == [Event(written, None)]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({}, "Discovery calls – 30 min, intro"),
        ({"class_name": "Full day\n(on site)"}, "Discovery calls – Full day (on site)"),
        ({"class_name": "N/A"}, "Discovery calls"),
        ({"calendar_name": ""}, "30 min, intro"),
        ({"calendar_name": "", "class_name": ""}, "Booking 123"),
        ({"calendar_subscription_status": "canceled"}, "Cancelled: Discovery calls – 30 min, intro"),
        ({"calendar_subscription_status": "Completed"}, "Discovery calls – 30 min, intro"),
    ],
)
def test_the_title_says_what_was_booked(changed: dict[str, str], shown: str) -> None:
    """Calendar and class on one line, what is missing left out, cancelled ones marked."""
    assert title({**BOOKING, **changed}) == shown


@given(st.dictionaries(st.sampled_from(sorted(BOOKING)), st.text(max_size=40)))
def test_the_title_is_one_line(cells: dict[str, str]) -> None:
    """Whatever the cells hold, the title is one line."""
    assert len(title(cells).splitlines()) == 1


@pytest.mark.parametrize(
    ("status", "due", "shown"),
    [
        ("Active", LATER, "TODO"),
        ("Active", "2026-03-09T23:59:59.000Z", "DONE"),
        ("Active", NOW, "TODO"),
        ("cancelled", LATER, "DONE"),
        ("COMPLETED", LATER, "DONE"),
        ("", LATER, "TODO"),
    ],
)
def test_a_task_is_done_when_nothing_is_to_come(status: str, due: str, shown: str) -> None:
    """Cancelled, completed or past: done; all else is still to do."""
    assert task_status({"calendar_subscription_status": status}, due, NOW) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [("30", "Duration: 30 min"), ("1.5", "Duration: 1.5 min"), ("half a day", "Duration: half a day")],
)
def test_only_numbers_have_a_unit(written: str, shown: str) -> None:
    """What somebody wrote in words gets no minutes behind it."""
    config = load_mapping()
    target = target_of(config, "bookings")
    assert target is not None
    row = SourceRow(kind="bookings", file="a.csv", line=2, cells={**BOOKING, "event_duration": written})
    words = vocabulary(gather([row], config), config)
    [made] = tasks(fields_of(target, config, words, NOW), "booking:123", [row], config, words, person=None)
    assert shown in made.fields["bodyV2"]["markdown"].split("\n")
