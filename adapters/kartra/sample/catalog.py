"""What made-up contacts are made of. Nobody here is real: names are common ones, phone numbers lie in ranges kept
free for fiction or follow their country's pattern, domains are those reserved for examples.
"""

from typing import NamedTuple

FIRST_NAMES = (
    "Ada",
    "Ana María",
    "Björn",
    "Chloé",
    "Dimitri",
    "Elena",
    "Fatima",
    "Gus",
    "Håkon",
    "Ines",
    "José",
    "Katarzyna",
    "Liam",
    "Madonna",
    "Nguyễn",
    "Óscar",
    "Priya",
    "Quentin",
    "Renée",
    "Seán",
    "Tomás",
    "Ümit",
    "Valérie",
    "Wei",
    "Xenia",
    "Yusuf",
    "Zoë",
    "伟",
    "美咲",
)
LAST_NAMES = (
    "Anderson", "Böhm", "Castro", "D'Angelo", "Eriksson", "Fernández", "García", "Håkansson", "Ivanov", "Jónsdóttir",
    "Kowalski", "Lärsson-O'Brien", "Müller", "Núñez", "O’Hara", "Pérez", "Quinn", "Rossi", "Sørensen", "Tanaka",
    "Ólafur", "Vega", "Wright", "李", "佐藤", "Yılmaz", "Zając", "Smith, Jr.",
)  # fmt: skip
DOMAINS = ("example.com", "example.net", "example.org", "mail.example.com", "co.example.net")


class CountryFacts(NamedTuple):
    """A country with what a row and Twenty say of it.

    `written` are names people type, `national` and `digits` format one number from three digits: as written at home and
    as the national significant number.
    """

    code: str
    name: str
    written: tuple[str, ...]
    calling: str
    national: str
    digits: str
    places: tuple[tuple[str, str, str], ...]


COUNTRIES = (
    CountryFacts(
        "US", "United States", ("United States", "USA", "US"), "+1", "(202) 555-0{tail}", "2025550{tail}",
        (("Washington", "DC", "00501"), ("Springfield", "IL", "62701")),
    ),
    CountryFacts(
        "CA", "Canada", ("Canada", "CA"), "+1", "416-555-0{tail}", "4165550{tail}", (("Toronto", "ON", "M5V 2T6"),),
    ),
    CountryFacts(
        "SE", "Sweden", ("Sweden", "SE", "Schweden"), "+46", "070-174 0{tail}", "701740{tail}",
        (("Göteborg", "Västra Götaland", "411 24"), ("Malmö", "Skåne", "211 20")),
    ),
    CountryFacts(
        "DE", "Germany", ("Germany", "Deutschland"), "+49", "030 23125{tail}", "3023125{tail}",
        (("Berlin", "Berlin", "10115"), ("Dresden", "Sachsen", "01067")),
    ),
    CountryFacts(
        "AU", "Australia", ("Australia",), "+61", "0491 570 {tail}", "491570{tail}", (("Perth", "WA", "6000"),),
    ),
    CountryFacts(
        "IE", "Ireland", ("Ireland",), "+353", "(01) 555 0{tail}", "15550{tail}", (("Dublin", "Leinster", "D01 F5P2"),),
    ),
    CountryFacts(
        "CN", "China", ("China", "中国"), "+86", "138 0013 0{tail}", "13800130{tail}", (("上海", "上海", "200000"),),
    ),
    CountryFacts(
        "ES", "Spain", ("Spain", "España"), "+34", "612 345 {tail}", "612345{tail}",
        (("Sevilla", "Andalucía", "41001"),),
    ),
)  # fmt: skip


class OptionFacts(NamedTuple):
    """A tag or list: its name in Kartra, and the option value it must become."""

    name: str
    value: str


COMMA_FREE_TAGS = (
    OptionFacts("Buyer: Course A", "BUYER_COURSE_A"),
    OptionFacts("course-a", "COURSE_A"),
    OptionFacts("2024 buyers", "OPT_2024_BUYERS"),
    OptionFacts("Ñandú", "NANDU"),
    OptionFacts("🔥", "OPT_ED8D"),
    OptionFacts("客户", "OPT_AD4A"),
    OptionFacts('=HYPERLINK("https://example.org")', "HYPERLINK_HTTPS_EXAMPLE_ORG"),
    OptionFacts("Webinar | replay", "WEBINAR_REPLAY"),
    OptionFacts("paid", "PAID"),
)
FIRST_TAG = OptionFacts("VIP 🌟", "VIP")
"""On the very first row, so that it takes the plain slug its rival below would have as well."""
RIVAL_TAG = OptionFacts("vip", "VIP_F950")
TAGS_WITH_COMMA = (OptionFacts("Leads, warm", "LEADS_WARM"),)
COMMA_FREE_LISTS = (
    OptionFacts("Newsletter", "NEWSLETTER"),
    OptionFacts("Webinar 2021", "WEBINAR_2021"),
    OptionFacts("Lista A", "LISTA_A"),
    OptionFacts("Kunden", "KUNDEN"),
    OptionFacts("DACH", "DACH"),
)
LISTS_WITH_COMMA = (OptionFacts("Kunden, DACH", "KUNDEN_DACH"),)


class CompanyFacts(NamedTuple):
    """A company: the key all its spellings share, those spellings, and those that leave the legal form out."""

    key: str
    spellings: tuple[str, ...]
    bare: tuple[str, ...] = ()


ODD_COMPANIES = (
    CompanyFacts("larssonsoner ab", ("Lärsson & Söner, AB", "LARSSON & SÖNER AB"), ("Lärsson & Söner",)),
    CompanyFacts("oharathecoach ltd", ('O’Hara "The Coach" Ltd', "O'Hara The Coach Limited")),
    CompanyFacts("acme inc", ("Acme, Inc.", "ACME Incorporated", "Acme  Inc"), ("acme",)),
    CompanyFacts("nordlicht gmbh", ("Nordlicht GmbH", "NORDLICHT GMBH")),
    CompanyFacts("nordlicht ag", ("Nordlicht AG",)),
    CompanyFacts("東京商会", ("東京商会",)),
    CompanyFacts("acmewest", ("Acme West",)),
)
"""Spellings that are one company, and names that only look like one."""

_FIRST_PARTS = ("Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper")
_SECOND_PARTS = ("Atlas", "Bridge", "Compass", "Delta", "Engine", "Foundry", "Garden", "House", "Island", "Journal")
_FORMS = (("Inc", "inc"), ("LLC", "llc"), ("GmbH", "gmbh"), ("Ltd", "ltd"), ("", ""))


def plain_company(index: int) -> CompanyFacts:
    """The company number `index`: no two of them share a name, with or without their legal forms."""
    first = _FIRST_PARTS[index % 10]
    second = _SECOND_PARTS[index // 10 % 10]
    serial = f" {index // 100}" if index >= 100 else ""
    form, canonical = _FORMS[index % len(_FORMS)]
    name = f"{first} {second}{serial}"
    key = f"{name.replace(' ', '').lower()} {canonical}".strip()
    return CompanyFacts(key, (f"{name} {form}".strip(),))
