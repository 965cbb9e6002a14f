"""Statuses: one spelling each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.statuses import status_text


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("active", "Active"),
        ("PENDING CANCELLATION", "Pending Cancellation"),
        ("pending_cancellation", "Pending Cancellation"),
        ("Canceled", "Cancelled"),
        (" cancelled ", "Cancelled"),
        ("approved", "Approved"),
        ("Past  due\n(retry)", "Past due (retry)"),
        ("N/A", None),
        ("\x00", None),
        (None, None),
    ],
)
def test_a_status_has_one_spelling(cell: str | None, label: str | None) -> None:
    """Known ones are Kartra's own words; others stay as written, on one line."""
    assert status_text(cell) == label


@given(st.text(max_size=20))
def test_a_status_is_its_own_spelling(cell: str) -> None:
    """A label is not changed when it is read again."""
    label = status_text(cell)
    if label is not None:
        assert status_text(label) == label
