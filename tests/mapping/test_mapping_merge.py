"""Rows made one: sums of money as a whole, lists of names only where contacts have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import Merged, fields_of, gather, load_mapping, merge, sale, target_of, vocabulary
from adapters.mapping.money import Money, amount_of
from adapters.mapping.types import SourceRow

CONFIG = load_mapping()


def row(line: int, kind: str = "transactions", **cells: str) -> SourceRow:
    """A row of a sale."""
    return SourceRow(kind=kind, file="a.csv", line=line, cells={"id": "1", **cells})


def merged_of(*rows: SourceRow) -> Merged:
    """Some rows of one stream, merged."""
    return merge(rows, vocabulary(gather(rows, CONFIG), CONFIG))


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ({"amount:USD": "10.00"}, {"amount": "12"}, Money(12_000_000, "USD")),
        ({"amount": "10.00"}, {"amount:EUR": "12"}, Money(12_000_000, "EUR")),
        ({"amount:USD": "10.00"}, {"amount:EUR": "12", "amount:USD": "0"}, Money(12_000_000, "EUR")),
        ({"amount:USD": "10.00"}, {"amount": "N/A", "amount:EUR": ""}, Money(10_000_000, "USD")),
    ],
)
def test_the_newest_row_says_the_whole_amount(older: dict[str, str], newer: dict[str, str], expected: Money) -> None:
    """Two files whose headers differ have one amount, not two that rule each other out; empty cells say nothing."""
    merged = merged_of(row(2, **older), row(3, **newer))
    assert amount_of(merged.cells, "amount", "USD").value == expected


def test_an_amount_in_another_currency_is_a_conflict() -> None:
    """What was replaced is on record under the sum's plain name, currencies included; the same again is nothing."""
    merged = merged_of(row(2, **{"amount:USD": "10.00"}), row(3, **{"amount:EUR": "9"}), row(4, **{"amount:EUR": "9"}))
    [warning] = merged.warnings
    assert (warning.code, warning.column) == ("merge_conflict", "amount")
    assert warning.detail == "'9' EUR (a.csv:3) replaces '10.00' USD (a.csv:2)"


def test_sums_of_money_do_not_touch_each_other() -> None:
    """A row that fills one sum leaves every other."""
    merged = merged_of(row(2, **{"amount:USD": "10", "affiliate_revenue:USD": "3"}), row(3, **{"amount:EUR": "9"}))
    assert merged.cells == {"id": "1", "amount:EUR": "9", "affiliate_revenue:USD": "3"}


AMOUNTS = st.dictionaries(
    st.sampled_from(["amount", "amount:USD", "amount:EUR", "next_payment_amount:USD"]),
    st.sampled_from(["1", "2", "0", "N/A", ""]),
    max_size=4,
)


@given(st.lists(AMOUNTS, min_size=1, max_size=5))
def test_the_cells_of_a_sum_are_of_one_row(cells: list[dict[str, str]]) -> None:
    """Whatever the rows fill, a sum's cells are those of the newest row that fills any of them."""
    merged = merged_of(*(row(line, **some) for line, some in enumerate(cells, start=2)))
    for base in ("amount", "next_payment_amount"):
        said = [
            {column: cell for column, cell in some.items() if column.partition(":")[0] == base and cell.isdigit()}
            for some in cells
        ]
        found = {column: cell for column, cell in merged.cells.items() if column.partition(":")[0] == base}
        assert found == next((some for some in reversed(said) if some), {})


@pytest.mark.parametrize("kind", ["transactions", "subscriptions", "bookings", "affiliates"])
def test_names_are_split_for_contacts_only(kind: str) -> None:
    """A Tags column of another kind is a cell like any other, whatever contacts have."""
    rows = [row(2, "contacts", tags="a;b"), row(3, "lead_details", tags='["c"]'), row(4, kind, tags="x;y", lists="z")]
    words = vocabulary(gather(rows, CONFIG), CONFIG)
    assert merge(rows[2:], words).cells == {"id": "1", "tags": "x;y", "lists": "z"}
    assert merge(rows[2:], words).names == {}
    assert merge(rows[:1], words).names == {"tags": ("a", "b")}


def test_a_column_can_be_both_the_company_and_a_choice() -> None:
    """A column read in several ways is gathered for all of them."""
    text = CONFIG.text.replace(
        "[opportunity.fields.stage]",
        '[opportunity.fields.kartraFirm]\nlabel = "Firm"\nfrom = ["buyer_company"]\nas = "option"\n\n'
        "[opportunity.fields.stage]",
    )
    config = load_mapping(text=text)
    rows = [row(2, buyer_company="Acme")]
    gathered = gather(rows, config)
    words = vocabulary(gathered, config)
    assert tuple(gathered.company_spellings) == ("Acme",)
    target = target_of(config, "transactions")
    assert target is not None
    made = sale(target, fields_of(target, config, words), "transaction:1", merge(rows, words), person=None)
    assert made.fields["kartraFirm"] == "ACME"
