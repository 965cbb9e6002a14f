"""What must come of orders, subscriptions, bookings, affiliates and notes, worked out from how they were made up.

Every entry is `{"key", "fields", "person", "rows"}`: the record's stream (of an affiliate the user name, of a note the
person's e-mail), Twenty's fields in stored form, the e-mail of the person it points at or null, and its rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.kartra.sample.affiliates import Affiliate
from adapters.kartra.sample.booking_rows import Event
from adapters.kartra.sample.bookings import NOW
from adapters.kartra.sample.books import Books, Placed, Row, overlay
from adapters.kartra.sample.contacts import contact_stream
from adapters.kartra.sample.people import Contact

Entry = dict[str, Any]
_NOW = f"{datetime.fromtimestamp(NOW, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
_CLOSED = frozenset({"Cancelled", "Completed"})
_SUBSCRIPTION = {
    "status": "status",
    "product": "product",
    "recurrence": "recurrence_term",
    "startedAt": "start_date",
    "endedAt": "end_date",
    "nextPaymentAt": "next_payment_date",
    "kartraId": "subscription_id",
}
_OPPORTUNITY = {
    "closeDate": "date",
    "createdAt": "date",
    "kartraTransactionId": "id",
    "kartraProcessor": "processor",
    "kartraSubscriptionId": "subscription_id",
    "kartraCoupon": "coupon_code",
}


class Expected:
    """What must come of the books. `people` are the entries of the truth's people, by the contact's index."""

    def __init__(self, books: Books, people: Mapping[int, Entry], keys: Mapping[str, str]) -> None:
        self._books = books
        self._people = people
        self._emails = {one["email"] for one in people.values()}
        self._keys = keys
        self._sold = [(stream, rows, overlay(rows)) for stream, rows in books.streams("transaction:")]

    def opportunities(self) -> list[Entry]:
        """Money that moved. `company` is the person's, else the one named on the sale."""
        return [
            {**self._entry(stream, rows, _opportunity(newest), newest, "buyer_email"), "company": self._company(newest)}
            for stream, rows, newest in self._sold
        ]

    def subscriptions(self) -> list[Entry]:
        """Subscriptions as records of their own."""
        made = ((stream, rows, overlay(rows)) for stream, rows in self._books.streams("subscription:"))
        return [self._entry(stream, rows, _subscription(row), row, "buyer_email") for stream, rows, row in made]

    def tasks(self) -> list[Entry]:
        """A task for every event of a booking."""
        made = ((stream, rows, overlay(rows)) for stream, rows in self._books.streams("booking:"))
        return [
            self._entry(f"{stream}/{event.minute}", rows, _task(row, event), row, "email")
            for stream, rows, row in made
            for event in row["events"].meaning[1]
        ]

    def notes(self, contacts: Iterable[Contact]) -> list[Entry]:
        """The newest note of every contact that has one."""
        made = ((one, self._books.rows_of(contact_stream(one))) for one in contacts)
        newest = ((self._people[one.index]["email"], rows, overlay(rows)) for one, rows in made)
        return [
            {
                "key": email,
                "fields": {"title": "Kartra note", "bodyV2": {"markdown": row["notes"].meaning}},
                "person": email,
                "rows": [placed.ref for placed in rows],
            }
            for email, rows, row in newest
            if "notes" in row
        ]

    def affiliates(self) -> list[Entry]:
        """Those of the export; and those only sales name, with what these earned them, if it is of one currency."""
        exported = [(overlay(rows), rows) for _, rows in self._books.streams("affiliate:")]
        known = {row["username"].meaning.strip().lower() for row, _ in exported}
        entries = [self._exported(row, rows) for row, rows in exported]
        return entries + [
            self._named_on_sales(one, sales)
            for one, sales in self._sales_by_affiliate().items()
            if one.username not in known
        ]

    def sums(self) -> list[Entry]:
        """What moved, by type and currency."""
        sums: dict[tuple[str, str], int] = {}
        for _, _, newest in self._sold:
            micros, currency = _amount(newest)
            kind = newest["transaction_type"].meaning.value, currency
            sums[kind] = sums.get(kind, 0) + micros
        return [{"type": kind, "currency": code, "micros": micros} for (kind, code), micros in sorted(sums.items())]

    def _entry(self, key: str, rows: Sequence[Placed], fields: Entry, newest: Row, email_column: str) -> Entry:
        one = _buyer(newest, email_column)
        return {
            "key": key,
            "fields": fields,
            "person": self._people[one.index]["email"] if one else None,
            "rows": [placed.ref for placed in rows],
        }

    def _company(self, newest: Row) -> str | None:
        one = _buyer(newest, "buyer_email")
        own: str | None = self._people[one.index]["company"] if one else None
        named = newest.get("buyer_company")
        return own or (self._keys[named.meaning.key] if named else None)

    def _sales_by_affiliate(self) -> Mapping[Affiliate, list[tuple[Row, list[Placed]]]]:
        sales: dict[Affiliate, list[tuple[Row, list[Placed]]]] = {}
        for _, rows, newest in self._sold:
            if "affiliate_username" in newest:
                sales.setdefault(newest["affiliate_username"].meaning, []).append((newest, rows))
        return sales

    def _exported(self, row: Row, rows: Sequence[Placed]) -> Entry:
        name = row["affiliate"].meaning if "affiliate" in row else row["username"].meaning
        email = _meaning(row, "email")
        money = {column: _currency(_meaning(row, column)) for column in ("earned", "due", "paid")}
        fields = {
            "name": name,
            "username": row["username"].meaning,
            "email": _emails(email),
            "status": _meaning(row, "status"),
        }
        return self._affiliate(row["username"].meaning, email, fields | money, rows)

    def _named_on_sales(self, one: Affiliate, sales: Sequence[tuple[Row, list[Placed]]]) -> Entry:
        fields = {"name": one.name, "username": one.username, "email": _emails(one.email), "earned": _earned(sales)}
        return self._affiliate(one.username, one.email, fields, [placed for _, rows in sales for placed in rows])

    def _affiliate(self, key: str, email: str | None, fields: Entry, rows: Iterable[Placed]) -> Entry:
        return {
            "key": key,
            "fields": _filled(fields),
            "person": email if email in self._emails else None,
            "rows": [placed.ref for placed in rows],
        }


