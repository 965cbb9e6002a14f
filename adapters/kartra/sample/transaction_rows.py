"""Rows of a transactions export: all 57 columns of kartra.md section 2.1, and every accident a row can have."""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import NamedTuple

from adapters.kartra.sample import goods
from adapters.kartra.sample.affiliates import Affiliate, Affiliates
from adapters.kartra.sample.amounts import UNREADABLE_AMOUNTS, amount, plain
from adapters.kartra.sample.books import LANDS, Fate, Row
from adapters.kartra.sample.buyers import Buyer, Buyers
from adapters.kartra.sample.catalog import CompanyFacts
from adapters.kartra.sample.cells import Cell, sentinel, text
from adapters.kartra.sample.goods import ProductFacts, TypeFacts
from adapters.kartra.sample.moments import NO_MOMENTS, moment

_COLUMNS = (
    "ID", "Transaction_Type", "Date", "Product", "Price_point", "Quantity", "Seller_username", "Buyer_Username",
    "Buyer_Name", "Buyer_Company", "Sales_Tax_ID", "Buyer_Email", "Buyer_Country", "Buyer_State", "Buyer_City",
    "Buyer_ZIP", "Buyer_Address", "Buyer_Phone_Country", "Buyer_Phone", "Buyer_IP", "Amount$", "Base_Price$",
    "Sales_tax$", "Shipping_cost$", "Coupon_code", "Coupon_discount$", "Revenue$", "Affiliate_Username",
    "Affiliate_Name", "Affiliate_Email", "Affiliate_Revenue$", "JV_Username", "JV_Name", "JV_Email", "JV_Revenue$",
    "Your_Net_Profit$", "Tracking_link", "TrackingID1", "TrackingID2", "Landing_page", "Processor",
    "Processor_transaction_id", "Processor_subscription_id", "subscription_id", "lead_id", "affiliate_id", "jv_id",
    "Shipping_Name", "Shipping_Address", "Shipping_City", "Shipping_ZIP", "Shipping_Country", "Shipping_State",
    "Trial", "Automatic_Cancellation", "Subscription_payment_number", "Rebill_reattempt",
)  # fmt: skip
_FIRST_NUMBER = 48_110
_EMPTY = Cell("", blank=True)
_COMMISSION = 5
_SHARE_FOR_OTHERS = 0.1


class Made(NamedTuple):
    """A transaction: its row, its stream in the books, and what must become of it."""

    row: Row
    stream: str
    fate: Fate


class Order(NamedTuple):
    """What a row is made of, before accidents."""

    serial: int
    kind: TypeFacts
    product: ProductFacts
    buyer: Buyer
    affiliate: Affiliate | None
    currency: str


def headers(currency: str, *others: str) -> Mapping[str, str]:
    """The headers of an account's file, money in `currency`, with a column for amounts of every other one."""
    own = {column.replace("$", f" ({currency})"): column.lower().replace("$", f":{currency}") for column in _COLUMNS}
    return {**own, **{f"Amount ({other})": f"amount:{other}" for other in others}}


class TransactionRows:
    """Makes transactions of an account, one by one. Of a clean account they are sales by known contacts."""

    def __init__(self, random: Random, buyers: Buyers, affiliates: Affiliates | None, *, dirty: bool) -> None:
        self._random = random
        self._buyers = buyers
        self._affiliates = affiliates
        self._dirty = dirty

    def make(self, serial: int, kind: TypeFacts, currency: str, accident: "Accident | None" = None) -> Made:
        """Transaction number `serial`. A row of a set-aside type is set aside whatever else an accident did to it."""
        buyer = self._buyers.buyer(self._random, serial)
        product = self._random.choice(goods.PRODUCTS) if self._dirty else goods.PLAIN_PRODUCT
        order = Order(serial, kind, product, buyer, self._affiliate(kind, currency, accident), currency)
        made = _row(order, self._random, dirty=self._dirty)
        fate = accident(made, self._random, serial, self._buyers) if accident else LANDS
        aside = kind.aside if made["transaction_type"].meaning is kind else None
        return Made(made, f"transaction:{made['id'].meaning}", Fate(aside=aside) if aside else fate)

    def _affiliate(self, kind: TypeFacts, currency: str, accident: "Accident | None") -> Affiliate | None:
        if self._affiliates is None:
            return None
        if kind.aside or accident:
            return self._affiliates.of_failure(self._random)
        return self._affiliates.of_sale(self._random, currency)


def _row(order: Order, random: Random, *, dirty: bool) -> Row:
    code = order.currency
    micros = order.product.micros * (order.kind.sign or 1)
    money = {
        f"amount:{code}": amount(random, micros, code, dirty=dirty),
        f"base_price:{code}": Cell(plain(order.product.micros)),
        f"sales_tax:{code}": Cell("0.00"),
        f"revenue:{code}": Cell(plain(micros)),
        f"your_net_profit:{code}": Cell(plain(micros)),
    }
    return (
        _blank(code)
        | money
        | _about(order, random, dirty=dirty)
        | _by(order, random, dirty=dirty)
        | _through(order, random)
    )


@cache
def _blank(currency: str) -> Row:
    return dict.fromkeys(headers(currency).values(), _EMPTY)


