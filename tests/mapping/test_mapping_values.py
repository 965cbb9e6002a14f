"""The small normalisers: text, e-mails, numbers, yes and no, consent codes, countries, splitting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.countries import country
from adapters.mapping.emails import emails_field, normalise_email
from adapters.mapping.scalars import GDPR_STATUSES, boolean, gdpr_status, integer, kartra_number
from adapters.mapping.splitting import detect_separator, possible_separators, split_names
from adapters.mapping.text import clean, fold, letters, one_line, present
from adapters.mapping.values import Refusal

SENTINELS = ["", "  ", "N/A", "n/a", "-", " - ", "0000-00-00", "0000-00-00 00:00:00", "Until cancelled"]


@pytest.mark.parametrize("cell", SENTINELS)
def test_sentinels_are_nothing(cell: str) -> None:
    """What Kartra writes for "nothing" is nothing, in every normaliser, and no warning either."""
    assert present(cell) is None
    for read in (clean, integer, boolean, gdpr_status, kartra_number):
        assert read(cell) == (None, ())


def test_zero_is_a_value() -> None:
    """0 is a score, a no, and GDPR's first code, but nobody's number."""
    assert present("0") == "0"
    assert integer("0").value == 0
    assert boolean("0").value is False
    assert gdpr_status("0").value == "NOT_APPLICABLE"
    assert kartra_number("0") == (None, ())


def test_damaged_characters_are_removed_with_a_note() -> None:
    """NUL, lone surrogates and undecodable bytes go; the note counts them; all else stays, blanks inside included."""
    value, notes = clean(" A\x00n\ud800n\ufffd  b\n ")
    assert value == "Ann  b"
    assert [(note.code, note.detail) for note in notes] == [("text_damaged", "3 unreadable characters removed")]
    assert clean("\x00").value is None


@given(st.text())
def test_cleaned_text_can_be_stored(text: str) -> None:
    """Cleaned text encodes as UTF-8, holds no NUL, and is not cleaned any further."""
    value = clean(text).value
    if value is not None:
        assert "\x00" not in value.encode().decode()
        assert clean(value) == (value, ())


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    """Folded letters fold to themselves, and one line is one line."""
    assert letters(letters(text)) == letters(text)
    assert one_line(one_line(text)) == one_line(text)


def test_folding_makes_spellings_equal() -> None:
    """Case, accents and letters with strokes do not tell words apart; other scripts stay."""
    assert fold("Sørensen ŁÓDŹ Straße") == "sorensen lodz strasse"
    assert letters("東京 商会!") == "東京商会"


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("Jane@Example.COM", "jane@example.com"),
        ("  jane@example.com\t", "jane@example.com"),
        ("o'hara+x@example.org", "o'hara+x@example.org"),
        ("ünï@exämple.com", "ünï@exämple.com"),
        ("jane@company.local", "jane@company.local"),
    ],
)
def test_addresses_are_trimmed_and_lower(cell: str, address: str) -> None:
    """An address is stored the way Twenty stores it."""
    assert normalise_email(cell) == address
    assert emails_field(address) == {"primaryEmail": address, "additionalEmails": []}


@pytest.mark.parametrize(
    "cell",
    [
        "not-an-email",
        "a b@example.com",
        "a@example.com,b@example.com",
        "a@b",
        "@",
        "a@",
        "x" * 260 + "@example.com",
        "a\x00@example.com",
        "=cmd|'/c'!A1",
        "a@[1.2.3.4]",
        "a@b..com",
    ],
)
def test_what_twenty_refuses_is_held(cell: str) -> None:
    """Every form of address Twenty was seen to refuse is refused here, and so is one no mail can reach."""
    refusal = normalise_email(cell)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "email_invalid"
    assert refusal.detail


@pytest.mark.parametrize("cell", [None, *SENTINELS])
def test_no_address_is_missing(cell: str | None) -> None:
    """An empty cell and a sentinel are a missing address, not an invalid one."""
    refusal = normalise_email(cell)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "email_missing"


@given(st.emails() | st.text(max_size=30))
def test_normalising_an_address_is_idempotent(cell: str) -> None:
    """A normalised address normalises to itself."""
    address = normalise_email(cell)
    if isinstance(address, str):
        assert normalise_email(address) == address


@pytest.mark.parametrize(
    ("cell", "value"),
    [("42", 42), ("12.0", 12), ("1,204", 1204), ("-3", -3), ("+7", 7), (" 5. ", 5), ("1,204.00", 1204)],
)
def test_whole_numbers(cell: str, value: int) -> None:
    """A whole number is read however a spreadsheet wrote it."""
    assert integer(cell) == (value, ())


@pytest.mark.parametrize("cell", ["12.5", "high", "1,20", "1e3", "9" * 40, "٣", "0x1f", "--1"])
def test_other_numbers_are_left_out_with_a_note(cell: str) -> None:
    """Nothing is rounded and nothing is guessed; a payload holds no float."""
    value, (note,) = integer(cell)
    assert value is None
    assert note.code == "number_unreadable"


@given(st.integers(-(2**53), 2**53))
def test_numbers_survive(number: int) -> None:
    """Any exact integer survives, with and without thousands separators."""
    assert integer(str(number)).value == number
    assert integer(f"{number:,}").value == number


def test_contact_numbers_are_plain_digits() -> None:
    """A contact number is the same however it is written; words are no number."""
    assert {kartra_number(cell).value for cell in ("4174086", "4174086.0", "4,174,086", "04174086")} == {"4174086"}
    assert kartra_number("-5") == (None, (("number_unreadable", "'-5' is no contact number"),))
    assert kartra_number("abc").value is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1", True), ("0", False), ("Yes", True), ("no", False), ("TRUE", True), ("Off", False), ("Blocked", True)],
)
def test_flags(cell: str, value: bool) -> None:
    """Yes and no in digits and words."""
    assert boolean(cell) == (value, ())


def test_an_unknown_flag_is_left_out_with_a_note() -> None:
    """A word that is neither yes nor no decides nothing."""
    value, (note,) = boolean("maybe")
    assert (value, note.code) == (None, "boolean_unreadable")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((str(code), value) for code, value in enumerate(GDPR_STATUSES)),
        *((label.upper(), value) for value, label in GDPR_STATUSES.items()),
        ("Not accepted", "REFUSED"),
        ("not-subject", "NOT_SUBJECT"),
        ("GDPR off", "NOT_APPLICABLE"),
    ],
)
def test_gdpr_codes_and_words(cell: str, value: str) -> None:
    """Codes 0 to 5 and their words are one thing; 3 is a refusal."""
    assert gdpr_status(cell) == (value, ())


def test_an_unknown_gdpr_status_is_left_out_with_a_note() -> None:
    """Consent is never guessed."""
    value, (note,) = gdpr_status("6")
    assert (value, note.code) == (None, "gdpr_status_unknown")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sweden", "SE"),
        ("se", "SE"),
        ("España", "ES"),
        ("Deutschland", "DE"),
        ("U.S.A.", "US"),
        ("中国", "CN"),
        ("UK", "GB"),
    ],
)
def test_countries_by_any_name(text: str, code: str) -> None:
    """A country is found by code, by its English name, and in other languages."""
    found = country(text)
    assert found is not None
    assert found.code == code


def test_an_unknown_country_is_none() -> None:
    """A name that is no country is not turned into one."""
    assert country("Atlantis") is None
    assert country("") is None


@pytest.mark.parametrize(
    ("cell", "separator", "names"),
    [
        ("Newsletter;Webinar 2021", ";", ["Newsletter", "Webinar 2021"]),
        ("VIP ; vip;VIP", ";", ["VIP", "vip"]),
        ("course-a, paid", ",", ["course-a", "paid"]),
        ("a|b/c", ",", ["a|b/c"]),
        (";;-;N/A;", ";", []),
        ("two  blanks\tinside", ",", ["two blanks inside"]),
        ("Kunden, DACH", ";", ["Kunden, DACH"]),
    ],
)
def test_names_in_a_cell(cell: str, separator: str, names: list[str]) -> None:
    """Names are split at the separator only, trimmed, and listed once each; case tells them apart."""
    assert list(split_names(cell, separator)) == names


def test_known_names_are_kept_whole() -> None:
    """The longest run of neighbours that is a known name stays one name."""
    known = frozenset({"Kunden, DACH", "Kunden, DACH, warm"})
    names = list(split_names("A, Kunden, DACH, warm, B, Kunden ,  DACH", ",", known))
    assert names == ["A", "Kunden, DACH, warm", "B", "Kunden, DACH"]


def test_one_semicolon_decides_a_column() -> None:
    """A semicolon in any cell means semicolons throughout."""
    assert detect_separator(["a, b", "c"]) == ","
    assert detect_separator(["a, b", "c;d"]) == ";"


_cells = st.lists(st.text(st.sampled_from('ab ,;[]"'), min_size=1, max_size=8) | st.just('["a;b", "c"]'), min_size=1)


@given(some=_cells, others=st.one_of(st.just([]), _cells), declared=st.sampled_from([None, ",", ";"]))
def test_some_cells_leave_open_what_all_of_them_may_tell(
    some: list[str], others: list[str], declared: str | None
) -> None:
    """Whatever else a file holds, its separator parts known cells as one does that these leave possible."""
    found = detect_separator([*some, *others])
    separator = found if declared is None or found == "[]" else declared
    known = frozenset({"a,b", "b;a", "a"})
    possible = [[split_names(cell, one, known) for cell in some] for one in possible_separators(some, declared)]
    assert [split_names(cell, separator, known) for cell in some] in possible


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8), unique=True))
def test_joined_names_split_again(names: list[str]) -> None:
    """Names joined by their separator come back, in order."""
    names = [name for name in names if present(name)]
    assert split_names("; ".join(names), ";") == tuple(names)
