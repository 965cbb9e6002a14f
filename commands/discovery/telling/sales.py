"""Sales, subscriptions, bookings and affiliates: tables of exact sums, and a chart of the years."""

from collections.abc import Sequence

from adapters.mapping.transactions import TRANSACTION_TYPES
from adapters.reports.figures import amount, count, counted
from adapters.reports.model import Bar, Bars, Block, Callout, Cell, Columns, Paragraph, Section, Series, Table
from commands.discovery.document import Audit, Count, Sum, Transactions

_NAMED = 20
_TYPES = tuple(TRANSACTION_TYPES.values())


def sections(audit: Audit) -> tuple[Section, ...]:
    """One section a kind of file; a kind without files says so in a sentence."""
    return (_transactions(audit.transactions), _subscriptions(audit), _bookings(audit), _affiliates(audit))


def _transactions(found: Transactions) -> Section:
    lead = "Refunds and chargebacks count below zero, whatever sign the file gives them. Sums are exact."
    blocks: list[Block] = []
    for currency in dict.fromkeys(each.currency for each in found.by_type):
        blocks += [_chart(found, currency), _by_type(found, currency)]
    if found.moved:
        nameless = counted(found.without_buyer, "transaction names", "transactions name")
        blocks.append(Paragraph(f"From {found.first} to {found.last}; {nameless} no buyer."))
    if found.signs:
        blocks.append(Callout(f"{counted(found.signs, 'row has', 'rows have')} the other sign than their type."))
    if found.set_aside:
        blocks.append(_set_aside(found))
    return Section(
        anchor="transactions", title="Transactions", lead=lead, blocks=tuple(blocks) or _none("transactions")
    )


def _chart(found: Transactions, currency: str) -> Columns:
    years = tuple(year for year, sums in found.by_year.items() if any(each.currency == currency for each in sums))
    series = (Series(name, tuple(_of(found.by_year[year], name, currency) for year in years)) for name in _TYPES)
    filled = tuple(each for each in series if any(each.values))
    return Columns(groups=years, series=filled, currency=currency, caption=f"Sales by year, {currency}", narrow=True)


def _of(sums: Sequence[Sum], name: str, currency: str) -> int:
    return next((each.micros for each in sums if (each.name, each.currency) == (name, currency)), 0)


def _by_type(found: Transactions, currency: str) -> Table:
    sums = [each for each in found.by_type if each.currency == currency]
    rows: list[tuple[Cell, ...]] = [(each.name, each.count, amount(each.micros)) for each in sums]
    rows.append(("Net", sum(each.count for each in sums), amount(sum(each.micros for each in sums))))
    header = ("Type", "Transactions", currency)
    caption = f"By type, {currency}"
    return Table(header=header, rows=tuple(rows), caption=caption, right=frozenset({2}), narrow=True, total=True)


def _set_aside(found: Transactions) -> Table:
    attempted: dict[str, list[str]] = {}
    for each in found.attempted:
        attempted.setdefault(each.name, []).append(f"{amount(each.micros)} {each.currency}")
    rows = tuple((each.name, each.count, ", ".join(attempted.get(each.name, []))) for each in found.set_aside)
    caption = "History, not revenue: set aside"
    return Table(header=("Type", "Rows", "Amounts named"), rows=rows, caption=caption, right=frozenset({2}))


def _subscriptions(audit: Audit) -> Section:
    found = audit.subscriptions
    blocks: tuple[Block, ...] = _none("subscriptions")
    if found.count:
        next_payments = tuple(
            (each.name, each.count, amount(each.micros), each.currency) for each in found.next_payments
        )
        header = ("State", "Subscriptions", "Sum", "")
        blocks = (
            _bars("By state", found.states),
            *([_bars("By recurrence", found.recurrences)] if found.recurrences else []),
            *(
                [Table(header=header, rows=next_payments, caption="Next payments", right=frozenset({2}))]
                if next_payments
                else []
            ),
        )
    lead = "They become records. Nothing in Twenty charges anybody: billing stays with the payment processor."
    return Section(anchor="subscriptions", title="Subscriptions", lead=lead, blocks=blocks)


def _bookings(audit: Audit) -> Section:
    found = audit.bookings
    blocks: tuple[Block, ...] = _none("bookings")
    if found.count:
        blocks = (_bars("By state", found.states), _bars("By calendar", found.calendars))
    lead = f"{counted(found.count, 'booking')} with {counted(found.events, 'event')}; each event becomes a task."
    return Section(anchor="bookings", title="Bookings", lead=lead, blocks=blocks)


def _affiliates(audit: Audit) -> Section:
    found = audit.affiliates
    blocks: list[Block] = [_bars("By state", found.states)] if found.states else []
    if found.sums:
        rows = tuple((each.name.capitalize(), each.count, amount(each.micros), each.currency) for each in found.sums)
        header = ("", "Affiliates", "Amount", "")
        blocks.append(Table(header=header, rows=rows, caption="What the export says", right=frozenset({2})))
    lead = f"{counted(found.count, 'affiliate')}, {count(found.exported)} of them in an export of their own."
    return Section(
        anchor="affiliates", title="Affiliates", lead=lead, blocks=tuple(blocks) if found.count else _none("affiliates")
    )


def _bars(caption: str, counts: Sequence[Count]) -> Bars:
    bars = tuple(Bar(each.name, each.count, count(each.count)) for each in counts[:_NAMED])
    return Bars(bars=bars, caption=caption, rest=max(len(counts) - _NAMED, 0), narrow=True)


def _none(noun: str) -> tuple[Block, ...]:
    return (Paragraph(f"No export of {noun} is among the files."),)
