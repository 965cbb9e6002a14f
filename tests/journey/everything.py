"""Exports of every kind written by hand, and what a load of them left in Twenty, read back by stream."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from adapters.mapping import shipped_text
from adapters.twenty import differences
from commands.load import Loaded, load
from commands.portions import Asked
from commands.transform import Transformed
from ledger.projections.holds import holds
from ledger.reader import Reader
from tests.journey.world import Journey, blank

Row = Mapping[str, Any]
Clock = int

WHOLE = Asked()

PERSON_COLUMNS = {
    "opportunity": "pointOfContactId",
    "kartraSubscription": "personId",
    "kartraAffiliate": "personId",
}
"""The column of every object that points at a person by itself."""

_FIRST_CLOCK = 0x69A4EF5C


def put(folder: Path, word: str, rows: Sequence[Mapping[str, str]], age: Clock = 0) -> Path:
    """Write an export named as Kartra names it, its columns the keys of the first row; a greater age is a later file."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{word}_01-03-2026_{_FIRST_CLOCK + age:08x}4f5f6.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def contact(number: int, **more: str) -> dict[str, str]:
    """A row of a contacts export."""
    plain = {"id": str(number), "email": f"p{number}@k.example", "first_name": f"First{number}", "last_name": "Last"}
    return {**plain, "company": "", "tags": "", "lists": "", "notes": "", **more}


def sale(number: int, buyer: int | None, **more: str) -> dict[str, str]:
    """A row of a transactions export, of 10 dollars and as many cents as its number says."""
    email = "" if buyer is None else f"p{buyer}@k.example"
    plain = {"ID": str(number), "Transaction_Type": "Sale", "Date": "2026-02-03 10:00:00", "Product": "Course"}
    named = {"Buyer_Company": "", "Buyer_Email": email, "lead_id": "", "Affiliate_Username": "", "Affiliate_Email": ""}
    return {**plain, "Amount (USD)": f"10.{number % 100:02d}", **named, "Affiliate_Revenue (USD)": "", **more}


def subscription(number: int, buyer: int, **more: str) -> dict[str, str]:
    """A row of a subscriptions export."""
    plain = {"Subscription ID": str(number), "Product": "Circle", "Recurrence_Term": "Monthly", "Status": "Active"}
    dates = {"Start date": "03 Feb 2026", "End date": "", "Next payment date": "03 Mar 2026"}
    return {**plain, "Buyer_Email": f"p{buyer}@k.example", **dates, "Next payment amount": "29.00", **more}


def booking(number: int, buyer: int, **more: str) -> dict[str, str]:
    """A row of a bookings file."""
    plain = {"calendar_subscription_id": str(number), "calendar_name": "Calls", "class_name": "Intro"}
    when = {"event_date": "2026-05-04 09:30", "event_duration": "30", "vendor_timezone": "America/Detroit"}
    return {**plain, "email": f"p{buyer}@k.example", **when, "calendar_subscription_status": "Active", **more}


class Found(NamedTuple):
    """The records a load made, as Twenty shows them: object → stream → record; and `file:line` of what made each."""

    records: dict[str, dict[str, Row]]
    sources: dict[tuple[str, str], list[str]]
    blanks: dict[str, dict[str, Any]]

    def stream_of(self, object_name: str, twenty_id: str | None) -> str | None:
        """The stream of the record that an id is of; None for no id."""
        if twenty_id is None:
            return None
        [stream] = [stream for stream, row in self.records[object_name].items() if row["id"] == twenty_id]
        return stream

    def by(self, object_name: str, field: str) -> dict[Any, str]:
        """The stream of every record of an object by the value of a field."""
        return {row[field]: stream for stream, row in self.records[object_name].items()}

    def emails(self) -> dict[str, str]:
        """E-mail of every person by Twenty's id."""
        return {row["id"]: row["emails"]["primaryEmail"] for row in self.records["person"].values()}

    def ties(self, object_name: str) -> dict[str, list[str]]:
        """The e-mails of the people that every task or note is tied to, by its stream."""
        streams = {row["id"]: stream for stream, row in self.records[object_name].items()}
        emails = self.emails()
        tied: dict[str, list[str]] = {}
        for row in self.records.get(f"{object_name}Target", {}).values():
            tied.setdefault(streams[row[f"{object_name}Id"]], []).append(emails[row["targetPersonId"]])
        return tied

    def amiss(self, object_name: str, expected: Mapping[str, Row]) -> list[object]:
        """What is not as expected: streams too many or missing, and every field that differs, blank ones included."""
        records = self.records.get(object_name, {})
        wrong: list[object] = sorted(records.keys() ^ expected.keys())
        for stream in records.keys() & expected.keys():
            fields = {**self.blanks[object_name], **expected[stream]}
            wrong += [(stream, one) for one in differences(fields, records[stream])]
        return wrong


async def read_back(journey: Journey) -> Found:
    """Read every record the ledger says it created."""
    streams = {one.event.twenty_id: (one.event.object, one.event.source_key) for one in await created(journey)}
    objects = sorted({object_name for object_name, _ in streams.values()})
    records = {
        name: {streams[row["id"]][1]: row for row in await journey.records(name) if row["id"] in streams}
        for name in objects
    }
    async with journey.twenty() as twenty:
        blanks = {name: blank(twenty.model.object(name)) for name in objects}
    return Found(records, await _sources(journey), blanks)


async def created(journey: Journey) -> list[Any]:
    """The events of records created."""
    return await journey.events("RecordCreated")


async def _sources(journey: Journey) -> dict[tuple[str, str], list[str]]:
    names = {one.event.file: one.event.name for one in await journey.events("ExportRegistered")}
    made = [one.event for one in await journey.events("RowTransformed")]
    return {(one.object, one.source_key): [_place(ref, names) for ref in one.sources] for one in made}


def _place(ref: str, names: Mapping[str, str]) -> str:
    file, _, line = ref.rpartition(":")
    return f"{names[file]}:{line}"


async def set_aside(journey: Journey) -> list[tuple[str, int, str]]:
    """File, line and reason of the rows set aside."""
    names = {one.event.file: one.event.name for one in await journey.events("ExportRegistered")}
    places = [(_place(one.event.source_ref, names), one.event.reason) for one in await journey.events("RowSetAside")]
    return [(place.rpartition(":")[0], int(place.rpartition(":")[2]), reason) for place, reason in places]
