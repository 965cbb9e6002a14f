"""Amounts of money: every way they are written, in every currency, exact to the micro."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.currencies import CURRENCIES, SIGNS
from adapters.mapping.money import MAX_MICROS, Money, amount, amount_of, money_columns

UNITS = 1_000_000


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("77.60", "77.6"),
        ("0.00", "0"),
        ("-0.00", "0"),
        (" 97 ", "97"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1,020.50", "-1020.5"),
        ("\u22121,020.50", "-1020.5"),
        ("(1,234.00)", "-1234"),
        ("1,497", "1497"),
        ("1,234,567", "1234567"),
        ("1,50", "1.5"),
        ("1,5", "1.5"),
        ("1.020,50", "1020.5"),
        ("1.234.567", "1234567"),
        ("1.234", "1.234"),
        ("1 234,50", "1234.5"),
        ("1\u00a0234.50", "1234.5"),
        ("1\u202f234\u202f567,5", "1234567.5"),
        ("1'234.50", "1234.5"),
        ("1’234", "1234"),
        ("0.000001", "0.000001"),
        ("9007199254.740991", "9007199254.740991"),
    ],
)
def test_an_amount_is_read_however_it_was_written(cell: str, units: str) -> None:
    """Points, commas, blanks, apostrophes, accounting parentheses: the amount is the same, exact to the micro."""
    assert amount(cell, None, "USD") == (Money(int(Decimal(units) * UNITS), "USD"), ())


@pytest.mark.parametrize(
    ("cell", "currency", "default", "read_in"),
    [
        ("5", None, "SEK", "SEK"),
        ("5", "EUR", "USD", "EUR"),
        ("5", "XTS", "USD", "XTS"),
        ("€5", None, "USD", "EUR"),
        ("5 eur", None, "USD", "EUR"),
        ("£ 5", None, "USD", "GBP"),
        ("$5", None, "USD", "USD"),
        ("$5", None, "CAD", "CAD"),
        ("$5", None, "EUR", "USD"),
        ("$5", "AUD", "USD", "AUD"),
        ("$5 CAD", None, "USD", "CAD"),
        ("$5 USD", None, "CAD", "USD"),
        ("¥5", None, "USD", "JPY"),
        ("¥5", None, "CNY", "CNY"),
        ("R$ 5,00", None, "USD", "BRL"),
        ("5 zł", None, "USD", "PLN"),
    ],
)
def test_the_currency_is_the_headers_or_the_cells_or_the_default(
    cell: str, currency: str | None, default: str, read_in: str
) -> None:
    """The header's code wins, then what stands in the cell, then the source's own; `$` is the source's own dollar."""
    assert amount(cell, currency, default) == (Money(5 * UNITS, read_in), ())


@pytest.mark.parametrize("cell", ["-$5", "$-5", "- $ 5", "($5)", "$(5)", "(5 USD)", "(5) USD", "-5 USD"])
def test_signs_stand_before_or_behind_the_currency(cell: str) -> None:
    """However sign and currency are placed, five dollars owed are minus five."""
    assert amount(cell, None, "USD").value == Money(-5 * UNITS, "USD")


def test_a_cell_that_contradicts_its_header_is_noticed() -> None:
    """The header's currency is taken, and the contradiction is not passed over in silence."""
    value, (note,) = amount("€5", "USD", "USD")
    assert (value, note.code) == (Money(5 * UNITS, "USD"), "currency_conflict")


@pytest.mark.parametrize("cell", [None, "", " ", "N/A", "-", "n/a"])
def test_an_empty_cell_is_no_amount_and_no_fault(cell: str | None) -> None:
    """Sentinels are nothing, without a note."""
    assert amount(cell, "USD", "USD") == (None, ())


