"""The subscriptions exports, their headers mixed as in kartra.md section 3.3: an older one and a newer that overlap."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from adapters.kartra.sample import goods
from adapters.kartra.sample.amounts import plain
from adapters.kartra.sample.awkward import write_malformed
from adapters.kartra.sample.books import LANDS, Fate, Row
from adapters.kartra.sample.buyers import Buyers
from adapters.kartra.sample.cells import Cell, sentinel, text
from adapters.kartra.sample.folder import Folder, file_name
from adapters.kartra.sample.layouts import ExportFile, Layout
from adapters.kartra.sample.moments import day

_KIND = "subscriptions"
_AGE = 9
_FIRST_NUMBER = 993_041
_SHARE_IN_OLDER = 0.7
_SHARE_REPEATED = 0.3
_SHARE_AWKWARD = 0.2
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Subscription ID": "subscription_id",
        "Product": "product",
        "Price_point": "price_point",
        "Recurrence_Term": "recurrence_term",
        "Status": "status",
        "Buyer_Name": "buyer_name",
        "Buyer_Email": "buyer_email",
        "lead_id": "lead_id",
        "Start date": "start_date",
        "End date": "end_date",
        "Payments made": "payments_made",
        "Next payment date": "next_payment_date",
        "Next payment amount": "next_payment_amount",
        "Processor": "processor",
        "Affiliate_Username": "affiliate_username",
    }
)
_OLDER = Layout("subscriptions_all", _HEADERS, kind=_KIND)
_NEWER = Layout("subscriptions", _HEADERS, kind=_KIND, encoding="utf-8-sig", newline="\r\n")
_STATUSES = (
    Cell("Active", "ACTIVE"),
    Cell("Active", "ACTIVE"),
    Cell("Pending Cancellation", "PENDING_CANCELLATION"),
    Cell("canceled", "CANCELLED"),
    Cell("Terminated", "TERMINATED"),
    Cell(" paused ", "PAUSED"),
    Cell("Trialing", "TRIALING"),
)
_TERMS = ("Monthly", "Yearly", "every 2 weeks")


class _Made(NamedTuple):
    row: Row
    fate: Fate


def write_subscriptions(folder: Folder, count: int, buyers: Buyers, *, dirty: bool) -> None:
    """Write `count` subscriptions: a row each in one file of a clean account, more rows in two of a dirty one."""
    random = folder.random(_KIND)
    accidents = _accidents(random, count) if dirty else [None] * count
    made = [_made(serial, random, buyers, spoil, dirty=dirty) for serial, spoil in enumerate(accidents)]
    if not dirty:
        _write(folder, _OLDER, _AGE, made)
        return
    cut = int(count * _SHARE_IN_OLDER)
    again = [_later(one, random) for one in made[:cut] if one.fate == LANDS and random.random() < _SHARE_REPEATED]
    _write(folder, _OLDER, _AGE, made[:cut], random)
    _write(folder, _NEWER, _AGE + 1, [*again, *made[cut:]], random)


def _write(folder: Folder, layout: Layout, age: int, made: list[_Made], random: Random | None = None) -> None:
    file = ExportFile(layout, file_name(layout.word, age))
    for row, fate in made:
        folder.books.enter(file, file.row(row), f"subscription:{row['subscription_id'].meaning}", row, fate)
    if made and random is not None:
        file.blank()
        folder.books.held.append(write_malformed(file, made[-1].row, random, age))
    folder.save(file, age)


def _made(serial: int, random: Random, buyers: Buyers, spoil: "_Accident | None", *, dirty: bool) -> _Made:
    row = _row(serial, random, buyers, dirty=dirty)
    return _Made(row, spoil(row, random, serial, buyers) if spoil else LANDS)


def _row(serial: int, random: Random, buyers: Buyers, *, dirty: bool) -> Row:
    number = str(_FIRST_NUMBER + serial)
    buyer = buyers.buyer(random, serial)
    product = (
        random.choice([one for one in goods.PRODUCTS if one.written == one.name]) if dirty else goods.PLAIN_PRODUCT
    )
    one = buyer.contact
    return {
        "subscription_id": text(number),
        "product": text(product.name),
        "price_point": text(product.price_point),
        "recurrence_term": text(random.choice(_TERMS)),
        "status": random.choice(_STATUSES) if dirty else _STATUSES[0],
        "buyer_name": text(f"{one.first} {one.last}") if one else text(""),
        "buyer_email": buyer.email,
        "lead_id": buyer.lead_id,
        "start_date": day(random, dirty=dirty),
        "end_date": Cell("0000-00-00 00:00:00", blank=True) if random.random() < 0.6 else day(random, dirty=dirty),
        "payments_made": text("2"),
        "next_payment_date": day(random, dirty=dirty),
        "next_payment_amount": _next_payment(random, product.micros, dirty=dirty),
        "processor": text(random.choice(goods.PROCESSORS)),
        "affiliate_username": Cell("N/A", blank=True),
    }


def _next_payment(random: Random, micros: int, *, dirty: bool) -> Cell:
    """An amount that means (micros, currency): the sign in the cell tells the currency, dollars where there is none."""
    written = plain(micros)
    forms = (
        Cell(written, (micros, "USD")),
        Cell(f"${written}", (micros, "USD")),
        Cell(f"€{written}", (micros, "EUR")),
        Cell(f"£ {written}", (micros, "GBP")),
        Cell("0.00", (0, "USD")),
        Cell("N/A", blank=True),
        Cell("on request"),
    )
    return random.choice(forms) if dirty else forms[0]


def _later(made: _Made, random: Random) -> _Made:
    """The row as a later export has it: another state, another next payment, or none."""
    change: Row = {
        "status": random.choice(_STATUSES),
        "end_date": day(random, dirty=True),
        "next_payment_amount": Cell("0.00", (0, "USD")),
        "next_payment_date": sentinel(random),
    }
    return made._replace(row=made.row | change)


_Accident = Callable[[Row, Random, int, Buyers], Fate]


def _no_number(row: Row, random: Random, _: int, __: Buyers) -> Fate:
    row["subscription_id"] = sentinel(random)
    return Fate(held="identity_missing", column="subscription_id")


def _no_buyer_known(row: Row, random: Random, serial: int, buyers: Buyers) -> Fate:
    buyer, fate = buyers.unknown(random, serial, "buyer_email")
    row |= {"lead_id": buyer.lead_id, "buyer_email": buyer.email}
    return fate


def _nobody(row: Row, random: Random, _: int, buyers: Buyers) -> Fate:
    buyer = buyers.nobody(random)
    row |= {"lead_id": buyer.lead_id, "buyer_email": buyer.email}
    return LANDS


def _odd_dates(row: Row, _: Random, __: int, ___: Buyers) -> Fate:
    """Impossible and ambiguous days: nothing comes of them, and the row lands."""
    row |= {"start_date": Cell("31 Feb 2025"), "end_date": Cell("03/04/2026"), "next_payment_date": Cell("soon")}
    return LANDS


def _no_product(row: Row, random: Random, _: int, __: Buyers) -> Fate:
    row["product"] = sentinel(random)
    return LANDS


_ACCIDENTS: tuple[_Accident, ...] = (_no_number, _no_buyer_known, _nobody, _odd_dates, _no_product)


def _accidents(random: Random, count: int) -> list[_Accident | None]:
    """Each accident once as far as they go, then by their share."""
    rest = (random.choice(_ACCIDENTS) if random.random() < _SHARE_AWKWARD else None for _ in range(count))
    every = [*_ACCIDENTS, *rest][:count]
    random.shuffle(every)
    return every
