"""Profiles of columns: what a column holds, told from its cells, and never more than they prove."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.dates import order_proved
from adapters.mapping.profile import MAX_DISTINCT, Column, Profile
from adapters.mapping.shapes import shape


def profile(cells: Iterable[str], rows: int | None = None) -> Profile:
    """The profile of a column with these cells."""
    column = Column()
    count = 0
    for cell in cells:
        column.add(cell)
        count += 1
    return column.profile(rows or count)


@pytest.mark.parametrize(
    ("cells", "guess"),
    [
        (["yes", "no", "Yes"], "boolean"),
        (["1", "0", "1"], "boolean"),
        (["1", "1"], "integer"),
        (["12", "1,204", "-3", "7.0"], "integer"),
        (["2026-03-03", "03 Mar 2026"], "date"),
        (["31/12/2025", "03/04/1988"], "date"),
        (["2026-03-03 10:00", "2026-03-03"], "date_time"),
        (["a@x.org", "B@Y.org"], "email"),
        (["https://x.org/a", "www.y.org"], "link"),
        (["+46 70 174 06 05", "(202) 555-0143"], "phone"),
        (["$12.50", "1.020,50", "5"], "money"),
        (["S", "M", "L"] * 9, "choice"),
        (["Email;Ads", "Ads; Funnels", "Email"] * 9, "choices"),
        (["Email, Ads", "Ads, Funnels", "Email"] * 9, "choices"),
        (["anything", "goes"], "text"),
        ([], "empty"),
        (["", "N/A", "-"], "empty"),
    ],
)
def test_a_column_is_known_by_its_cells(cells: list[str], guess: str) -> None:
    """Every kind of value is told from the others, and sentinels are nothing."""
    assert profile(cells).guess == guess


@pytest.mark.parametrize(
    "cells",
    [
        ["12", "12.5", "x"],
        ["00501", "41124"],
        ["4155550123456", "x"],
        ["1990-02-30", "1990-02-28"],
        ["yes", "maybe"],
        ["Grow to 6 figures, then hire"] * 99,
        ["line\nbreak", "line\nbreak", "other"] * 30,
        ["x" * 80, "y"] * 30,
    ],
)
def test_one_cell_that_does_not_fit_makes_text(cells: list[str]) -> None:
    """A ZIP code keeps its zeros, a sentence its commas, an impossible date its day: they stay text."""
    assert profile(cells).guess == "text"


@pytest.mark.parametrize("cells", [["S", "M", "S"], [f"v{number}" for number in range(40)] * 9])
def test_few_or_many_values_are_no_choice(cells: list[str]) -> None:
    """Three cells prove no choice, and forty values are none to choose from."""
    assert profile(cells).guess == "text"


def test_confidence_grows_with_what_was_seen() -> None:
    """One cell may be chance, a hundred are not; and nothing but a person's word is certain."""
    few, many = profile(["12"]).confidence, profile(["12", "13"] * 50).confidence
    assert few < 0.5 < 0.9 < many < 1


def test_counts_are_of_filled_and_distinct_cells() -> None:
    """The share is of all rows; a value that comes twice is one."""
    found = profile(["a", "a", "b", ""], rows=8)
    assert (found.filled, found.distinct, found.share, found.distinct_is_least) == (3, 2, 3 / 8, False)


def test_memory_is_bounded() -> None:
    """Of a column of a hundred thousand different cells a few thousand are kept, and it is said."""
    column = Column()
    for number in range(MAX_DISTINCT * 5):
        column.add(f"{number} {'x' * 500}")
    found = column.profile(MAX_DISTINCT * 5)
    assert (found.filled, found.distinct, found.distinct_is_least) == (MAX_DISTINCT * 5, MAX_DISTINCT, True)
    assert len(column._cells) == MAX_DISTINCT
    assert all(isinstance(cell, int) for cell in column._cells)


def test_a_late_misfit_is_seen_behind_the_bound() -> None:
    """A kind is given up by a cell that is no longer kept."""
    cells = [str(number) for number in range(MAX_DISTINCT + 5)]
    assert profile(cells).guess == "integer"
    assert profile([*cells, "x"]).guess == "text"


def test_dates_tell_their_order_or_that_they_need_it() -> None:
    """Proofs and open cells are counted, also in columns that are known."""
    column = Column(guess=False)
    for cell in ["14/03/2021 02:30", "03/14/2021", "03/04/2021", "03/03/2021", "2021-03-14", "a/b"]:
        column.add(cell)
    found = column.profile(6)
    assert (dict(found.orders), found.ambiguous) == ({"day-first": 1, "month-first": 1}, 1)
    assert [order_proved(cell) for cell in ("14/15/2021", "31/12/20", "x")] == [None, None, None]


def test_reasons_quote_no_value() -> None:
    """What is told of a column may be printed, logged and sent: no cell stands in it."""
    cells = ["secretive", "hushed"] * 20
    found = profile(cells)
    assert not any(cell in found.reason for cell in cells)
    assert found.reason == "2 distinct values in 40 filled cells"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Anna-Lena 1987", "Aaaa-Aaaa 9999"),
        ("李 伟 🔥", "a a ?"),
        ("a@x.org", "a@a.aaa"),
        ("x" * 99, "aaaa"),
        ("tab\tbell\x07", "aaa aaaa?"),
    ],
)
def test_a_shape_says_nothing_of_the_value(value: str, shown: str) -> None:
    """Letters, digits, blanks and ASCII marks are all that is left of a value."""
    assert shape(value) == shown


@given(st.text(max_size=200))
def test_no_letter_or_digit_of_a_value_is_in_its_shape(value: str) -> None:
    """Whatever the script: only A, a, 9, and ASCII marks come out, and few of them."""
    shown = shape(value)
    assert {character for character in shown if character.isalnum()} <= {"A", "a", "9"}
    assert shown.isascii()
    assert len(shown) <= 24


@given(st.lists(st.text(max_size=30), max_size=60))
def test_no_column_is_a_crash(cells: list[str]) -> None:
    """Any cells make a profile with counts that fit together, in any order of cells."""
    found = profile(cells)
    random.Random(1).shuffle(cells)
    assert profile(cells).guess == found.guess
    assert found.distinct <= found.filled <= max(found.rows, 1)
    assert 0 <= found.confidence <= 1
