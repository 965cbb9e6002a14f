"""Exports of every kind at several moments, and the bytes of a ledger."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.journey.world import Journey

Row = Mapping[str, str]

_FIRST_CLOCK = 0x69A4EF5C
_SALE = {
    "ID": "", "Transaction_Type": "Sale", "Date": "2024-01-03 10:00:00", "Product": "Course", "Buyer_Name": "Bob Two",
    "Buyer_Email": "bob@kartra.example", "Lead_id": "2", "Amount (USD)": "20.00", "Affiliate_Username": "",
    "Affiliate_Name": "", "Affiliate_Email": "",
}  # fmt: skip


def sale(number: str, **said: str) -> dict[str, str]:
    """A sale to Bob, but for what is said otherwise."""
    return {**_SALE, "ID": number, **said}


def export(journey: Journey, age: int, **kinds: Sequence[Row]) -> Path:
    """A folder with a file of each kind, as they are at a moment; a greater age is a later one."""
    folder = journey.folder / f"exports-{age}"
    folder.mkdir()
    for kind, rows in kinds.items():
        path = folder / f"{kind}_{age}_01-03-2026_{_FIRST_CLOCK + age * 86_400:08x}4f5f6.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def left(journey: Journey, *words: str) -> list[str]:
    """Which of these words are in the ledger's files, in any letter case, also as an option's value or in JSON."""
    path = journey.options.ledger
    files = [path, *(Path(f"{path}{ending}") for ending in ("-wal", "-shm"))]
    there = b"".join(one.read_bytes() for one in files if one.exists()).decode(errors="replace").lower()
    return [word for word in words if any(form.lower() in there for form in _forms(word))]


def _forms(word: str) -> set[str]:
    return {word, re.sub(r"[^A-Za-z0-9]+", "_", word), json.dumps(word)[1:-1]}
