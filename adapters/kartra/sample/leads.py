"""Answers of Kartra's API about leads, one a line (kartra.md section 6.2): contacts of the exports, and some others."""

from collections.abc import Sequence
from random import Random
from typing import Any

from adapters.kartra.sample import goods
from adapters.kartra.sample.awkward import MALFORMED, stranger_number
from adapters.kartra.sample.books import Fate, HeldRow, Row
from adapters.kartra.sample.cells import Cell, text
from adapters.kartra.sample.contacts import contact_stream
from adapters.kartra.sample.folder import Folder, file_name
from adapters.kartra.sample.lines import LinesFile, number
from adapters.kartra.sample.own_fields import own_cells, own_entries
from adapters.kartra.sample.people import Contact, contact, row

_KIND = "lead_details"
_AGE = 5
_SHARE_ANSWERED = 0.3
_SHARE_AGAIN = 0.1
_CONTACTS_A_STRANGER = 25
_SCALARS = (
    "id", "email", "first_name", "middle_name", "last_name", "last_name2", "phone_country_code", "phone", "company",
    "address", "city", "state", "zip", "country", "date_joined", "website", "ip", "ip_country", "facebook",
    "twitter", "linkedin", "sales_tax_id", "source", "score", "lead_preferred_time_zone", "blacklisted",
    "gdpr_lead_status", "gdpr_lead_status_date", "gdpr_lead_communications", "notes",
)  # fmt: skip
_NUMBERS = frozenset({"id", "score", "blacklisted", "gdpr_lead_status", "gdpr_lead_communications"})
_NOT_PLACED = (
    b'{"status":"Error","message":"No lead found","type":"234"}',
    b'{"status":"Success","lead_details":{"id":"41000',
    b"<html>502 Bad Gateway</html>",
)
_NO_EMAILS = (
    (Cell("", blank=True), Fate(held="email_missing", column="email")),
    (Cell("not-an-email"), Fate(held="email_invalid", column="email")),
)


def write_leads(folder: Folder, contacts: Sequence[Contact], companies: int) -> list[Contact]:
    """Write the answers; return the contacts no export has."""
    random = folder.random(_KIND)
    file = LinesFile(file_name("lead_details", _AGE, "jsonl"), _KIND)
    strangers = [
        contact(len(contacts) + index, random, companies, dirty=True)
        for index in range(1 + len(contacts) // _CONTACTS_A_STRANGER)
    ]
    answered = [one for one in contacts if one.index == 0 or random.random() < _SHARE_ANSWERED]
    for one in (*answered, *strangers):
        _answer(folder, file, one, random, _sequences(random))
        if random.random() < _SHARE_AGAIN or one.index == 0:
            _answer(folder, file, one, random, [_step(goods.SEQUENCES[0], random)])
    _have_accidents(folder, file, strangers[0], random)
    folder.save(file, _AGE)
    return strangers


def _have_accidents(folder: Folder, file: LinesFile, template: Contact, random: Random) -> None:
    books = folder.books
    file.blank()
    for line in _NOT_PLACED:
        books.held.append(HeldRow(file=file.name, line=file.broken(line), column=None, reason=MALFORMED))
    for email, fate in _NO_EMAILS:
        made = _row(template, random) | {"id": text(stranger_number(len(books.held))), "email": email}
        books.enter(file, file.entry(_lead(made, [], random)), "", made, fate)


def _answer(folder: Folder, file: LinesFile, one: Contact, random: Random, sequences: list[dict[str, Any]]) -> None:
    made = _row(one, random)
    made["sequences"] = Cell("sequences" if sequences else "", sequences)
    lead = _lead(made, sequences, random)
    # A collector keeps the whole answer, the lead under its name, or the lead alone.
    value = random.choice(({"status": "Success", "lead_details": lead}, {"lead_details": lead}, lead))
    folder.books.enter(file, file.entry(value), contact_stream(one), made)


def _row(one: Contact, random: Random) -> Row:
    made = row(one, random, dirty=True, commas=False) | own_cells(random)
    tags = made["tags"].meaning or ()
    if random.random() < 0.1 or one.index == 0:
        made["tags"] = Cell("tags", (*tags, goods.LISTED_TAG))
    if random.random() < 0.5:
        made["notes"] = text(random.choice(goods.NOTES))
    return made


def _lead(made: Row, sequences: list[dict[str, Any]], random: Random) -> dict[str, Any]:
    scalars = {name: made[name].written for name in _SCALARS}
    numbers = {name: number(scalars[name], random) for name in _NUMBERS}
    return {
        **scalars,
        **numbers,
        "source_id": "7",
        "referring_id": 0,
        "lead_picture": "https://example.com/picture.png",
        "google_plus": None,
        "tags": [{"tag_id": "11", "tag_name": tag.name} for tag in _options(made, "tags")],
        "lists": _lists(made, random),
        "sequences": sequences,
        "memberships": _memberships(random),
        "custom_fields": own_entries(made),
    }


def _options(made: Row, column: str) -> Sequence[Any]:
    return () if made[column].blank else made[column].meaning


def _lists(made: Row, random: Random) -> list[dict[str, Any]]:
    """The lists a lead is on, and one it left."""
    active = [
        {"list_id": 3, "list_name": entry.name, "active": number("1", random)} for entry in _options(made, "lists")
    ]
    left = {"list_id": "4", "list_name": goods.OLD_LIST, "active": number("0", random)}
    return [*active, left] if random.random() < 0.4 else active


def _sequences(random: Random) -> list[dict[str, Any]]:
    return [_step(name, random) for name in random.sample(goods.SEQUENCES, random.randrange(3))]


def _step(name: str, random: Random) -> dict[str, Any]:
    status = random.choice(("active", "active", "unsubscribed"))
    return {"sequence_id": "8", "sequence_name": name, "step": random.choice(goods.STEPS), "status": status}


def _memberships(random: Random) -> list[dict[str, Any]]:
    if random.random() < 0.7:
        return []
    name, level = random.choice(goods.MEMBERSHIPS)
    return [{"membership_id": "2", "membership_name": name, "level_id": "5", "level_name": level, "active": "1"}]
