"""Transactions and subscriptions: what moved which way, when and in which currency, exact to the micro."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from adapters.mapping.config import MappingConfig
from adapters.mapping.dates import date_only
from adapters.mapping.money import Money, amount_of
from adapters.mapping.statuses import status_text
from adapters.mapping.text import one_line, present
from adapters.mapping.transactions import TRANSACTION_TYPES, signed, transaction_type
from adapters.mapping.types import SourceRow
from commands.discovery.document import Subscriptions, Sum, Transactions, commonest

UNSAID = "Nothing said"


class _Sale(NamedTuple):
    """One transaction as its newest row has it."""

    label: str
    money: Money
    day: str
    has_buyer: bool


class Sums:
    """Money added up by name and currency."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._micros: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, money: Money) -> None:
        """Add an amount."""
        self._counts[name, money.currency] += 1
        self._micros[name, money.currency] += money.micros

    def sums(self, order: Iterable[str] = ()) -> tuple[Sum, ...]:
        """Every sum, by currency, names in the order given and then by the alphabet."""
        rank = {name: at for at, name in enumerate(order)}
        keys = sorted(self._counts, key=lambda key: (key[1], rank.get(key[0], len(rank)), key[0]))
        return tuple(
            Sum(name=name, currency=currency, count=self._counts[name, currency], micros=self._micros[name, currency])
            for name, currency in keys
        )


class Sales:
    """Every transaction of the files, by number."""

    def __init__(self, config: MappingConfig) -> None:
        self._source = config.source
        self._sales: dict[str, _Sale] = {}
        self._set_aside: Counter[str] = Counter()
        self._attempted = Sums()
        self._affiliates: dict[str, str] = {}
        self.signs = 0

    def set_aside(self, row: SourceRow) -> None:
        """Count a row that is history only."""
        kind = transaction_type(row.cells.get("transaction_type"))
        label = kind.label if kind else UNSAID
        self._set_aside[label] += 1
        money = self._amount(row.cells)
        if money is not None and money.micros:
            self._attempted.add(label, Money(abs(money.micros), money.currency))

    def add(self, stream: str, row: SourceRow, *, has_buyer: bool) -> str:
        """Take in a row that makes a record, and return its day; of one number the newest row counts."""
        kind = transaction_type(row.cells.get("transaction_type"))
        money = self._amount(row.cells)
        day = date_only(row.cells.get("date"), self._source.slash_dates).value
        if kind is None or money is None or day is None:
            raise ValueError("a row that cannot become a record was taken for one")
        meant = signed(money, kind)
        self.signs += bool(meant.notes)
        self._sales[stream] = _Sale(kind.label, meant.value or money, day, has_buyer)
        return day

    def transactions(self) -> Transactions:
        """The transactions of the document."""
        by_type, by_year = Sums(), defaultdict[str, Sums](Sums)
        for sale in self._sales.values():
            by_type.add(sale.label, sale.money)
            by_year[sale.day[:4]].add(sale.label, sale.money)
        order = tuple(TRANSACTION_TYPES.values())
        days = [sale.day for sale in self._sales.values()]
        return Transactions(
            moved=len(self._sales),
            without_buyer=sum(not sale.has_buyer for sale in self._sales.values()),
            by_type=by_type.sums(order),
            by_year={year: sums.sums(order) for year, sums in sorted(by_year.items())},
            set_aside=commonest(self._set_aside),
            attempted=self._attempted.sums(),
            signs=self.signs,
            first=min(days, default=""),
            last=max(days, default=""),
        )

    def _amount(self, cells: Mapping[str, str]) -> Money | None:
        return amount_of(cells, "amount", self._source.currency).value


class Agreements:
    """Every subscription of the files, by number, as its newest row has it."""

    def __init__(self, config: MappingConfig) -> None:
        self._source = config.source
        self._states: dict[str, str] = {}
        self._recurrences: dict[str, str] = {}
        self._next: dict[str, Money] = {}

    def add(self, stream: str, row: SourceRow) -> None:
        """Take in a row."""
        cells = row.cells
        state = status_text(cells.get("status"))
        self._states[stream] = state or self._states.get(stream, UNSAID)
        recurrence = present(cells.get("recurrence_term"))
        if recurrence:
            self._recurrences[stream] = one_line(recurrence)
        money = amount_of(cells, "next_payment_amount", self._source.currency).value
        if money is not None:
            self._next[stream] = money

    def subscriptions(self) -> Subscriptions:
        """The subscriptions of the document."""
        sums = Sums()
        for stream, money in self._next.items():
            sums.add(self._states[stream], money)
        return Subscriptions(
            count=len(self._states),
            states=commonest(Counter(self._states.values())),
            recurrences=commonest(Counter(self._recurrences.values())),
            next_payments=sums.sums(),
        )
