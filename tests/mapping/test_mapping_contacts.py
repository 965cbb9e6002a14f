"""Contacts to people: merging, the vocabulary, custom columns, plans, and records as Twenty stores them."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kartra.aliases import LAYOUTS
from adapters.mapping import (
    Merged,
    Vocabulary,
    assign_companies,
    company,
    company_link,
    company_of,
    fields_of,
    gather,
    identify,
    load_mapping,
    merge,
    note,
    person,
    person_target,
    plans,
    target_of,
    vocabulary,
)
from adapters.mapping.types import Link, MappingWarning, Record, SourceRow

CONFIG = load_mapping()


def row(line: int = 2, file: str = "a.csv", **cells: str) -> SourceRow:
    """A contacts row."""
    return SourceRow(kind="contacts", file=file, line=line, cells={"email": "a@example.com", **cells})


def words_of(rows: Sequence[SourceRow]) -> Vocabulary:
    """The vocabulary of some rows, nothing being known."""
    return vocabulary(gather(rows, CONFIG), CONFIG)


def merged_of(*rows: SourceRow) -> Merged:
    """Some rows of one contact, merged."""
    return merge(rows, words_of(rows))


def person_of(*rows: SourceRow, company_to: Link | None = None) -> Record:
    """The person some rows make."""
    words = words_of(rows)
    return person("contact:1", merge(rows, words), fields_of(person_target(CONFIG), CONFIG, words), company_to)


def codes(warnings: Sequence[MappingWarning]) -> list[tuple[str, str | None]]:
    """Code and column of warnings."""
    return [(warning.code, warning.column) for warning in warnings]


def test_the_newest_word_wins_column_by_column() -> None:
    """Each column takes its newest non-empty cell; sentinels do not count, 0 does; conflicts are on record."""
    merged = merged_of(
        row(2, score="5", city="Bonn", zip="00501"),
        row(9, score="0", city="N/A", state="NY"),
        row(2, "b.csv", zip="10115"),
    )
    assert merged.cells == {"email": "a@example.com", "score": "0", "city": "Bonn", "zip": "10115", "state": "NY"}
    assert codes(merged.warnings) == [("merge_conflict", "score"), ("merge_conflict", "zip")]
    assert merged.warnings[1].detail == "'10115' (b.csv:2) replaces '00501' (a.csv:2)"
    assert merged.rows == (("a.csv", 2), ("a.csv", 9), ("b.csv", 2))


def test_an_email_in_another_case_is_no_conflict() -> None:
    """Only another address is a conflict."""
    assert merged_of(row(2), row(3, email="A@Example.com ")).warnings == ()
    assert codes(merged_of(row(2), row(3, email="b@example.com")).warnings) == [("merge_conflict", "email")]


def test_names_are_united_with_each_files_separator() -> None:
    """Tags and lists of all rows are united in order of first sight, each file cut by its own separator."""
    rows = [
        row(2, tags="VIP;Leads, warm", lists="N/A"),
        row(2, "b.csv", tags="paid, VIP"),
        row(3, "b.csv", tags="Leads", lists="Newsletter"),
    ]
    assert merged_of(*rows).names == {"tags": ("VIP", "Leads, warm", "paid", "Leads"), "lists": ("Newsletter",)}


def test_a_declared_separator_overrules_detection() -> None:
    """Where the mapping names a column's separator nothing is guessed, and known names stay whole."""
    source = msgspec.structs.replace(
        CONFIG.source, separators={"tags": ","}, known_names={"tags": frozenset({"b;c, d"})}
    )
    config = msgspec.structs.replace(CONFIG, source=source)
    rows = [row(tags="a, b;c, d")]
    words = vocabulary(gather(rows, config), config)
    assert merge(rows, words).names == {"tags": ("a", "b;c, d")}
    assert list(words.options["person.kartraTags"]) == ["a", "b;c, d"]


