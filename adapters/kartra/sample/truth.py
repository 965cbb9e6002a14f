"""What must come of a sample, worked out from how it was made up and never by the code that maps it.

`truth.json` is `{"seed", "contacts", "files", "people", "companies", "opportunities", "subscriptions", "affiliates",
"tasks", "notes", "held", "set_aside", "sums", "inventory", "own_fields"}`:

- `files`: `books.FileCounts` of each file;
- `people`: `{"email", "fields", "company", "rows"}`: `fields` are Twenty's person fields in stored form, `company` is
  the company's key or null, `rows` are `file:line`, oldest first; `companies`: `{"key", "name"}`;
- `opportunities` to `notes`: the entries of `expected`;
- `held`: `{"file", "line", "column", "reason"}`; `set_aside`: `{"file", "line", "reason"}`;
- `sums`: `{"type", "currency", "micros"}` of what moved;
- `inventory`: `{"sequence", "active", "unsubscribed", "steps"}`, steps being how many active contacts wait at each;
- `own_fields`: `{"identifier", "field", "type", "options"}` of the account's own fields, options label → value, for
  mappings that type them; `people` has them as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.kartra.sample.books import Placed, Row, overlay
from adapters.kartra.sample.catalog import CompanyFacts
from adapters.kartra.sample.cells import Cell
from adapters.kartra.sample.contacts import contact_stream
from adapters.kartra.sample.expected import Expected, inventory
from adapters.kartra.sample.folder import Folder
from adapters.kartra.sample.own_fields import OWN_FIELDS, OwnField
from adapters.kartra.sample.people import Contact, union

_PLAIN = {
    "date_joined": "kartraJoinedAt",
    "id": "kartraId",
    "source": "kartraSource",
    "score": "kartraScore",
    "gdpr_lead_status": "kartraGdprStatus",
    "gdpr_lead_communications": "kartraMayContact",
    "blacklisted": "kartraBlocked",
    "lead_preferred_time_zone": "kartraTimeZone",
    "ip": "kartraIp",
    "sales_tax_id": "kartraTaxId",
    **{own.identifier: own.field for own in OWN_FIELDS},
}
_ADDRESS = {
    "address": "addressStreet1",
    "city": "addressCity",
    "state": "addressState",
    "zip": "addressPostcode",
    "country": "addressCountry",
}
_PROFILES = (("website", ""), ("facebook", "Facebook"), ("twitter", "X"))


def truth_of(folder: Folder, contacts: Sequence[Contact], said: Mapping[str, Any]) -> dict[str, Any]:
    """The content of truth.json, `said` standing first."""
    books = folder.books
    keys = company_keys(books.in_order)
    people = {one.index: expected_person(books.rows_of(contact_stream(one)), keys) for one in contacts}
    expected = Expected(books, people, keys)
    return {
        **said,
        "files": books.counts(folder.files),
        "people": list(people.values()),
        "companies": expected_companies(books.in_order, keys),
        "opportunities": expected.opportunities(),
        "subscriptions": expected.subscriptions(),
        "affiliates": expected.affiliates(),
        "tasks": expected.tasks(),
        "notes": expected.notes(contacts),
        "held": books.held,
        "set_aside": books.set_aside,
        "sums": expected.sums(),
        "inventory": inventory(books),
        "own_fields": [_own_field(own) for own in OWN_FIELDS],
    }


def expected_person(rows: Sequence[Placed], keys: Mapping[str, str]) -> dict[str, Any]:
    """One entry of `people`. `keys` has the key a company ended up with, by the key it was made with."""
    newest = overlay(rows)
    company: CompanyFacts | None = newest["company"].meaning if "company" in newest else None
    return {
        "email": newest["email"].meaning,
        "fields": _fields(newest, [placed.cells for placed in rows]),
        "company": keys[company.key] if company else None,
        "rows": [placed.ref for placed in rows],
    }


def company_keys(rows: Iterable[Placed]) -> dict[str, str]:
    """The key each company ends up with: without its legal form if no row writes one."""
    written: dict[str, bool] = {}
    for cell, facts in _company_cells(rows):
        written[facts.key] = written.get(facts.key, False) or cell.written not in facts.bare
    return {key: key if formal else key.rpartition(" ")[0] for key, formal in written.items()}


def expected_companies(rows: Iterable[Placed], keys: Mapping[str, str]) -> list[dict[str, str]]:
    """The entries of `companies`, in order of first sight, named by the first spelling."""
    names: dict[str, str] = {}
    for cell, facts in _company_cells(rows):
        names.setdefault(keys[facts.key], " ".join(cell.written.split()))
    return [{"key": key, "name": name} for key, name in names.items()]


def _own_field(own: OwnField) -> dict[str, Any]:
    options = {option.name: option.value for option in own.options}
    return {"identifier": own.identifier, "field": own.field, "type": own.type, "options": options}


def _company_cells(rows: Iterable[Placed]) -> Iterable[tuple[Cell, CompanyFacts]]:
    cells = (placed.cells.get("company", placed.cells.get("buyer_company")) for placed in rows)
    return ((cell, cell.meaning) for cell in cells if cell is not None)


def _fields(newest: Row, rows: Sequence[Row]) -> dict[str, Any]:
    fields = {
        "name": _name(newest),
        "emails": {"primaryEmail": newest["email"].meaning, "additionalEmails": []},
        "phones": _phone(newest).get("phones"),
        "kartraPhoneRaw": _phone(newest).get("raw"),
        "linkedinLink": _links([(_meaning(newest, "linkedin"), "")]),
        "createdAt": _meaning(newest, "date_joined"),
        "kartraAddress": _address(newest),
        "kartraWebsite": _links([(_meaning(newest, column), label) for column, label in _PROFILES]),
        "kartraTags": union(rows, "tags") or None,
        "kartraLists": union(rows, "lists") or None,
        **{field: _meaning(newest, column) for column, field in _PLAIN.items()},
    }
    return {field: value for field, value in fields.items() if value is not None}


def _meaning(newest: Row, column: str) -> Any:
    return newest[column].meaning if column in newest else None


def _phone(newest: Row) -> Mapping[str, Any]:
    return _meaning(newest, "phone") or {}


def _name(newest: Row) -> dict[str, str] | None:
    first = [_meaning(newest, column) for column in ("first_name", "middle_name")]
    last = [_meaning(newest, column) for column in ("last_name", "last_name2")]
    if not any((*first, *last)):
        return None
    return {"firstName": " ".join(filter(None, first)), "lastName": " ".join(filter(None, last))}


def _address(newest: Row) -> dict[str, str] | None:
    parts = {part: _meaning(newest, column) or "" for column, part in _ADDRESS.items()}
    return {**parts, "addressStreet2": ""} if any(parts.values()) else None


def _links(found: Sequence[tuple[str | None, str]]) -> dict[str, Any] | None:
    valid = [{"url": url, "label": label} for url, label in found if url]
    if not valid:
        return None
    primary, *secondary = valid
    return {"primaryLinkUrl": primary["url"], "primaryLinkLabel": primary["label"], "secondaryLinks": secondary}