def _about(order: Order, random: Random, *, dirty: bool) -> Row:
    """What was sold, when, and how it was paid."""
    number = str(_FIRST_NUMBER + order.serial)
    subscribed = random.random() < 0.4
    coupon = random.choice(("SPRING20", "50% off", "N/A", "")) if dirty else ""
    return {
        "id": Cell(f" {number}" if dirty and random.random() < 0.02 else number, number),
        "transaction_type": Cell(random.choice(order.kind.written) if dirty else order.kind.written[0], order.kind),
        "date": moment(random, dirty=dirty),
        "product": _product(order, random, dirty=dirty),
        "price_point": text(order.product.price_point),
        "quantity": text("1"),
        "seller_username": text("acmecoach"),
        "coupon_code": Cell(coupon, coupon, blank=coupon in {"", "N/A"}),
        "processor": text(random.choice(goods.PROCESSORS)),
        "processor_transaction_id": text(f"ch_example{order.serial}"),
        "subscription_id": text(str(993_000 + order.serial)) if subscribed else Cell("N/A", blank=True),
        "landing_page": text("https://example.com/offer?x=1,2"),
        "trial": text("No"),
        "automatic_cancellation": text("No"),
        "subscription_payment_number": text("1"),
        "rebill_reattempt": text("0"),
    }


def _product(order: Order, random: Random, *, dirty: bool) -> Cell:
    if dirty and random.random() < 0.03:
        return sentinel(random)
    return Cell(order.product.written, order.product.name)


def _by(order: Order, random: Random, *, dirty: bool) -> Row:
    """Who bought it. The company is the buyer's own or, where there is none and now and then, one only sales name."""
    one = order.buyer.contact
    found = {
        "lead_id": order.buyer.lead_id,
        "buyer_email": order.buyer.email,
        "buyer_company": _company(one.company if one else None, random, dirty=dirty),
    }
    if one is None:
        return found
    city, state, postcode = one.country.places[0]
    return {
        **found,
        "buyer_name": text(f"{one.first} {one.last}"),
        "buyer_username": text(f"buyer{one.index}"),
        "buyer_country": text(one.country.name),
        "buyer_state": text(state),
        "buyer_city": text(city),
        "buyer_zip": text(postcode),
        "buyer_address": text(f"Storgatan {one.index}, lgh 1102"),
        "buyer_phone_country": text(one.country.calling),
        "buyer_ip": text("203.0.113.7"),
    }


def _company(own: CompanyFacts | None, random: Random, *, dirty: bool) -> Cell:
    if random.random() < 0.5 or not (own or dirty):
        return _EMPTY
    facts = own if own and not (dirty and random.random() < _SHARE_FOR_OTHERS) else random.choice(goods.SALE_COMPANIES)
    return Cell(random.choice((*facts.spellings, *facts.bare)), facts)


def _through(order: Order, random: Random) -> Row:
    """Who brought the sale, and the commission, which follows the sign of the amount now and then only."""
    one = order.affiliate
    if one is None:
        return {"affiliate_username": sentinel(random)}
    micros = order.product.micros // _COMMISSION // 10_000 * 10_000 or goods.MICROS
    shown = -micros if order.kind.sign < 0 and random.random() < 0.5 else micros
    return {
        "affiliate_username": Cell(one.username, one),
        "affiliate_name": text(one.name),
        "affiliate_email": text(one.email),
        f"affiliate_revenue:{order.currency}": Cell(plain(shown), micros),
        "affiliate_id": text("5512"),
    }


Accident = Callable[[Row, Random, int, Buyers], Fate]
"""Spoils a row and says what must become of it."""


def _no_number(made: Row, random: Random, _: int, __: Buyers) -> Fate:
    made["id"] = sentinel(random)
    return Fate(held="identity_missing", column="id")


def _no_date(made: Row, _: Random, serial: int, __: Buyers) -> Fate:
    made |= {"date": Cell(NO_MOMENTS[serial % len(NO_MOMENTS)]), "buyer_company": _EMPTY}
    return Fate(held="date_invalid", column="date")


def _no_amount(made: Row, _: Random, serial: int, __: Buyers) -> Fate:
    amounts = dict.fromkeys((column for column in made if column.startswith("amount:")), _EMPTY)
    written = Cell(UNREADABLE_AMOUNTS[serial % len(UNREADABLE_AMOUNTS)])
    made |= {**amounts, next(iter(amounts)): written, "buyer_company": _EMPTY}
    return Fate(held="amount_invalid", column="amount")


def _no_type(made: Row, random: Random, _: int, __: Buyers) -> Fate:
    made |= {"transaction_type": Cell(random.choice(("Upsell", "", "N/A"))), "buyer_company": _EMPTY}
    return Fate(held="amount_invalid", column="transaction_type")


def _no_buyer_known(made: Row, random: Random, serial: int, buyers: Buyers) -> Fate:
    buyer, fate = buyers.unknown(random, serial, "buyer_email")
    made |= {"lead_id": buyer.lead_id, "buyer_email": buyer.email, "buyer_company": _EMPTY}
    return fate


ACCIDENTS: tuple[Accident, ...] = (_no_number, _no_date, _no_amount, _no_type, _no_buyer_known)