CELLS = st.dictionaries(
    st.sampled_from(["city", "score", "tags", "notes"]),
    st.sampled_from(["x", "y", "0", "N/A", "a;b", "b;c"]),
    max_size=4,
)


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_merging_loses_nothing_that_is_newest(cells: list[dict[str, str]]) -> None:
    """For every column the merged cell is the last one that is not empty, and every tag of any row is there."""
    rows = [row(line, **some) for line, some in enumerate([{"tags": "first;second"}, *cells], start=2)]
    merged = merged_of(*rows)
    for column in ("city", "score", "notes"):
        filled = [some[column] for some in cells if some.get(column, "N/A") != "N/A"]
        assert merged.cells.get(column) == (filled[-1] if filled else None)
    tags = {name for some in cells for name in some.get("tags", "N/A").split(";")} - {"N/A"}
    assert set(merged.names["tags"]) == tags | {"first", "second"}


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_merging_twice_changes_nothing(cells: list[dict[str, str]]) -> None:
    """The same rows once more are the same contact."""
    rows = [row(line, **some) for line, some in enumerate(cells, start=2)]
    words = words_of(rows)
    once, twice = merge(rows, words), merge([*rows, *rows], words)
    assert (once.cells, once.names) == (twice.cells, twice.names)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, (None, "a@example.com", None)),
        ({"id": "4174086.0"}, ("4174086", "a@example.com", None)),
        ({"email": "nonsense", "id": "5"}, (None, None, "email_invalid")),
        ({"email": " ", "id": "5"}, ("5", None, None)),
        ({"email": " ", "id": "0"}, (None, None, "email_missing")),
        ({"email": "N/A"}, (None, None, "email_missing")),
        ({"id": "abc"}, (None, "a@example.com", None)),
    ],
)
def test_who_a_row_is_about(cells: dict[str, str], expected: tuple[str | None, str | None, str | None]) -> None:
    """Number and e-mail, or the reason to hold; an unreadable number leaves the e-mail to decide."""
    who = identify(row(**cells))
    assert (who.number, who.email, who.held.reason if who.held else None) == expected


def test_absent_values_are_left_out() -> None:
    """A contact with nothing but an e-mail is a person with nothing but an e-mail."""
    made = person_of(row())
    assert made.fields == {"emails": {"primaryEmail": "a@example.com", "additionalEmails": []}}
    assert (made.links, made.warnings) == ({}, ())


def test_a_phone_that_cannot_be_read_is_kept_as_written() -> None:
    """Either the phone or its raw text, never both; the value never holds the row."""
    raw = person_of(row(phone=" call me "))
    assert raw.fields["kartraPhoneRaw"] == "call me"
    assert "phones" not in raw.fields
    assert codes(raw.warnings) == [("phone_unreadable", "phone")]
    read = person_of(row(phone="(202) 555-0143", phone_country_code="1"))
    assert "kartraPhoneRaw" not in read.fields


def test_a_warning_is_said_once() -> None:
    """Two fields made from one column do not say the same twice."""
    assert codes(person_of(row(date_joined="2026-02-30")).warnings) == [("date_impossible", "date_joined")]


def test_a_warning_names_its_column() -> None:
    """A field made of several columns says which of them was at fault."""
    made = person_of(row(website="ok.com", twitter="@jane", city="Bo\x00nn"))
    assert codes(made.warnings) == [("text_damaged", "city"), ("link_invalid", "twitter")]
    assert made.fields["kartraWebsite"]["primaryLinkUrl"] == "https://ok.com"


def test_a_partial_name_and_address_are_whole_composites() -> None:
    """Composites name every part, so that reading them back compares equal."""
    made = person_of(row(last_name="Li", last_name2="Wei", country="España"))
    assert made.fields["name"] == {"firstName": "", "lastName": "Li Wei"}
    assert made.fields["kartraAddress"] == {
        "addressStreet1": "",
        "addressStreet2": "",
        "addressCity": "",
        "addressState": "",
        "addressPostcode": "",
        "addressCountry": "Spain",
    }


def test_formulas_are_text() -> None:
    """A cell that looks like a formula is text like any other."""
    assert person_of(row(source="=1+1")).fields["kartraSource"] == "=1+1"


def test_the_company_is_linked_not_written() -> None:
    """A person points at its company by stream; the company is a record of its own."""
    rows = [row(company="Acme, Inc."), row(3, company="ACME INC")]
    words = words_of(rows)
    companies = assign_companies(gather(rows, CONFIG).company_spellings)
    made = company_of(merge(rows, words), CONFIG.person.company, companies)
    assert made is not None
    assert company(made, CONFIG) == Record(
        object="company", source_key="company:acme inc", fields={"name": "Acme, Inc.", "kartraKey": "acme inc"}
    )
    assert person_of(*rows, company_to=company_link(made)).links == {
        "companyId": Link(object="company", source_key="company:acme inc")
    }
    assert company_of(merge([row()], words_of([row()])), CONFIG.person.company, companies) is None


def test_columns_nobody_names_become_fields() -> None:
    """Every such column is a TEXT field of its own with a valid name; kept-out columns are none."""
    made = person_of(row(budget_band="1k", **{"日本": "x", "budget__band": "2", "notes": "n", "1st": "y"}))
    own = {name: value for name, value in made.fields.items() if name.startswith("kartraField")}
    assert own["kartraFieldBudgetBand"] == "1k"
    assert sorted(own.values()) == ["1k", "2", "x", "y"]


SCORE = '[person.fields.kartraScore]\nlabel = "Kartra score"\nfrom = ["score"]\nas = "integer"\n'
NOTE = CONFIG.text[CONFIG.text.index("[note.fields.title]") :]
COMPANY = 'company = "company"\n'


