"""Headers: which kind of file they belong to, however they are spelled, cut or shuffled, and what the columns are."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kartra import Export
from adapters.kartra.aliases import LAYOUTS
from adapters.kartra.columns import kind_of, name_columns, own_column

Make = Callable[..., Export]

TELLING = {
    "transactions": "transaction_type",
    "subscriptions": "recurrence_term",
    "bookings": "calendar_subscription_id",
    "affiliates": "earned",
    "contacts": "email",
}
"""A column of each kind that no other kind has (contacts have the e-mail, and win where no mark is seen)."""

MINIMAL = {
    "transactions": [
        "ID,Transaction_Type,Date,Product,Buyer_Email,Amount (USD),lead_id",
        "ID,Date,Product,Email,Amount (EUR)",
        "transaction_id,transaction_type,buyer_email,amount",
        "ID,Transaction_Type,Date,Affiliate_Username,Affiliate_Name,Affiliate_Email,Affiliate_Revenue (USD)",
        "id,transaction_type,amount,sales_tax_id,lead_id,subscription_id,status",
    ],
    "subscriptions": [
        "Subscription ID,Product,Recurrence_Term,Status,Buyer_Email,Next payment date",
        "id,email,recurrence_term,status",
        "Subscription ID,Product,Status,Email",
        "subscription_id,subscription_lead_id,subscription_status,subscription_start_date",
    ],
    "bookings": [
        "calendar_subscription_id,calendar_name,class_name,email,event_date,phone",
        "calendar_subscription_id,event_date",
        "booking_id,calendar_name,first_name,last_name,email,phone,event_date,status",
    ],
    "affiliates": [
        "Affiliate,Username,Email,Status,Products,Earned,Reserve,Due,Paid,Joined",
        "username,email,earned",
        "Name,User Name,Earned (USD),Due (USD),Paid (USD)",
    ],
    "contacts": [
        "email,tags",
        "id,email,status",
        "Email,First Name,Last Name,Phone,Status,Joined",
        "email,first_name,last_name,tags,due,paid,earned",
        "email,first_name,last_name,phone,event_date,class_name,status",
        "email,first_name,tags,lists,product,transaction_type,amount",
        "email,first_name,last_name,subscription_id,next_payment_date",
        "lead_id,email,affiliate",
    ],
}


@pytest.mark.parametrize(
    ("kind", "header"), [(kind, header) for kind, headers in MINIMAL.items() for header in headers]
)
def test_a_short_header_is_told_by_what_is_left_of_it(kind: str, header: str) -> None:
    """Few columns are enough, and an account's own fields called like another kind's columns do not mislead."""
    assert kind_of(header.split(",")) == kind


@pytest.mark.parametrize("header", ["email", "Product,Date,Quantity", "subscription,lead_id", "(USD),[EUR]", ",,,"])
def test_a_header_that_says_too_little_is_a_stranger(header: str) -> None:
    """Columns that could be anybody's make no kind."""
    assert kind_of(header.split(",")) is None


def spelled(name: str) -> st.SearchStrategy[str]:
    """A canonical column in another letter case, with other separators, and blanks around it."""
    separators = st.sampled_from(["_", " ", "-", ".", " - "])
    cases = st.sampled_from([str.lower, str.upper, str.title])
    around = st.sampled_from(["", " ", "\t"])

    def build(separator: str, case: Callable[[str], str], space: str) -> str:
        return space + case(name.replace("_", separator)) + space

    return st.builds(build, separators, cases, around)


@st.composite
def headers(draw: st.DrawFn, kind: str) -> tuple[list[str], list[str]]:
    """A header of `kind` with columns cut away, shuffled and respelled, and the canonical names it stands for."""
    layout = LAYOUTS[kind]
    rest = sorted(set(layout.aliases) - {layout.identity, TELLING[kind]})
    least = 1 if kind == "contacts" else 0
    kept = draw(st.lists(st.sampled_from(rest), unique=True, min_size=least))
    names = draw(st.permutations(sorted({layout.identity, TELLING[kind], *kept})))
    header = [draw(spelled(name)) for name in names]
    expected = list(names)
    for position, name in enumerate(names):
        if name in layout.money and draw(st.booleans()):
            code = draw(st.sampled_from(["USD", "eur", "Gbp"]))
            header[position] += draw(st.sampled_from([f"({code})", f" ( {code} )", f"_[{code}]"]))
            expected[position] = f"{name}:{code.upper()}"
    return header, expected


