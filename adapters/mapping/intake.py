"""What is to be told of one row by itself: history or record, which stream, who bought, and why it must be held.

Rules: DESIGN section 5. A transaction's type is looked at first, then its number; its date, its amount and its buyer
decide later, since a mapping or a newer export can still settle them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from adapters.mapping.bookings import events_of
from adapters.mapping.config import MappingConfig
from adapters.mapping.dates import date_time
from adapters.mapping.emails import normalise_email
from adapters.mapping.money import amount_of
from adapters.mapping.scalars import kartra_number
from adapters.mapping.targets import COMPANY, targets
from adapters.mapping.text import clean, one_line, present
from adapters.mapping.transactions import transaction_type
from adapters.mapping.types import SourceRow
from adapters.mapping.values import Parsed, Refusal

NOT_A_BOOKING = "not_a_booking"
"""Why a webhook event that is none of a calendar's is set aside."""

LONGEST_KEY = 200
"""Characters of a key; Kartra's have about a dozen."""

_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "transactions": ("transaction", "id"),
        "subscriptions": ("subscription", "subscription_id"),
        "bookings": ("booking", "calendar_subscription_id"),
        "affiliates": ("affiliate", "username"),
    }
)
_CONTACT_KEY = "id"
_PERSONAL = frozenset({"affiliates"})
_BUYERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "transactions": ("lead_id", "buyer_email"),
        "subscriptions": ("lead_id", "buyer_email"),
        "bookings": ("lead_id", "email"),
        "affiliates": ("", "email"),
    }
)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row must be held: one of DESIGN section 5's reason codes, the column at fault, and words."""

    reason: str
    column: str
    detail: str


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """The stream a row belongs to; a `personal` value is known by its digest only."""

    stream: str
    value: str
    personal: bool


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a row names: Kartra's number, the e-mail, and the column to point at where neither is known."""

    number: str | None
    email: str | None
    column: str


def set_aside(row: SourceRow) -> str | None:
    """Why a row is history and no record, or None where it is one."""
    if row.kind == "bookings" and row.cells.get("action") and not row.cells.get("calendar_subscription_id"):
        return NOT_A_BOOKING
    if row.kind != "transactions":
        return None
    kind = transaction_type(row.cells.get("transaction_type"))
    return kind.reason if kind else None


def key_of(row: SourceRow) -> Key | Fault:
    """The stream of a row that is no contact's."""
    stream, column = _KEYS[row.kind]
    text = present(_sound(row.cells.get(column, "")))
    if text is None:
        return Fault(reason="identity_missing", column=column, detail=f"no {column}")
    if len(text) > LONGEST_KEY:
        told = f"{column} has {len(text):,} characters, {LONGEST_KEY} at most can be a key"
        return Fault(reason="identity_missing", column=column, detail=told)
    personal = row.kind in _PERSONAL
    return Key(stream=stream, value=personal_key(text) if personal else text, personal=personal)


def identity_fields(config: MappingConfig) -> dict[str, tuple[str, ...]]:
    """By object, the fields that hold what Kartra knows a record by: two records that agree in one are one, twice."""
    found: dict[str, list[str]] = {
        COMPANY: [name for name, made in config.company.fields.items() if made.transform == "company_key"]
    }
    for target in targets(config):
        column = _KEYS[target.kind][1] if target.kind in _KEYS else _CONTACT_KEY
        found.setdefault(target.object, []).extend(
            name for name, spec in target.fields.items() if spec.columns == (column,)
        )
    return {name: tuple(fields) for name, fields in found.items()}


def personal_key(name: str) -> str:
    """A user name as it is compared: case tells nobody apart, accents do."""
    return _sound(name).casefold()


def _sound(text: str) -> str:
    """A key without what a database refuses, on one line; empty where there is none."""
    return one_line(clean(text).value or "")


def buyer_of(row: SourceRow) -> Buyer | None:
    """Whom a row names, or None where it names nobody."""
    number_column, email_column = _BUYERS[row.kind]
    number = kartra_number(row.cells.get(number_column)).value
    written = present(row.cells.get(email_column))
    if number is None and written is None:
        return None
    email = normalise_email(written)
    known = None if isinstance(email, Refusal) else email
    return Buyer(number=number, email=known, column=number_column if written is None else email_column)


def fault_of(rows: Sequence[SourceRow], at: int, config: MappingConfig) -> Fault | None:
    """Why row `at` of a stream's rows cannot become a record: its date or its amount cannot be read."""
    row = rows[at]
    if row.kind == "transactions":
        return _date_fault(row, "date", config) or _amount_fault(row, config)
    if row.kind == "bookings":
        return _event_fault(rows, at, config)
    return None


def _date_fault(row: SourceRow, column: str, config: MappingConfig) -> Fault | None:
    return _unless_read(date_time(row.cells.get(column), config.source.zone, config.source.slash_dates), column)


def _unless_read(read: Parsed[str], column: str) -> Fault | None:
    if read.value is not None:
        return None
    return Fault(reason="date_invalid", column=column, detail=read.notes[0].detail if read.notes else "no date")


def _amount_fault(row: SourceRow, config: MappingConfig) -> Fault | None:
    if transaction_type(row.cells.get("transaction_type")) is None:
        detail = f"'{row.cells.get('transaction_type', '')}' is no type of transaction, so the sign is not known"
        return Fault(reason="amount_invalid", column="transaction_type", detail=detail)
    read = amount_of(row.cells, "amount", config.source.currency)
    if read.value is not None:
        return None
    return Fault(reason="amount_invalid", column="amount", detail=read.notes[0].detail if read.notes else "no amount")


def _event_fault(rows: Sequence[SourceRow], at: int, config: MappingConfig) -> Fault | None:
    if events_of(rows[at].cells):
        return _unread_event(rows[at], config)
    # A cancellation need not repeat when: it is about every event that the other rows name, if they can be read.
    told = any(events_of(other.cells) and _unread_event(other, config) is None for other in rows)
    return None if told else Fault(reason="date_invalid", column="event_date", detail="no date")


def _unread_event(row: SourceRow, config: MappingConfig) -> Fault | None:
    source = config.source
    read = (date_time(event.date_text, source.zone, source.slash_dates) for event in events_of(row.cells))
    return next((fault for one in read if (fault := _unless_read(one, "event_date"))), None)