@pytest.mark.parametrize(
    "cell",
    [
        "free",
        "$",
        "USD",
        "1e5",
        "0x10",
        "nan",
        "1,2,3",
        "1,,000",
        "1234,567",
        "0,500",
        "12,34,567",
        "1.02.500",
        "1 23",
        "1.2345678",
        "--5",
        "-+5",
        "5-",
        "(-5)",
        "(5",
        "5)",
        "((5))",
        "$5 EUR",
        "5 kr",
        "5 XYZ",
        "5 USD EUR",
        "12²",
        "１２",
        "٣",
        "½",
        "5\x00",
        "1\n2",
        "=1+1",
        "9007199254.740992",
        "9" * 39,
        "9" * 10_000,
    ],
)
def test_what_has_no_one_reading_has_none(cell: str) -> None:
    """Nothing is guessed, rounded or cut: an amount that cannot be read says so."""
    value, (note,) = amount(cell, None, "USD")
    assert (value, note.code) == (None, "amount_unreadable")


@given(st.integers(-MAX_MICROS, MAX_MICROS), st.sampled_from([",", "", " ", "\u202f", "'"]))
def test_any_amount_survives_its_writing(micros: int, separator: str) -> None:
    """Every amount Twenty can hold is read back exactly, with any thousands separator."""
    written = f"{Decimal(micros) / UNITS:,.6f}".replace(",", separator)
    assert amount(written, None, "USD").value == Money(micros, "USD")


@given(st.text(alphabet="0123456789.,'() $€+-−USD\u00a0", max_size=45))
def test_no_cell_is_a_crash_or_out_of_bounds(cell: str) -> None:
    """Whatever stands in the cell: an amount within bounds in a known currency, or a note, or nothing."""
    value, notes = amount(cell, None, "USD")
    if value is None:
        assert [note.code for note in notes] in ([], ["amount_unreadable"])
    else:
        assert abs(value.micros) <= MAX_MICROS
        assert value.currency in CURRENCIES


def test_every_sign_stands_for_known_currencies() -> None:
    """The table of signs names no currency a cell could not name by code."""
    assert {code for family in SIGNS.values() for code in family} <= CURRENCIES
    assert all(sign == sign.upper() for sign in SIGNS)


def test_money_columns_are_found_by_name_and_code() -> None:
    """`amount` and `amount:EUR` are columns of `amount`; `amount_due`, empty cells and sentinels are not."""
    cells = {"amount:USD": "5", "amount": "7", "amount_due": "9", "amount:EUR": "N/A", "base_price:USD": "1"}
    assert money_columns(cells, "amount") == [("USD", "5"), (None, "7")]


@pytest.mark.parametrize(
    ("cells", "money"),
    [
        ({}, None),
        ({"amount": "12"}, Money(12 * UNITS, "SEK")),
        ({"amount:USD": "12"}, Money(12 * UNITS, "USD")),
        ({"amount:USD": "0.00", "amount:EUR": "9.50"}, Money(9_500_000, "EUR")),
        ({"amount:EUR": "9.50", "amount:USD": "0"}, Money(9_500_000, "EUR")),
        ({"amount:EUR": "0", "amount:USD": "0"}, Money(0, "EUR")),
    ],
)
def test_of_several_currencies_the_one_that_is_not_zero_counts(cells: dict[str, str], money: Money | None) -> None:
    """A row with a column for each of the account's currencies has one amount."""
    assert amount_of(cells, "amount", "SEK") == (money, ())


def test_two_currencies_filled_are_no_amount() -> None:
    """Which of two amounts moved is not guessed."""
    value, (note,) = amount_of({"amount:USD": "5", "amount:EUR": "4"}, "amount", "USD")
    assert (value, note.code) == (None, "amount_ambiguous")
    assert "USD and EUR" in note.detail


def test_one_unreadable_column_spoils_the_amount() -> None:
    """A row whose euros cannot be read has no amount, though its dollars can."""
    value, notes = amount_of({"amount:USD": "5", "amount:EUR": "free"}, "amount", "USD")
    assert (value, [note.code for note in notes]) == (None, ["amount_unreadable"])
