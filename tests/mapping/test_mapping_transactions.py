"""Transaction types: spellings, signs, and what is set aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.money import Money
from adapters.mapping.transactions import TRANSACTION_TYPES, signed, transaction_type

SPELLINGS = {
    "SALE": ["Sale", "sale", " SALE "],
    "REBILL": ["Rebill", "rebill"],
    "REFUND": ["Refund", "refund"],
    "PARTIAL_REFUND": ["Partial refund", "partial_refund", "PARTIAL REFUND", "Partial-Refund"],
    "CHARGEBACK": ["Chargeback", "chargeback", "Charge back"],
}
SET_ASIDE = {
    "failed": ["Failed", "failed"],
    "cancellation": ["Cancellation", "cancellation"],
    "request_can": ["Request Can.", "request can", "Request cancellation"],
    "revert_can": ["Revert Can.", "REVERT CAN.", "revert_cancellation"],
}


@pytest.mark.parametrize(("value", "cell"), [(value, cell) for value, cells in SPELLINGS.items() for cell in cells])
def test_types_are_known_in_both_spellings(value: str, cell: str) -> None:
    """The CSV's and the API's spelling, in any case, are one type with an option of Twenty's."""
    kind = transaction_type(cell)
    assert kind is not None
    assert (kind.value, kind.reason) == (value, None)
    assert TRANSACTION_TYPES[value] == kind.label


@pytest.mark.parametrize(("reason", "cell"), [(reason, cell) for reason, cells in SET_ASIDE.items() for cell in cells])
def test_types_that_move_no_money_are_set_aside(reason: str, cell: str) -> None:
    """They name why, have no sign, and are no option."""
    kind = transaction_type(cell)
    assert kind is not None
    assert (kind.reason, kind.sign) == (reason, 0)
    assert kind.value not in TRANSACTION_TYPES


@pytest.mark.parametrize("cell", [None, "", "N/A", "Upsell", "Sale!x", "sales", "\x00"])
def test_other_types_are_not_guessed(cell: str | None) -> None:
    """An unknown type is none: whether it moved money is for a person to say."""
    assert transaction_type(cell) is None


def test_the_options_are_the_five_that_move_money() -> None:
    """In the order of Kartra's own table."""
    assert list(TRANSACTION_TYPES) == ["SALE", "REBILL", "REFUND", "PARTIAL_REFUND", "CHARGEBACK"]


@given(st.integers(-(10**15), 10**15), st.sampled_from([*SPELLINGS, *SET_ASIDE]))
def test_the_sign_is_the_types(micros: int, cell: str) -> None:
    """Whatever the file says, a sale is not below zero and a refund not above; a disagreement is noticed."""
    kind = transaction_type(cell)
    assert kind is not None
    value, notes = signed(Money(micros, "EUR"), kind)
    assert value == Money(abs(micros) * kind.sign, "EUR")
    assert [note.code for note in notes] == (["amount_sign"] if micros * kind.sign < 0 else [])
