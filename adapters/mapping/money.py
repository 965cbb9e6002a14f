"""Amounts of money as people and exports write them, to whole micros of a currency.

Kartra names the currency in the header and writes decimals with a point; signs and thousands commas may occur
(kartra.md section 2.3), and so may what spreadsheets make of it elsewhere: decimal commas, blanks or apostrophes
between thousands, accounting parentheses, U+2212 as minus. What has two readings has none here, save the two that are
settled: a lone comma before exactly three digits parts thousands, a lone point before any is decimal. Digits of other
scripts, full-width ones included, are refused.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from adapters.mapping.currencies import CURRENCIES, SIGNS
from adapters.mapping.text import present
from adapters.mapping.values import Note, Parsed

MAX_MICROS = 2**53 - 1
"""Twenty answers micros as a JSON number, exact up to here (FACTS section 5)."""

_SIGN = "[+\u2212-]"
_BLANK = "[ \u00a0\u2007\u2009\u202f]"
_BLANKS = re.compile(f"{_BLANK}+")
_AMOUNT = re.compile(r"(?P<lead>[^0-9.]*)(?P<number>[0-9.](?:.*[0-9.])?)(?P<tail>[^0-9.]*)", re.DOTALL)
_NAME = "[^()+\u2212-]*"
_LEAD = re.compile(rf"(\(|{_SIGN}|)({_NAME})(\(|{_SIGN}|)")
_TAIL = re.compile(rf"(\)?)({_NAME})(\)?)")
_FRAMES = frozenset({("", ""), ("+", ""), ("-", ""), ("\u2212", ""), ("(", ")")})

_GROUPED = "[1-9][0-9]{0,2}(?:SEPARATOR[0-9]{3})"
_COMMAS, _POINTS, _BLANK_GROUPS, _APOSTROPHES = (
    _GROUPED.replace("SEPARATOR", separator) for separator in (",", "[.]", _BLANK, "['\u2019]")
)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]{0,6}))?",
        r"(?P<whole>)\.(?P<fraction>[0-9]{1,6})",
        r"(?P<whole>[0-9]+),(?P<fraction>[0-9]{1,2})",
        rf"(?P<whole>{_COMMAS}+)(?:\.(?P<fraction>[0-9]{{0,6}}))?",
        rf"(?P<whole>{_POINTS}+),(?P<fraction>[0-9]{{1,6}})",
        rf"(?P<whole>{_POINTS}{{2,}})(?P<fraction>)",
        rf"(?P<whole>{_BLANK_GROUPS}+)(?:[.,](?P<fraction>[0-9]{{1,6}}))?",
        rf"(?P<whole>{_APOSTROPHES}+)(?:[.,](?P<fraction>[0-9]{{1,6}}))?",
    )
)
_NOT_DIGIT = re.compile("[^0-9]")
_DECIMALS = 6
_LONGEST = 40  # characters; an amount within MAX_MICROS needs fewer


class Money(NamedTuple):
    """An amount in micros (a millionth of the currency's unit) and the currency's code."""

    micros: int
    currency: str


class _Written(NamedTuple):
    """An amount taken apart: below zero or not, its digits with separators, the currencies named around them."""

    negative: bool
    number: str
    names: tuple[str, ...]


def amount(cell: str | None, currency: str | None, default: str) -> Parsed[Money]:
    """The amount of a cell.

    `currency` is the header's, which wins (a cell that names another leaves the note `currency_conflict`); without
    one it is the cell's own, else `default`. Empty cells give nothing without a note, others that cannot be read the
    note `amount_unreadable`.
    """
    text = present(cell)
    if text is None:
        return Parsed(None)
    written = _taken_apart(text)
    micros = _micros(written) if written else None
    family = _family(written.names) if written else None
    if micros is None or family is None:
        return Parsed(None, (Note("amount_unreadable", f"'{text}' is no amount of money"),))
    if currency is None:
        return Parsed(Money(micros, default if not family or default in family else family[0]))
    return Parsed(Money(micros, currency), _conflict(text, currency, family))


def money_columns(cells: Mapping[str, str], base: str) -> list[tuple[str | None, str]]:
    """The filled cells of `base`, as (the header's currency or None, text): of `amount`, `amount:USD` and so on."""
    named = ((column.partition(":"), cell) for column, cell in cells.items())
    return [(code or None, cell) for (name, _, code), cell in named if name == base and present(cell) is not None]


def amount_of(cells: Mapping[str, str], base: str, default: str) -> Parsed[Money]:
    """The one amount among the columns of `base`: the one that is not zero, where several currencies are filled.

    A cell that cannot be read spoils the row's amount, and so do two that are not zero (note `amount_ambiguous`): both
    give nothing.
    """
    read = [amount(cell, code, default) for code, cell in money_columns(cells, base)]
    notes = tuple(note for parsed in read for note in parsed.notes)
    found = [parsed.value for parsed in read if parsed.value is not None]
    moved = [money for money in found if money.micros]
    if len(found) < len(read):
        return Parsed(None, notes)
    if len(moved) > 1:
        shown = " and ".join(money.currency for money in moved)
        return Parsed(None, (*notes, Note("amount_ambiguous", f"{base} is filled in {shown}")))
    return Parsed(next(iter(moved or found), None), notes)


def _taken_apart(text: str) -> _Written | None:
    match = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    lead, tail = _LEAD.fullmatch(_BLANKS.sub("", match["lead"])), _TAIL.fullmatch(_BLANKS.sub("", match["tail"]))
    if lead is None or tail is None:
        return None
    mark, closing = lead[1] + lead[3], tail[1] + tail[3]
    if (mark, closing) not in _FRAMES:
        return None
    return _Written(mark not in {"", "+"}, match["number"], tuple(name.upper() for name in (lead[2], tail[2]) if name))


def _micros(written: _Written) -> int | None:
    match = next((match for shape in _SHAPES if (match := shape.fullmatch(written.number))), None)
    if match is None:
        return None
    whole, fraction = _NOT_DIGIT.sub("", match["whole"]), match["fraction"] or ""
    micros = int(whole + fraction.ljust(_DECIMALS, "0"))
    if micros > MAX_MICROS:
        return None
    return -micros if written.negative else micros


def _family(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The currencies that every name of a cell allows (`$5 CAD`); empty where none is named, None for nonsense."""
    families = [(name,) if name in CURRENCIES else SIGNS.get(name, ()) for name in names]
    if not families:
        return ()
    first, *others = families
    return tuple(code for code in first if all(code in other for other in others)) or None


def _conflict(text: str, currency: str, family: tuple[str, ...]) -> tuple[Note, ...]:
    if not family or currency in family:
        return ()
    return (Note("currency_conflict", f"'{text}' stands in a column of {currency}, which is taken"),)
