"""Made-up people, companies and sales: names and addresses that vary and repeat as a real account's do.

Everything follows from a seed and a number; nothing is remembered.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec

FIRST = (
    "Anna", "Maria", "John", "Li", "Fatima", "Björn", "Chloé", "Seán", "Priya", "Katarzyna", "Valérie", "Ahmed",
    "Olga", "Jürgen", "Inês", "Tomás", "Zoë", "Noor", "Hiro", "Ana", "Peter", "Laura", "Marco", "Elena", "David",
    "Sofia", "Lucas", "Emma", "Omar", "Ingrid", "Pablo", "Nina", "Karl", "Yusuf", "Greta", "Mateo", "Alice", "Ivan",
    "Ruth", "Dana",
)  # fmt: skip
LAST = (
    "Smith", "Müller", "García", "Andersson", "Nowak", "Rossi", "Dubois", "Jónsdóttir", "O'Brien", "Pérez",
    "Tanaka", "Khan", "Silva", "Novák", "Jensen", "Kowalski", "Larsson", "Böhm", "Castro", "Ruiz", "Quinn", "Zając",
    "Håkansson", "Wang", "Brown", "Martin", "Costa", "Weber", "Lindqvist", "Moreau", "Haddad", "Okafor", "Ito",
)  # fmt: skip
_SYLLABLES = (
    "ba", "be", "bo", "da", "de", "do", "fa", "ga", "go", "ha", "ka", "ki", "ko", "la", "le", "lo", "ma", "mi",
    "mo", "na", "ne", "no", "pa", "ra", "ri", "ro", "sa", "se", "ta", "to", "va", "vi", "wa", "ze", "zu",
)  # fmt: skip
COLUMNS = (
    "id", "email", "first_name", "middle_name", "last_name", "phone_country_code", "phone", "company", "address",
    "city", "state", "zip", "country", "date_joined", "website", "ip", "ip_country", "facebook", "twitter",
    "linkedin", "sales_tax_id", "source", "score", "lead_preferred_time_zone", "blacklisted", "gdpr_lead_status",
    "gdpr_lead_status_date", "gdpr_lead_communications", "lists", "tags", "notes", "coaching_goal", "budget_band",
    "topics_of_interest",
)  # fmt: skip
SALES_COLUMNS = (
    "id", "lead_id", "buyer_name", "buyer_email", "buyer_city", "buyer_country", "product", "price_point",
    "transaction_type", "processor", "processor_transaction_id", "date", "amount:USD", "base_price:USD",
    "sales_tax:USD", "revenue:USD", "subscription_id", "quantity", "trial", "coupon_code",
)  # fmt: skip
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org")
_PLACES = (
    ("Göteborg", "Västra Götaland", "411 24", "Sweden", "SE", "+46"),
    ("Berlin", "Berlin", "10115", "Germany", "DE", "+49"),
    ("Washington", "DC", "20001", "United States", "US", "+1"),
    ("Kraków", "Małopolskie", "30-001", "Poland", "PL", "+48"),
    ("Lyon", "Rhône", "69001", "France", "FR", "+33"),
)
_TAGS = ("VIP", "Paid", "Course A", "Webinar replay", "2024 buyers", "VIP gold", "Buyer: Course A", "Cold")
_LISTS = ("Newsletter", "Webinar 2021", "DACH", "Kunden", "Lista A")
_BANDS = ("0", "1k-5k", "5k-20k", "20k+")
_PRODUCTS = (("Mastermind", 1497), ("Coaching 3 x 499", 499), ("Course A", 97), ("Free taster", 0), ("Retreat", 2900))


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One contact. `number` is Kartra's, which a quarter of them are exported without; `company` counts companies."""

    index: int
    number: str | None
    email: str
    first: str
    last: str
    company: int | None
    note: str
    place: tuple[str, ...]
    joined: str
    tags: tuple[str, ...]
    lists: tuple[str, ...]
    phone: str
    band: str
    score: int

    @property
    def name(self) -> str:
        """The full name, as lists show it."""
        return f"{self.first} {self.last}"

    @property
    def cells(self) -> dict[str, str]:
        """The row of the export."""
        city, state, zip_code, country, code, calling = self.place
        company = "-" if self.company is None else company_name(self.company)
        return {
            "id": self.number or "", "email": self.email, "first_name": self.first, "middle_name": "n/a",
            "last_name": self.last, "phone_country_code": calling, "phone": self.phone, "company": company,
            "address": f"Storgatan {self.index % 400}, lgh 1102", "city": city, "state": state, "zip": zip_code,
            "country": country, "date_joined": self.joined[:10], "website": f"https://example.com/c{self.index}",
            "ip": f"203.0.113.{self.index % 250}", "ip_country": code, "facebook": "N/A",
            "twitter": f"x.com/c{self.index}", "linkedin": f"https://linkedin.com/c{self.index}",
            "sales_tax_id": f"{code}{self.index:012}", "source": "double-optin", "score": str(self.score),
            "lead_preferred_time_zone": "Europe/Stockholm", "blacklisted": "0", "gdpr_lead_status": "1",
            "gdpr_lead_status_date": "2021-03-14 02:31:10", "gdpr_lead_communications": "1",
            "lists": ";".join(self.lists), "tags": ";".join(self.tags), "notes": self.note,
            "coaching_goal": "Grow to 6 figures,\nthen hire", "budget_band": self.band,
            "topics_of_interest": "Email;Funnels",
        }  # fmt: skip

    @property
    def fields(self) -> dict[str, Any]:
        """The record made of it."""
        code, calling = self.place[4:]
        site = f"https://example.com/c{self.index}"
        return {
            "createdAt": self.joined,
            "emails": {"additionalEmails": [], "primaryEmail": self.email},
            "kartraAddress": self._address,
            "kartraBlocked": False,
            "kartraFieldBudgetBand": f"OPT_{_option(self.band)}",
            "kartraFieldCoachingGoal": "Grow to 6 figures,\nthen hire",
            "kartraFieldTopicsOfInterest": ["EMAIL", "FUNNELS"],
            "kartraGdprStatus": "ACCEPTED",
            "kartraIp": f"203.0.113.{self.index % 250}",
            "kartraJoinedAt": self.joined,
            "kartraLists": list(map(_option, self.lists)),
            "kartraMayContact": True,
            "kartraScore": self.score,
            "kartraSource": "double-optin",
            "kartraTags": list(map(_option, self.tags)),
            "kartraTaxId": f"{code}{self.index:012}",
            "kartraTimeZone": "Europe/Stockholm",
            "kartraWebsite": {"primaryLinkLabel": "", "primaryLinkUrl": site, "secondaryLinks": []},
            "name": {"firstName": self.first, "lastName": self.last},
            "phones": {
                "additionalPhones": [],
                "primaryPhoneCallingCode": calling,
                "primaryPhoneCountryCode": code,
                "primaryPhoneNumber": self.phone,
            },
            **({"kartraId": self.number} if self.number else {}),
        }

    @property
    def _address(self) -> dict[str, str]:
        city, state, zip_code, country, *_ = self.place
        return {
            "addressCity": city,
            "addressCountry": country,
            "addressPostcode": zip_code,
            "addressState": state,
            "addressStreet1": f"Storgatan {self.index % 400}, lgh 1102",
            "addressStreet2": "",
        }


