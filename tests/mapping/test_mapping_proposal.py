"""Proposals: what each column becomes, why, and how sure that is."""

from collections.abc import Iterable, Mapping

import pytest

from adapters.kartra.aliases import LAYOUTS
from adapters.mapping import MappingConfig, identify, load_mapping
from adapters.mapping.homes import FOUND_BY, homes
from adapters.mapping.intake import Buyer, Key, buyer_of, key_of
from adapters.mapping.profile import Column
from adapters.mapping.proposal import Described, Known, Proposed, Seen, propose
from adapters.mapping.similarity import likeness, missing_columns
from adapters.mapping.suggestions import CAP, Suggestion, open_questions, with_suggestions
from adapters.mapping.types import SourceRow

ALIASES = {kind: layout.aliases for kind, layout in LAYOUTS.items()}
CONFIG = load_mapping()
SIZES = ["S", "M", "L"] * 20
OPEN_DATES = ["03/04/2026", "05/06/2026"] * 20


def seen(column: str, cells: Iterable[str] = ("x", "y"), kind: str = "contacts") -> Seen:
    """A column with these cells."""
    taken = Column()
    for cell in cells:
        taken.add(cell)
    return Seen(kind=kind, column=column, profile=taken.profile(100))


def proposed(
    *columns: Seen,
    described: Mapping[str, Described] | None = None,
    day_first: bool = False,
    config: MappingConfig = CONFIG,
) -> dict[str, Proposed]:
    """Proposals by column; the account's own columns would be fields called `own…`."""
    known = Known(
        aliases=ALIASES,
        described=described or {},
        order="day-first" if day_first else "unambiguous",
        names={one.column: f"own{at}" for at, one in enumerate(columns)},
    )
    return {one.column: one for one in propose(columns, config, known)}


def test_known_headers_are_certain() -> None:
    """A column the mapping names goes where it says, money under its plain name, the skipped ones nowhere."""
    found = proposed(seen("phone"), seen("ip_country"), seen("amount:EUR", kind="transactions"))
    assert (found["phone"].by, found["phone"].fields) == ("header", ("person.phones", "person.kartraPhoneRaw"))
    assert (found["ip_country"].by, found["ip_country"].fields) == ("skip", ())
    assert found["amount:EUR"].fields[0] == "opportunity.amount"
    assert {one.confidence for one in found.values()} == {1.0}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("telefon", "phone"),
        ("firma", "company"),
        ("vorname", "first_name"),
        ("phone_numbers", "phone"),
        ("name_first", "first_name"),
        ("linked_in", "linkedin"),
        ("tags_", "tags"),
    ],
)
def test_a_header_like_a_missing_one_stands_for_it(header: str, column: str) -> None:
    """Another language, a letter more, another order of words: proposed in the known column's place, not as certain."""
    found = proposed(seen(header))[header]
    assert (found.by, found.stands_for, found.transform) == ("likeness", column, None)
    assert found.fields == homes(CONFIG)["contacts", column]
    assert column in found.reason
    assert 0.8 < found.confidence <= 1


def test_a_deleted_field_leaves_its_column_in_the_ledger() -> None:
    """No own field is proposed for a column of Kartra's whose field was taken out, and it stands for no other."""
    text = CONFIG.text.replace("[person.fields.kartraScore]\nlabel", "[person.fields.kartraCity]\nlabel")
    config = load_mapping(text=text.replace('from = ["score"]\nas = "integer"', 'from = ["city"]\nas = "text"'))
    found = proposed(seen("score", ["1", "2"] * 50), seen("shoe_size", SIZES), config=config)
    assert (found["score"].by, found["score"].fields, found["score"].transform) == ("skip", (), None)
    assert found["shoe_size"].transform == "option"


def test_nothing_stands_for_a_column_that_is_there() -> None:
    """Where files have `phone`, `telefon` is a field of its own, and the plan says what it looks like."""
    found = proposed(seen("phone"), seen("telefon"))["telefon"]
    assert (found.stands_for, found.transform, found.fields) == (None, "text", ("person.own1",))
    assert "phone" in found.reason


def test_two_columns_do_not_stand_for_one() -> None:
    """The first takes the place; the second is a field of its own."""
    found = proposed(seen("telefon"), seen("handy"))
    assert [found[name].stands_for for name in ("telefon", "handy")] == ["phone", None]


def test_identity_is_never_taken_from_a_guess() -> None:
    """A column like the one records are found by is told to be renamed in its file."""
    found = proposed(seen("e_mail_adresse"), seen("transaction_ids", kind="transactions"))
    assert found["e_mail_adresse"].stands_for is None
    assert "rename" in found["e_mail_adresse"].reason
    assert (found["transaction_ids"].fields, found["transaction_ids"].by) == ((), "none")
    assert "rename" in found["transaction_ids"].reason


@pytest.mark.parametrize("header", ["budget_band", "city_of_birth", "company_size", "nomad", "topics_of_interest"])
def test_words_that_only_share_something_are_not_alike(header: str) -> None:
    """A part in common is no likeness."""
    assert likeness(header, missing_columns("contacts", CONFIG, ALIASES, frozenset())) is None


