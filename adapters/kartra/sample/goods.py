"""What made-up orders, subscriptions and bookings are about: products, types, processors, calendars, sequences."""

from typing import NamedTuple

from adapters.kartra.sample.catalog import CompanyFacts, OptionFacts

MICROS = 1_000_000


class ProductFacts(NamedTuple):
    """A product: as written, its name on one line, its price in micros, and the price point."""

    written: str
    name: str
    micros: int
    price_point: str


PRODUCTS = (
    ProductFacts('Course A, "Deluxe" – Frühling', 'Course A, "Deluxe" – Frühling', 97 * MICROS, "Monthly $97"),
    ProductFacts("Mastermind", "Mastermind", 1_497 * MICROS, "One-time $1,497"),
    ProductFacts("Buch „Erste\nSchritte“", "Buch „Erste Schritte“", 12_500_000, "1"),
    ProductFacts("Coaching  3 x 499", "Coaching 3 x 499", 499 * MICROS, "3 x $499"),
    ProductFacts("Thirds of a bundle", "Thirds of a bundle", 33_333_333, "2"),
    ProductFacts("=SUM(1,2) workshop", "=SUM(1,2) workshop", 1_234_560_000, "@home"),
    ProductFacts("🔥 Launch | 客户", "🔥 Launch | 客户", 27 * MICROS, "1"),
    ProductFacts("Free taster", "Free taster", 0, "1"),
)
PLAIN_PRODUCT = PRODUCTS[1]


class TypeFacts(NamedTuple):
    """A transaction type: how it is written, its option value, its sign, or why it is set aside (kartra.md 2.2)."""

    written: tuple[str, ...]
    value: str
    sign: int
    aside: str | None = None


SALE = TypeFacts(("Sale", "Sale", "sale"), "SALE", 1)
REBILL = TypeFacts(("Rebill",), "REBILL", 1)
REFUND = TypeFacts(("Refund", "Refund", "REFUND"), "REFUND", -1)
PARTIAL_REFUND = TypeFacts(("Partial refund", "partial_refund"), "PARTIAL_REFUND", -1)
CHARGEBACK = TypeFacts(("Chargeback",), "CHARGEBACK", -1)
FAILED = TypeFacts(("Failed", "Failed", "failed"), "FAILED", 0, "failed")
CANCELLATION = TypeFacts(("Cancellation",), "CANCELLATION", 0, "cancellation")
REQUEST_CAN = TypeFacts(("Request Can.",), "REQUEST_CAN", 0, "request_can")
REVERT_CAN = TypeFacts(("Revert Can.",), "REVERT_CAN", 0, "revert_can")
TYPES = (SALE, REBILL, REFUND, PARTIAL_REFUND, CHARGEBACK, FAILED, CANCELLATION, REQUEST_CAN, REVERT_CAN)
TYPE_WEIGHTS = (40, 28, 6, 2, 1, 9, 8, 4, 2)
"""About as often as in the one real file that was counted (kartra.md section 2.2)."""

PROCESSORS = ("Stripe", "PayPal", "Authorize.net", "Braintree")

SALE_COMPANIES = (
    CompanyFacts("sablefinch llc", ("Sable & Finch LLC", "SABLE & FINCH, L.L.C."), ("Sable & Finch",)),
    CompanyFacts("otterworks gmbh", ("Otter Works GmbH",)),
    CompanyFacts("quill", ("Quill",)),
)
"""Companies that no contact names, only sales do."""

NOTES = (
    "Asked for an invoice.\n\n- pays by transfer\n- *prefers* mail",
    "Never ring before 10 am",
    '="quoted", with a comma',
)

CALENDARS = (
    ("Discovery calls", "30 min, intro", "Discovery calls – 30 min, intro"),
    ('VIP "day"', "Full day\n(on site)", 'VIP "day" – Full day (on site)'),
    ("Office hours", "", "Office hours"),
    ("", "Yoga, beginners", "Yoga, beginners"),
)
"""Calendar, class, and the two as a task's title has them."""

HOSTS = (("Ann", "Host"), ("Co", "Høst"))

SEQUENCES = ("Welcome", "Launch 2026, part 1", "Win-back 🌟", "=Formula sequence")
STEPS = ("1", "2", "4", "7", "12a")
MEMBERSHIPS = (("Course A", "Gold"), ("Circle", ""))
LISTED_TAG = OptionFacts("VIP; gold", "VIP_GOLD")
"""A tag that no cell cut at semicolons could hold."""
OLD_LIST = "Webinar 2019"
