"""Shapes that name nobody, acts behind tags, names that are nearly the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import load_mapping
from commands.discovery.behaviour import behaviours
from commands.discovery.columns import DISTINCT, Profile, shape
from commands.discovery.companies import CompanyNames
from commands.discovery.names import Names, Separators


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("zoe.larsson@example.com", "abc.abc@abc.abc"),
        ("Zoë O’Brien", "Abc Abc·Abc"),
        ("2026-03-03 09:15:42", "9999-99-99 99:99:99"),
        ("+46 070-174 06 05", "+99 999-999 99 99"),
        ("4174086", "9…"),
        ("USA", "ABC"),
        ("客户", "字"),
        ("two\nlines\x1b[31m\u202e", "abc abc·[99abc·"),
    ],
)
def test_a_shape_shows_the_form_of_a_value(text: str, shown: str) -> None:
    """Letters, digits and punctuation by kind; what would steer a terminal becomes a dot."""
    assert shape(text) == shown


@given(st.text(max_size=80))
def test_a_shape_gives_nothing_away(text: str) -> None:
    """No letter or digit of a value is in its shape, which is short, on one line and printable."""
    shown = shape(text)
    assert set(shown) - set("aAbBcC9字") <= {"·", "…", " ", *(c for c in text if not c.isalnum())}
    assert len(shown) <= 60
    assert shown.isprintable()


def test_distinct_values_are_counted_to_a_bound() -> None:
    """A column of a million values takes no more memory than one of five thousand."""
    profile = Profile()
    for number in range(DISTINCT + 10):
        profile.add(f"v{number}")
    column = profile.column("contacts", "id", filled=1, of=1, home="", kartra_type="")
    assert (column.distinct, column.distinct_more) == (DISTINCT, True)


@pytest.mark.parametrize(
    ("tag", "family"),
    [
        ("OPT-IN: free guide", "Forms and opt-ins"),
        ("webinar_2024_no-show", "Webinars and events"),
        ("Quiz completed: B", "Surveys and quizzes"),
        ("Members | Gold", "Memberships and courses"),
        ("watched-50%", "Videos"),
        ("Clicked: pricing", "Pages and clicks"),
        ("opened-last-30", "E-mail"),
        ("Booked call", "Calls and calendars"),
        ("Cart abandoned", "Buying"),
        ("Nurture 3", "Sequences and automations"),
    ],
)
def test_names_of_acts_are_found(tag: str, family: str) -> None:
    """Whatever the case, and whatever parts the words."""
    assert family in {found.family for found in behaviours({"tags": [tag]}, [{"tags": (0,)}])}


@pytest.mark.parametrize("tag", ["Platform", "Information", "Memberless", "Reform", "Coursera", "VIP 🌟", "客户", ""])
def test_words_inside_words_are_no_acts(tag: str) -> None:
    """ "Platform" is no form."""
    assert behaviours({"tags": [tag]}, [{"tags": (0,)}]) == ()


def test_a_contact_counts_once_a_family() -> None:
    """Two webinar tags and a webinar list on one contact are one contact."""
    [found] = behaviours({"tags": ["Webinar A", "Webinar B"], "lists": ["Webinar"]}, [{"tags": (0, 1), "lists": (0,)}])
    assert (found.contacts, len(found.tags)) == (1, 3)


def _near(*spellings: str) -> tuple[tuple[str, str], ...]:
    names = CompanyNames()
    for spelling in spellings:
        names.add(spelling)
    return names.companies([]).near


def test_near_names_are_found_at_either_end() -> None:
    """A slip near the start or the end of a name brings both together; neither is joined."""
    assert _near("Acme Learning", "Acmee Learning", "Zebra Works", "Zebra Worksx") == (
        ("Acme Learning", "Acmee Learning"),
        ("Zebra Works", "Zebra Worksx"),
    )


def test_numbers_and_short_names_are_not_near() -> None:
    """Studio 54 is not Studio 55, and of three letters everything is near."""
    assert _near("Studio Berlin 54", "Studio Berlin 55", "IBM", "IBN") == ()


def test_many_companies_are_compared_in_linear_time() -> None:
    """Twenty thousand names take seconds, not the hours of every pair."""
    names = CompanyNames()
    for number in range(20_000):
        names.add(f"Company {chr(97 + number % 26)}{number:05} {number * 7919 % 100_000}")
    assert names.companies([]).companies == 20_000


def test_one_semicolon_settles_a_column_of_a_file() -> None:
    """As the load does it: seen cell by cell, told at the end."""
    separators = Separators(load_mapping())
    for cell in ("a, b", "c;d", '["e"]'):
        separators.observe("tags", "one.csv", cell)
    separators.observe("tags", "two.csv", "a, b")
    separators.observe("tags", "three.jsonl", '["a, b"]')
    assert [separators.of("tags", file) for file in ("one.csv", "two.csv", "three.jsonl")] == [";", ",", "[]"]


def test_names_are_counted_and_unused_ones_named() -> None:
    """What the account knows and nobody bears is told apart."""
    names = Names("tags", load_mapping())
    found = names.taxonomy([names.numbers("a;b", ";"), names.numbers("a", ";"), ()], ["b", "unused"])
    assert ({each.name: each.count for each in found.names}, found.contacts) == ({"a": 2, "b": 1}, 2)
    assert (found.unused, found.once) == (("unused",), 1)