@pytest.mark.parametrize(
    ("cells", "transform"),
    [
        (SIZES, "option"),
        (["a;b", "b", "a"] * 20, "options"),
        (["yes", "no"] * 20, "boolean"),
        (["12", "13"] * 20, "integer"),
        (["2026-03-03"] * 20, "date"),
        (["2026-03-03 10:00"] * 20, "date_time"),
        (["a@x.org"] * 20, "text"),
        (["12", "13"], "text"),
        (OPEN_DATES, "text"),
    ],
)
def test_values_make_a_type_where_they_prove_it(cells: list[str], transform: str) -> None:
    """Few cells, dates of open order and kinds without a field of ours stay text."""
    found = proposed(seen("something", cells))["something"]
    assert (found.transform, found.fields) == (transform, ("person.own0",))


def test_a_proven_order_makes_dates_of_open_cells() -> None:
    """Once the files prove which comes first, slashed dates are dates."""
    assert proposed(seen("birthday", OPEN_DATES), day_first=True)["birthday"].transform == "date"


@pytest.mark.parametrize(
    ("described", "cells", "transform"),
    [
        (Described(type="input_field"), SIZES, "text"),
        (Described(type="text_area"), SIZES, "text"),
        (Described(type="drop_down", options=("S", "M")), ["S"], "option"),
        (Described(type="radio_button"), ["S"], "option"),
        (Described(type="checkbox", options=("A", "B")), ["yes", "no"], "options"),
        (Described(type="checkbox", options=("Yes",)), ["yes", "no"], "boolean"),
        (Described(type="checkbox", options=("I agree",)), ["I agree"], "options"),
        (Described(type="hologram"), SIZES, "text"),
    ],
)
def test_what_kartra_says_of_a_field_counts(described: Described, cells: list[str], transform: str) -> None:
    """The five types of Kartra make fields, whatever the values look like; a box alone is a yes or no if it says so."""
    found = proposed(seen("size", cells), described={"size": described})["size"]
    assert (found.by, found.transform, found.confidence) == ("description", transform, 1.0)


def test_empty_columns_and_other_kinds_make_no_field() -> None:
    """A column of a sale that no field names stays in the ledger, and so does an empty one."""
    found = proposed(seen("weather", kind="transactions"), seen("void", []))
    assert [(one.by, one.fields) for one in found.values()] == [("none", ()), ("none", ())]


def test_the_columns_that_find_records_are_those_rows_are_read_by() -> None:
    """The list for people agrees with what is read: key, number and e-mail of every kind."""
    for kind, columns in FOUND_BY.items():
        row = SourceRow(kind=kind, file="f", line=2, cells=dict.fromkeys(columns, "7"))
        if kind == "contacts":
            assert identify(row).held is not None
            assert identify(SourceRow(kind=kind, file="f", line=2, cells={"id": "7"})).number == "7"
        else:
            assert isinstance(key_of(row), Key)
            assert isinstance(buyer_of(row), Buyer)


# --- suggestions of somebody else ------------------------------------------------------------------------------------

COLUMNS = (seen("shirt", SIZES), seen("free", ["a", "b"]), seen("weather", kind="transactions"), seen("void", []))
FOUND = tuple(proposed(*COLUMNS).values())


def suggested(*suggestions: Suggestion) -> dict[str, Proposed]:
    """The proposals after these suggestions."""
    return {one.column: one for one in with_suggestions(FOUND, COLUMNS, suggestions, CONFIG, ALIASES)}


def test_only_open_columns_are_asked_about() -> None:
    """Columns with a home or a proven type are not, and empty ones neither."""
    assert [one.column for one in open_questions(FOUND, COLUMNS)] == ["free", "weather"]


def test_a_suggestion_is_marked_and_never_sure() -> None:
    """What is taken says that it was suggested, and its confidence is capped."""
    taken = suggested(
        Suggestion(kind="contacts", column="free", transform="option", confidence=0.99, why="two\nwords"),
        Suggestion(kind="transactions", column="weather", like="processor", confidence=9.0),
    )
    assert (taken["free"].by, taken["free"].transform, taken["free"].confidence) == ("assist", "option", CAP)
    assert taken["free"].reason == "assist: two words"
    assert (taken["weather"].stands_for, taken["weather"].fields) == ("processor", ("opportunity.kartraProcessor",))


@pytest.mark.parametrize(
    "suggestion",
    [
        Suggestion(kind="contacts", column="shirt", transform="text"),
        Suggestion(kind="contacts", column="free", transform="integer"),
        Suggestion(kind="contacts", column="free", transform="date"),
        Suggestion(kind="contacts", column="free", like="email"),
        Suggestion(kind="contacts", column="free", like="no such column"),
        Suggestion(kind="transactions", column="weather", transform="option"),
        Suggestion(kind="transactions", column="weather", like="transaction_type"),
        Suggestion(kind="planets", column="free", transform="option"),
        Suggestion(kind="contacts", column="void", transform="option"),
    ],
)
def test_a_suggestion_that_would_lose_values_is_passed_over(suggestion: Suggestion) -> None:
    """Not asked, not fitting the values, an identity, a column that is none: nothing changes."""
    assert tuple(suggested(suggestion).values()) == FOUND


def test_two_suggestions_do_not_stand_for_one_column() -> None:
    """A known column is stood in for once."""
    columns = (seen("first", kind="transactions"), seen("second", kind="transactions"))
    found = tuple(proposed(*columns).values())
    both = [Suggestion(kind="transactions", column=name, like="processor") for name in ("first", "second")]
    taken = with_suggestions(found, columns, both, CONFIG, ALIASES)
    assert [one.stands_for for one in taken] == ["processor", None]
