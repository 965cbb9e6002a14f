"""Exports of every kind and mappings, written by hand, and loads by them."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from adapters.mapping import shipped_text
from commands.load import load
from commands.loading import Loaded
from commands.main import cli
from commands.portions import Asked
from tests.journey.world import Journey

Cells = Mapping[str, str]

_FIRST_CLOCK = 0x69A4EF5C


def put(folder: Path, word: str, rows: Sequence[Cells], age: int = 0) -> str:
    """Write an export, its columns the keys of the first row, and return its name; a greater age is a later file."""
    path = _path(folder, word, age, "csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path.name


def put_lines(folder: Path, word: str, values: Sequence[Mapping[str, Any]], age: int = 0) -> str:
    """Write a file of JSON values, one a line, and return its name."""
    path = _path(folder, word, age, "jsonl")
    path.write_text("".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values), "utf-8")
    return path.name


def _path(folder: Path, word: str, age: int, suffix: str) -> Path:
    folder.mkdir(exist_ok=True)
    return folder / f"{word}_01-03-2026_{_FIRST_CLOCK + age:08x}4f5f6.{suffix}"


def email_of(number: int) -> str:
    """The e-mail of contact `number`."""
    return f"p{number}@k.example"


def contact(number: int, **more: str) -> dict[str, str]:
    """A row of a contacts export."""
    plain = {"id": str(number), "email": email_of(number), "first_name": f"First{number}", "last_name": "Last"}
    return {**plain, "company": "", "tags": "", "lists": "", "notes": "", **more}


def sale(number: int, buyer: int | None, **more: str) -> dict[str, str]:
    """A row of a transactions export: ten dollars, and as many cents as its number has."""
    what = {"ID": str(number), "Transaction_Type": "Sale", "Date": "2026-02-03 10:00:00", "Product": "Course"}
    whom = {"Buyer_Company": "", "Buyer_Email": "" if buyer is None else email_of(buyer), "lead_id": ""}
    how = {"Amount (USD)": f"10.{number % 100:02d}", "Processor": "Stripe", "Affiliate_Username": ""}
    return {**what, **whom, **how, **more}


def subscription(number: int, buyer: int, **more: str) -> dict[str, str]:
    """A row of a subscriptions export."""
    what = {"Subscription ID": str(number), "Product": "Circle", "Recurrence_Term": "Monthly", "Status": "Active"}
    when = {"Start date": "03 Feb 2026", "End date": "", "Next payment date": "03 Mar 2026"}
    return {**what, "Buyer_Email": email_of(buyer), **when, "Next payment amount": "29.00", **more}


def booking(number: int, buyer: int, **more: str) -> dict[str, str]:
    """A row of a bookings file."""
    what = {"calendar_subscription_id": str(number), "calendar_name": "Calls", "class_name": "Intro"}
    when = {"event_date": "2026-05-04 09:30", "event_duration": "30", "vendor_timezone": "America/Detroit"}
    return {**what, "email": email_of(buyer), **when, "calendar_subscription_status": "Active", **more}


def affiliate(username: str, **more: str) -> dict[str, str]:
    """A row of an affiliates export."""
    return {"Affiliate": "", "Username": username, "Email": "", "Status": "Approved", "Earned": "", "Paid": "", **more}


def edited(text: str, *edits: tuple[str, str]) -> str:
    """A mapping with some words put in place of others, each of which stands there once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def write_mapping(journey: Journey, *edits: tuple[str, str]) -> Path:
    """Make the shipped mapping, edited by hand, the one to be used; nobody has signed it yet."""
    path = journey.folder / "mapping.toml"
    path.write_text(edited(shipped_text(), *edits), "utf-8")
    journey.options.mapping = path
    return path


def sign_mapping(journey: Journey, *edits: tuple[str, str]) -> Path:
    """Edit the shipped mapping and sign it, as an operator does."""
    path = write_mapping(journey, *edits)
    journey.run("confirm", "--yes", "--mapping", str(path))
    return path


class Said(NamedTuple):
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that says what is wrong; nothing else may stand there."""
        [line] = self.err.splitlines()
        return line


def say(journey: Journey, *arguments: str | Path) -> Said:
    """Run a command on the journey's ledger in this process, by the mapping of the journey's options, if any."""
    mapping = ["--mapping", str(journey.options.mapping)] if journey.options.mapping else []
    words = ["--ledger", str(journey.options.ledger), *mapping, *map(str, arguments)]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    return Said(result.exit_code, result.stdout, result.stderr)


async def load_part(journey: Journey, exports: Path, how: str = "leave", **asked: Any) -> Loaded:
    """Load what is asked for of a folder."""
    said = Asked(**asked)
    return await load(journey.options, exports, accept_defaults=True, how=how, beside=False, asked=said)
