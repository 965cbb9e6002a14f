"""Kartra's transaction types: which move money, which way, and which are history only (kartra.md section 2.2)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from adapters.mapping.money import Money
from adapters.mapping.text import words
from adapters.mapping.values import Note, Parsed


class TransactionType(msgspec.Struct, frozen=True, kw_only=True):
    """A type as an option of Twenty's (`value`, `label`), the sign of its amounts, and why it is set aside, if it is.

    A type is set aside (`reason`) exactly where it moves no money (`sign` 0).
    """

    value: str
    label: str
    sign: Literal[1, 0, -1]
    reason: str | None = None


def _moves(label: str, sign: Literal[1, -1]) -> TransactionType:
    return TransactionType(value=label.upper().replace(" ", "_"), label=label, sign=sign)


def _set_aside(label: str, reason: str) -> TransactionType:
    return TransactionType(value=reason.upper(), label=label, sign=0, reason=reason)


_KNOWN = (
    _moves("Sale", 1),
    _moves("Rebill", 1),
    _moves("Refund", -1),
    _moves("Partial refund", -1),
    _moves("Chargeback", -1),
    _set_aside("Failed", "failed"),
    _set_aside("Cancellation", "cancellation"),
    _set_aside("Request Can.", "request_can"),
    _set_aside("Revert Can.", "revert_can"),
)

TRANSACTION_TYPES: Mapping[str, str] = MappingProxyType({kind.value: kind.label for kind in _KNOWN if kind.sign})
"""Option value to label of the types that move money."""

_BY_SPELLING = {
    **{"_".join(words(kind.label)): kind for kind in _KNOWN},
    "charge_back": _KNOWN[4],
    "request_cancellation": _KNOWN[7],
    "revert_cancellation": _KNOWN[8],
}


def transaction_type(cell: str | None) -> TransactionType | None:
    """The type a cell names in the spelling of the CSV or of the API, in any case; None for an empty or unknown one."""
    return _BY_SPELLING.get("_".join(words(cell or "")))


def signed(money: Money, kind: TransactionType) -> Parsed[Money]:
    """The amount with the sign of its type; the note `amount_sign` where the file has the other one.

    A type that moves no money makes every amount 0: what a failed charge attempted is no revenue.
    """
    meant = Money(abs(money.micros) * kind.sign, money.currency)
    if money.micros * kind.sign >= 0:
        return Parsed(meant)
    found = "below" if money.micros < 0 else "above"
    return Parsed(meant, (Note("amount_sign", f"the file has a {kind.label} {found} zero; the type's sign is taken"),))
