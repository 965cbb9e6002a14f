"""A made-up contacts export of thirty columns: a row a contact, phones as people of five countries write them."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.bench.madeup import person

COLUMNS = (
    "id", "email", "first_name", "last_name", "phone_country_code", "phone", "company", "address", "city", "state",
    "zip", "country", "date_joined", "website", "ip", "facebook", "twitter", "linkedin", "sales_tax_id", "source",
    "score", "lead_preferred_time_zone", "blacklisted", "gdpr_lead_status", "gdpr_lead_communications", "lists", "tags",
    "notes", "coaching_goal", "budget_band",
)  # fmt: skip
FILE = "contacts_all_01-03-2026_69a4ef5c4f5f6.csv"
_PHONES: dict[str, Callable[[Random], str]] = {
    "SE": lambda dice: f"070-{dice.randrange(10**7):07}",
    "DE": lambda dice: f"0151 {dice.randrange(10**7, 10**8)}",
    "US": lambda dice: f"(212) {dice.randrange(200, 999)}-{dice.randrange(10**4):04}",
    "PL": lambda dice: f"+48 50{dice.randrange(10)} {dice.randrange(1000):03} {dice.randrange(1000):03}",
    "FR": lambda dice: f"06 {dice.randrange(10**4):04} {dice.randrange(10**4):04}",
}
_UNREADABLE = 0.02
_NO_PHONE = 0.15


def write(path: Path, contacts: int, seed: int) -> None:
    """Write the export of so many contacts; companies are a tenth of them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(_rows(contacts, seed))


def _rows(contacts: int, seed: int) -> Iterator[list[str]]:
    for index in range(contacts):
        one = person(seed, index, max(contacts // 10, 1))
        dice = Random(seed * 1_000_019 + index)
        cells = {**one.cells, "phone": _phone(dice, one.place[4]), "date_joined": one.joined[:19].replace("T", " ")}
        yield [cells[column] for column in COLUMNS]


def _phone(dice: Random, country: str) -> str:
    drawn = dice.random()
    if drawn < _NO_PHONE:
        return ""
    return f"home {dice.randrange(100)}" if drawn < _NO_PHONE + _UNREADABLE else _PHONES[country](dice)