def inventory(books: Books) -> list[Entry]:
    """By sequence: the contacts active and unsubscribed, and where the active ones wait, by the newest answers."""
    found: dict[str, Entry] = {}
    for _, rows in books.streams("contact:"):
        answers = [placed.cells["sequences"] for placed in rows if "sequences" in placed.cells]
        for entry in answers[-1].meaning if answers else ():
            name, step = entry["sequence_name"], entry["step"]
            of = found.setdefault(name, {"sequence": name, "active": 0, "unsubscribed": 0, "steps": {}})
            of[entry["status"]] += 1
            if entry["status"] == "active":
                of["steps"][step] = of["steps"].get(step, 0) + 1
    return [found[name] for name in sorted(found)]


def _opportunity(newest: Row) -> Entry:
    micros, currency = _amount(newest)
    fields = {field: _meaning(newest, column) for field, column in _OPPORTUNITY.items()}
    return _filled(
        {
            "name": _meaning(newest, "product") or f"Transaction {newest['id'].meaning}",
            "amount": _currency((micros, currency)),
            "stage": "CUSTOMER",
            "kartraTransactionType": newest["transaction_type"].meaning.value,
            **fields,
        }
    )


def _amount(newest: Row) -> tuple[int, str]:
    """The amount that is not zero, else the one there is."""
    amounts = [(cell.meaning, column.partition(":")[2]) for column, cell in newest.items() if column[:7] == "amount:"]
    return max(amounts, key=lambda amount: amount[0] != 0)


def _earned(sales: Sequence[tuple[Row, list[Placed]]]) -> Entry | None:
    """The commissions under the signs of their sales' types; nothing where they are of several currencies."""
    sums: dict[str, int] = {}
    for row, _ in sales:
        sign = row["transaction_type"].meaning.sign
        for column, cell in row.items():
            name, _, code = column.partition(":")
            if name == "affiliate_revenue":
                sums[code] = sums.get(code, 0) + sign * cell.meaning
    return next((_currency((micros, code)) for code, micros in sums.items()), None) if len(sums) == 1 else None


def _subscription(row: Row) -> Entry:
    fields = {field: _meaning(row, column) for field, column in _SUBSCRIPTION.items()}
    name = fields["product"] or f"Subscription {fields['kartraId']}"
    return _filled({**fields, "name": name, "nextPayment": _currency(_meaning(row, "next_payment_amount"))})


def _task(row: Row, event: Event) -> Entry:
    status = row["calendar_subscription_status"].meaning
    title = row["events"].meaning[0]
    return {
        "title": f"Cancelled: {title}" if status == "Cancelled" else title,
        "dueAt": event.due,
        "status": "DONE" if status in _CLOSED or event.due < _NOW else "TODO",
        "bodyV2": {"markdown": "\n".join(_lines(row, event))},
    }


def _lines(row: Row, event: Event) -> Iterator[str]:
    if "host" in row:
        yield f"Host: {row['host'].written}"
    yield f"Duration: {event.minutes} min"
    if "vendor_timezone" in row:
        yield f"Time zone: {row['vendor_timezone'].written}"
    yield f"Status: {row['calendar_subscription_status'].written}"
    if "booked_on" in row:
        yield f"Booked on: {row['booked_on'].written}"
    yield f"Booking: {row['calendar_subscription_id'].written}"


def _buyer(newest: Row, email_column: str) -> Contact | None:
    """Whom the number names, else the e-mail."""
    found: Contact | None = _meaning(newest, "lead_id") or _meaning(newest, email_column)
    return found


def _meaning(row: Row, column: str) -> Any:
    return row[column].meaning if column in row else None


def _emails(address: str | None) -> Entry | None:
    return {"primaryEmail": address, "additionalEmails": []} if address else None


def _currency(money: tuple[int, str] | None) -> Entry | None:
    return {"amountMicros": money[0], "currencyCode": money[1]} if money else None


def _filled(fields: Mapping[str, Any]) -> Entry:
    return {field: value for field, value in fields.items() if value is not None}