def person(seed: int, index: int, companies: int, score: int | None = None) -> Person:
    """The contact of a number."""
    dice = Random(seed * 1_000_003 + index)
    first = dice.choice(FIRST) + (f" {dice.choice('ABEJKLMT')}." if dice.random() < 0.2 else "")
    # A third bear a family name that few others do.
    last = dice.choice(LAST) if dice.random() < 0.66 else rare_name(dice)
    # Some companies have many people, most have few.
    company = min(int(dice.expovariate(1) * companies / 4), companies - 1) if dice.random() < 0.4 else None
    year, month, day = dice.randrange(2019, 2026), dice.randrange(1, 13), dice.randrange(1, 29)
    note = f'Called on {year}-{month:02}-{day:02}.\nWants the "annual" plan.' if dice.random() < 0.034 else ""
    points = dice.randrange(2000)
    return Person(
        index=index,
        number=None if dice.random() < 0.25 else str(4_100_000 + index),
        email=f"{_plain(first)}.{_plain(last)}{index}@{dice.choice(_DOMAINS)}",
        first=first,
        last=last,
        company=company if companies else None,
        note=note,
        place=dice.choice(_PLACES),
        joined=f"{year}-{month:02}-{day:02}T{dice.randrange(24):02}:14:05.000Z",
        tags=tuple(dice.sample(_TAGS, dice.randrange(4))),
        lists=tuple(dice.sample(_LISTS, dice.randrange(1, 4))),
        phone=f"7{dice.randrange(10**8):08}",
        band=dice.choice(_BANDS),
        score=points if score is None else score,
    )


def rare_name(dice: Random) -> str:
    """A family name of three or four syllables."""
    return "".join(dice.choice(_SYLLABLES) for _ in range(dice.choice((3, 4)))).capitalize()


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())


def _option(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text.upper())


def company_name(index: int) -> str:
    """The name of a company."""
    dice = Random(index * 7919 + 17)
    return f"{rare_name(dice)} {dice.choice(('Inc', 'GmbH', 'AB', 'Ltd', 'Bridge', 'West', 'Studio'))}"


class Sale(msgspec.Struct, frozen=True):
    """One line of a transactions export; a `failed` one becomes no record."""

    number: str
    failed: bool
    product: str
    cells: Mapping[str, str]
    fields: Mapping[str, Any]


def sale(seed: int, index: int, buyer: Person) -> Sale:
    """The transaction of a number, which somebody bought."""
    dice = Random(seed * 1_000_033 + index)
    number, failed = str(48_000 + index), dice.random() < 0.1
    product, price = dice.choice(_PRODUCTS)
    when = f"{dice.randrange(2020, 2026)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
    processor = dice.choice(("Stripe", "PayPal", "Authorize.net"))
    money = f"{price}.00"
    cells = {
        "id": number, "lead_id": buyer.number or "", "buyer_name": buyer.name, "buyer_email": buyer.email,
        "buyer_city": buyer.cells["city"], "buyer_country": buyer.cells["country"], "product": product,
        "price_point": "1", "transaction_type": "Failed" if failed else "Sale", "processor": processor,
        "processor_transaction_id": f"ch_example{index}", "date": f"{when} 07:32:55", "amount:USD": money,
        "base_price:USD": money, "sales_tax:USD": "0.00", "revenue:USD": money, "subscription_id": "N/A",
        "quantity": "1", "trial": "No", "coupon_code": "",
    }  # fmt: skip
    fields = {
        "amount": {"amountMicros": price * 1_000_000, "currencyCode": "USD"}, "closeDate": f"{when}T11:32:55.000Z",
        "createdAt": f"{when}T11:32:55.000Z", "kartraProcessor": processor, "kartraTransactionId": number,
        "kartraTransactionType": "SALE", "name": product, "stage": "CUSTOMER",
    }  # fmt: skip
    return Sale(number, failed, product, cells, fields)
