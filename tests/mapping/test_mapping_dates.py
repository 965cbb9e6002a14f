"""Days without a time, and time zones by name."""

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.dates import date_only, date_time, zone_of


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("03 Mar 2026", "2026-03-03"),
        ("2026-01-15 08:00:00", "2026-01-15"),
        ("2026-01-15 23:59:59", "2026-01-15"),
        ("2026-01-15T23:59:59Z", "2026-01-15"),
        ("31/12/2025", "2025-12-31"),
        ("12/31/2025", "2025-12-31"),
    ],
)
def test_a_day_stays_the_day_that_was_written(cell: str, day: str) -> None:
    """A DATE has no zone: neither midnight nor a late evening moves it."""
    assert date_only(cell) == (day, ())


@pytest.mark.parametrize("cell", [None, "", "N/A", "0000-00-00 00:00:00", "Until cancelled"])
def test_no_day_is_no_fault(cell: str | None) -> None:
    """Sentinels are nothing, without a note."""
    assert date_only(cell) == (None, ())


@pytest.mark.parametrize(
    ("cell", "code"),
    [("31 Feb 2025", "date_impossible"), ("03/04/2026", "date_ambiguous"), ("soon", "date_unreadable")],
)
def test_a_day_that_cannot_be_read_says_why(cell: str, code: str) -> None:
    """The same notes as for moments."""
    value, (note,) = date_only(cell)
    assert (value, note.code) == (None, code)


def test_the_declared_order_of_slashes_counts() -> None:
    """Once the mapping says which comes first, a slashed day is read."""
    assert date_only("03/04/2026", "day-first").value == "2026-04-03"
    assert date_only("03/04/2026", "month-first").value == "2026-03-04"


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_survives(day: date) -> None:
    """Both of Kartra's spellings of a day give that day."""
    assert date_only(day.isoformat()).value == date_only(f"{day:%d %b %Y}").value == day.isoformat()


@pytest.mark.parametrize("name", ["America/Detroit", "america/detroit", " America/Detroit ", "AMERICA/DETROIT"])
def test_zones_are_found_in_any_case(name: str) -> None:
    """A zone name is known however it is cased."""
    assert zone_of(name) == ZoneInfo("America/Detroit")


def test_blanks_stand_for_underscores() -> None:
    """`America/New York` is a zone people write."""
    assert zone_of("America/New York") == ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "name", [None, "", "N/A", "Nowhere", "../../etc/passwd", "/etc/localtime", "localtime", "a\x00"]
)
def test_other_names_are_no_zone(name: str | None) -> None:
    """No name reads a file, and this machine's own zone is nobody's."""
    assert zone_of(name) is None


def test_every_zone_can_be_used() -> None:
    """Every zone found reads a date."""
    zones = [zone_of(name) for name in available_timezones() - {"localtime"}]
    assert all(zone is not None and date_time("2026-03-03 12:00", zone).value for zone in zones)
