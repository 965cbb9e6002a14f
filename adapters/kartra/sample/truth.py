"""What must come of a sample, worked out from how it was made up and never by the code that maps it.

`truth.json`: `{"seed", "contacts", "files": [{"name", "rows"}], "people": [{"email", "fields", "company", "rows"}],
"companies": [{"key", "name"}], "held": [{"file", "line", "column", "reason"}]}`. `fields` are Twenty's person fields in
stored form, `company` is the company's key or null, `rows` are `file:line`, oldest first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.kartra.sample.catalog import CompanyFacts
from adapters.kartra.sample.cells import Cell
from adapters.kartra.sample.people import Row, union


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a contact that lands: where it stands and what the file has of it."""

    file: str
    line: int
    cells: Row


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that must be held."""

    file: str
    line: int
    column: str
    reason: str


_CUSTOM = {
    "coaching_goal": "kartraFieldCoachingGoal",
    "budget_band": "kartraFieldBudgetBand",
    "topics_of_interest": "kartraFieldTopicsOfInterest",
    "birthday": "kartraFieldBirthday",
}
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
    **_CUSTOM,
}
_ADDRESS = {
    "address": "addressStreet1",
    "city": "addressCity",
    "state": "addressState",
    "zip": "addressPostcode",
    "country": "addressCountry",
}
_PROFILES = (("website", ""), ("facebook", "Facebook"), ("twitter", "X"))


def expected_person(rows: Sequence[Placed], keys: Mapping[str, str]) -> dict[str, Any]:
    """One entry of `people`. `keys` has the key a company ended up with, by the key it was made with."""
    newest = _overlay(rows)
    company: CompanyFacts | None = newest["company"].meaning if "company" in newest else None
    return {
        "email": newest["email"].meaning,
        "fields": _fields(newest, [placed.cells for placed in rows]),
        "company": keys[company.key] if company else None,
        "rows": [f"{placed.file}:{placed.line}" for placed in rows],
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


def _company_cells(rows: Iterable[Placed]) -> Iterable[tuple[Cell, CompanyFacts]]:
    cells = (placed.cells.get("company") for placed in rows)
    return ((cell, cell.meaning) for cell in cells if cell is not None and not cell.empty)


def _overlay(rows: Sequence[Placed]) -> Row:
    """The newest cell that is not empty, column by column."""
    newest: Row = {}
    for placed in rows:
        newest |= {column: cell for column, cell in placed.cells.items() if not cell.empty}
    return newest


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