@given(st.sampled_from(sorted(LAYOUTS)).flatmap(lambda kind: st.tuples(st.just(kind), headers(kind))))
def test_any_spelling_order_and_selection_of_columns_is_recognised(
    made: tuple[str, tuple[list[str], list[str]]],
) -> None:
    """As long as its telling column and its identity are there, a file keeps its kind and every column its name."""
    kind, (header, expected) = made
    assert kind_of(header) == kind
    named = name_columns(kind, header)
    assert list(named.names) == expected
    assert named.repeats == {}


@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_every_alias_stands_for_its_column(kind: str, data: st.DataObject) -> None:
    """Where a canonical column is missing, each of its aliases takes its place."""
    pairs = [(alias, column) for column, aliases in LAYOUTS[kind].aliases.items() for alias in aliases]
    alias, column = data.draw(st.sampled_from(pairs))
    assert name_columns(kind, [data.draw(spelled(alias))]).names == (column,)


@given(
    st.sampled_from(sorted(LAYOUTS)), st.lists(st.text(max_size=8) | st.sampled_from(["email", "id", "mobile", "x"]))
)
def test_no_two_positions_share_a_name(kind: str, header: list[str]) -> None:
    """Whatever a header says, every position has a name of its own, and every repeat says whose."""
    named = name_columns(kind, header)
    assert len(set(named.names)) == len(header)
    assert all(own in named.names and canonical in named.names for own, canonical in named.repeats.items())


def test_a_very_wide_header_is_named_in_time() -> None:
    """Tens of thousands of equal columns, and one endless name, cost no more than reading them."""
    named = name_columns("transactions", ["a", *["amount (USD)"] * 30_000, "_" * 60_000 + "(", "(" * 60_000])
    assert len(set(named.names)) == 30_003


def test_the_exact_name_goes_before_an_alias() -> None:
    """A file with both `id` and `subscription_id` is keyed by the latter, wherever it stands."""
    named = name_columns("subscriptions", ["id", "product", "Subscription ID"])
    assert named.names == ("id", "product", "subscription_id")
    assert named.repeats == {"id": "subscription_id"}


def test_two_currencies_are_two_columns(export: Make) -> None:
    """Columns of one amount in several currencies are no repeats of each other."""
    made = export("ID,Transaction_Type,Amount (USD),Amount(EUR),Amount,Product (new)\n1,Sale,1,2,3,4\n")
    assert made.columns == ("id", "transaction_type", "amount:USD", "amount:EUR", "amount", "product_(new)")
    assert made.repeats == {}


def test_only_money_has_a_currency() -> None:
    """Brackets behind another column, or in a contacts export, are part of its name."""
    assert name_columns("transactions", ["Quantity (USD)"]).names == ("quantity_(usd)",)
    assert name_columns("contacts", ["Revenue (USD)"]).names == ("revenue_(usd)",)


def test_own_fields_never_take_a_standard_column() -> None:
    """A custom field called like a standard column is named as a contacts export with both names it."""
    for identifier in ("Budget-Band", "score", "mobile"):
        assert name_columns("contacts", ["score", "phone", identifier]).names[2] == own_column(identifier)


def test_canonical_columns_are_in_normal_form() -> None:
    """Every canonical column and alias is spelled as headers are compared, and no alias stands for two columns."""
    for layout in LAYOUTS.values():
        names = [*layout.aliases, *(alias for aliases in layout.aliases.values() for alias in aliases)]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch("[a-z0-9_]+", name) for name in names)
        assert layout.identity in layout.aliases
        assert layout.money <= set(layout.aliases)
