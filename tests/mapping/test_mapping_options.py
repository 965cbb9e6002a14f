"""Options of selects: values Twenty takes, unique, and never renamed."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.options import MAX_LENGTH, assign_options, display_label, slug
from adapters.mapping.text import one_line

VALUE = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
LABELS = st.lists(st.text(min_size=1, max_size=70).map(one_line).filter(bool), max_size=30)


def mark(label: str) -> str:
    """The four hex digits a label's value gets where its slug will not do."""
    return hashlib.sha256(label.encode()).hexdigest()[:4].upper()


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Buyer: Course A", "BUYER_COURSE_A"),
        ("Ñandú café", "NANDU_CAFE"),
        ("2024 buyers", "OPT_2024_BUYERS"),
        ("VIP 🌟", "VIP"),
        ("🔥", ""),
        ("客户", ""),
    ],
)
def test_slugs(label: str, expected: str) -> None:
    """A slug is what is left of a label in upper-case ASCII, a letter first."""
    assert slug(label) == expected


def test_rivals_and_emoji_get_digits_of_their_hash() -> None:
    """The first of two labels with one slug keeps it; the other, and labels that leave nothing, get hash digits."""
    values = assign_options(["VIP 🌟", "vip", "🔥"], {}).values
    assert values == {"VIP 🌟": "VIP", "vip": f"VIP_{mark('vip')}", "🔥": f"OPT_{mark('🔥')}"}


def test_known_options_are_never_renamed() -> None:
    """What Twenty has is found again by its label, whatever order a later file brings, and stays listed first."""
    first = assign_options(["VIP 🌟", "vip"], {})
    later = assign_options(["new", "vip", "VIP 🌟"], first.labels)
    assert later.values == {**first.values, "new": "NEW"}
    assert list(later.labels) == [*first.labels, "NEW"]


def test_labels_keep_the_text_as_far_as_twenty_lets_them() -> None:
    """Commas become blanks, long labels are cut, and two texts never share a label."""
    assert display_label("Kunden, DACH") == "Kunden DACH"
    assert len(display_label("x" * 100)) == MAX_LENGTH
    options = assign_options(["Kunden, DACH", "Kunden DACH"], {})
    assert len(set(options.values.values())) == len(set(options.labels.values())) == 2
    assert options.labels["KUNDEN_DACH"] == "Kunden DACH"


@given(LABELS)
def test_values_are_valid_and_unique(labels: list[str]) -> None:
    """Any labels give distinct values of Twenty's shape and distinct labels it takes."""
    options = assign_options(labels, {})
    assert list(options.values) == list(dict.fromkeys(labels))
    assert len(set(options.values.values())) == len(options.values)
    assert all(VALUE.fullmatch(value) for value in options.labels)
    assert len(set(options.labels.values())) == len(options.labels)
    assert all(0 < len(label) <= MAX_LENGTH and "," not in label for label in options.labels.values())


@given(LABELS, LABELS)
def test_a_delta_renames_nothing(labels: list[str], more: list[str]) -> None:
    """After more labels were seen, each one known before has the value it had, in any order."""
    before = assign_options(labels, {})
    after = assign_options([*labels, *more], before.labels)
    assert {label: after.values[label] for label in labels} == before.values
    assert set(assign_options(labels[::-1], before.labels).values.items()) == set(before.values.items())