@pytest.mark.parametrize(("deleted", "column"), [(SCORE, "score"), (NOTE, "notes"), (COMPANY, "company")])
def test_what_is_deleted_stays_in_the_ledger(deleted: str, column: str) -> None:
    """A field or a section taken out of the mapping moves nothing: its column does not come back as an own field."""
    assert deleted in CONFIG.text
    config = load_mapping(text=CONFIG.text.replace(deleted, "", 1))
    rows = [row(**{column: "7", "budget_band": "1k"})]
    words = vocabulary(gather(rows, config), config)
    assert words.custom == {"budget_band": "kartraFieldBudgetBand"}
    assert "7" not in str(
        person("contact:1", merge(rows, words), fields_of(person_target(config), config, words)).fields
    )
    noted = target_of(config, "contacts", note=True)
    assert note("contact:1", merge(rows, words), fields_of(noted, config, words) if noted else None) == []


def test_every_column_kartra_is_known_to_write_is_known_here() -> None:
    """The columns the reader knows by name are those the shipped mapping names, so none becomes an own field."""
    told = {"list_activity", "sequences", "memberships"}
    assert LAYOUTS["contacts"].aliases.keys() | told <= CONFIG.kartra_columns


@given(st.lists(st.text(min_size=1, max_size=80), max_size=12, unique=True))
def test_custom_field_names_are_valid_and_unique(columns: list[str]) -> None:
    """Any headers give distinct API names of Twenty's shape that are stable when they are known."""
    cells = {column: "x" for column in columns if column not in CONFIG.contact_columns}
    gathered = gather([SourceRow(kind="contacts", file="a", line=2, cells=cells)], CONFIG)
    custom = vocabulary(gathered, CONFIG).custom
    assert list(custom) == list(cells)
    assert len(set(custom.values())) == len(custom)
    assert all(name.isascii() and name.isalnum() and len(name) <= 63 for name in custom.values())
    assert vocabulary(gathered, CONFIG, known_fields=custom).custom == custom


def test_plans_name_every_custom_field() -> None:
    """What must exist is planned with type and options; a select without any option is not."""
    planned = {plan.name: plan for plan in plans(CONFIG, words_of([row(tags="VIP;vip", budget_band="1")]))}
    assert dict(planned["kartraTags"].options) == {"VIP": "VIP", "VIP_F950": "vip"}
    assert next(iter(planned["kartraGdprStatus"].options)) == "NOT_APPLICABLE"
    assert planned["kartraFieldBudgetBand"].type == "TEXT"
    assert planned["kartraKey"].object == "company"
    assert "kartraLists" not in planned
    assert not {"name", "emails", "createdAt"} & planned.keys()


def test_known_options_survive_a_delta() -> None:
    """Options and fields that exist keep their values and names, and new ones come after them."""
    first = words_of([row(tags="VIP 🌟;vip")])
    later = vocabulary(gather([row(tags="vip;new;")], CONFIG), CONFIG, known_options=first.labels)
    assert later.options["person.kartraTags"] == {"vip": "VIP_F950", "new": "NEW"}
    assert list(later.labels["person.kartraTags"]) == ["VIP", "VIP_F950", "NEW"]


def test_gathering_is_a_fold() -> None:
    """Rows may be gathered in any number of steps."""
    rows = [row(2, tags="a;b", company="X"), row(3, tags="c", x1="1"), row(2, "b.csv", tags="d,e", company="Y")]
    stepwise = gather(rows[:1], CONFIG).add(rows[1:2]).add(rows[2:])
    assert vocabulary(stepwise, CONFIG) == words_of(rows)
    assert tuple(stepwise.company_spellings) == ("X", "Y")


def test_a_vocabulary_survives_json() -> None:
    """The vocabulary can be kept as a body and taken up again."""
    words = words_of([row(tags="a;b", x1="1")])
    assert msgspec.json.decode(msgspec.json.encode(words), type=Vocabulary) == words


@given(st.dictionaries(st.sampled_from(sorted(CONFIG.contact_columns)), st.text(max_size=30), max_size=12))
def test_no_cell_can_stop_a_contact(cells: Mapping[str, str]) -> None:
    """Whatever stands in any cell, mapping ends in a record without floats that JSON can hold."""
    rows = [SourceRow(kind="contacts", file="a.csv", line=2, cells={**cells, "email": "a@example.com"})]
    made = person_of(*rows)
    encoded = msgspec.json.encode(made.fields)
    assert b"\\u0000" not in encoded
    assert not _floats(msgspec.json.decode(encoded))
    assert made.fields["emails"]["primaryEmail"] == "a@example.com"


def _floats(value: object) -> bool:
    """Whether there is a float anywhere."""
    if isinstance(value, dict):
        return any(map(_floats, value.values()))
    return any(map(_floats, value)) if isinstance(value, list) else isinstance(value, float)
