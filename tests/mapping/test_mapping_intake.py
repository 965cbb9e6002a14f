"""Keys of rows that are no contacts', and bookings' rows that say nothing of when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import Fault, Key, fault_of, key_of, load_mapping
from adapters.mapping.intake import LONGEST_KEY, personal_key
from adapters.mapping.types import SourceRow

CONFIG = load_mapping()
LONG = "1" * LONGEST_KEY


def row(kind: str = "transactions", **cells: str) -> SourceRow:
    """A row of that kind."""
    return SourceRow(kind=kind, file="a.csv", line=2, cells=cells)


@pytest.mark.parametrize(
    ("written", "key"),
    [("12/3", "12/3"), (" 1\x00 ", "1"), ("1\ud800\ufffd", "1"), ("a\n\tb", "a b"), ("🔥1", "🔥1"), (LONG, LONG)],
)
def test_a_key_is_what_a_database_takes(written: str, key: str) -> None:
    """Without NUL and broken characters, on one line."""
    assert key_of(row(id=written)) == Key(stream="transaction", value=key, personal=False)


@pytest.mark.parametrize("written", ["", "N/A", "\x00", "\x00N/A", " \ufffd\n"])
def test_a_key_of_nothing_is_none(written: str) -> None:
    """What is empty once cleaned identifies nothing."""
    found = key_of(row(id=written))
    assert isinstance(found, Fault)
    assert (found.reason, found.column) == ("identity_missing", "id")


def test_an_absurd_key_is_refused() -> None:
    """It is held, and the words about it do not repeat it."""
    found = key_of(row(id="9" * (LONGEST_KEY + 1)))
    assert isinstance(found, Fault)
    assert (found.reason, found.column) == ("identity_missing", "id")
    assert "99" not in found.detail


@given(st.text())
def test_any_key_is_sound(written: str) -> None:
    """Whatever is written there, a key can be stored, is one line, and is the same when it is read again."""
    found = key_of(row(id=written))
    if isinstance(found, Key):
        assert "\x00" not in found.value
        assert found.value == " ".join(found.value.split())
        assert 0 < len(found.value.encode()) <= 4 * LONGEST_KEY
        assert key_of(row(id=found.value)) == found


def test_user_names_are_told_apart_by_accents_not_by_case() -> None:
    """José and Jose are two people, JOSÉ and josé are one, and a sale finds the affiliate of the export."""
    assert personal_key("Jose") != personal_key("José")
    assert personal_key(" JOSÉ\x00") == personal_key("josé") == "josé"
    found = key_of(row("affiliates", username=" JOSÉ "))
    assert found == Key(stream="affiliate", value=personal_key("José"), personal=True)


def test_a_cancellation_is_about_events_that_can_be_read() -> None:
    """Without a date of its own it needs another row's that is one; else it waits too, and no task is lost silently."""
    bare = row("bookings", calendar_subscription_id="1", calendar_subscription_status="Cancelled")
    good = row("bookings", calendar_subscription_id="1", event_date="2026-03-11 09:00")
    wrong = row("bookings", calendar_subscription_id="1", event_date="2026-02-30 09:00")
    assert fault_of([good, bare], 1, CONFIG) is None
    assert fault_of([wrong, good, bare], 2, CONFIG) is None
    for rows in ([wrong, bare], [bare], [bare, bare]):
        fault = fault_of(rows, len(rows) - 1, CONFIG)
        assert fault is not None
        assert (fault.reason, fault.column) == ("date_invalid", "event_date")
