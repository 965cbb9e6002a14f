"""Read every file of a folder and put together what was found."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from adapters.kartra import Scan, read_account_names, read_custom_fields
from adapters.kartra.columns import own_column
from adapters.mapping.config import MappingConfig
from commands.discovery.behaviour import behaviours
from commands.discovery.document import Audit, Column, File, Left, Taxonomy, commonest
from commands.discovery.homes import Homes
from commands.discovery.marks import Marks
from commands.discovery.people import contacts, stale
from commands.discovery.reading import CONTACTS, Reading, Tick, kind_of
from commands.discovery.scope import scope

STALE_AFTER = timedelta(days=2 * 365)
"""How long before the newest export somebody must have been silent to be stale, where nothing else is said."""

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Surveyed(NamedTuple):
    """The document, and every row somebody may want to look at, as file, line, kind and reason."""

    audit: Audit
    rows: tuple[tuple[str, int, str, str], ...]


def survey(found: Scan, config: MappingConfig, folder: str, stale_before: str | None, tick: Tick) -> Surveyed:
    """Read all exports of a scan. `stale_before` is a day (`YYYY-MM-DD`), two years before the newest export if None.

    Raises KartraError where a file cannot be read, and whatever `tick` does.
    """
    reading = Reading(found.exports, config, tick)
    reading.run()
    newest = max(export.exported_at for export in found.exports)
    review, silent = Marks(reading.files), Marks(reading.files)
    tags = _taxonomy(reading, "tags", _declared(found, "account_tags"))
    lists = _taxonomy(reading, "lists", _declared(found, "account_lists"))
    audit = Audit(
        folder=_text(folder),
        audited_at=f"{datetime.now(UTC):{_MOMENT}}",
        newest_export=f"{newest:{_MOMENT}}",
        files=tuple(_file(found, reading, at) for at in range(len(found.exports))),
        left=tuple(Left(name=_text(each.path.name), code=each.code, reason=each.reason) for each in found.unknown),
        descriptions=tuple(description.name for description in found.descriptions),
        problems=reading.problems.found(),
        contacts=contacts(
            reading.people,
            rows=_rows(found, reading, CONTACTS),
            held=sum(found.count for found in reading.problems.found() if found.kind == CONTACTS),
            with_notes=_filled(reading, "notes"),
            marks=review,
        ),
        stale=stale(reading.people, stale_before or f"{newest - STALE_AFTER:%Y-%m-%d}", silent),
        columns=tuple(_columns(reading, Homes(config), _types(found))),
        tags=tags,
        lists=lists,
        behaviour=behaviours(
            {column: names.every for column, names in reading.names.items()},
            (contact.names for contact in reading.people),
        ),
        companies=reading.companies.companies(contact.company for contact in reading.people if contact.company),
        transactions=reading.sales.transactions(),
        subscriptions=reading.agreements.subscriptions(),
        bookings=reading.calendars.bookings(),
        affiliates=reading.partners.affiliates(),
        engagement=reading.answers.engagement(_declared(found, "account_sequences")),
    )
    rows = tuple(row for marks in (reading.problems, review, silent) for row in marks.rows())
    return Surveyed(msgspec.structs.replace(audit, scope=tuple(scope(audit))), rows)


def _text(path: str) -> str:
    """A path as text: one that is left may hold bytes that are none."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _declared(found: Scan, kind: str) -> list[str]:
    """The names that the account's own lists of a kind have."""
    every = (read_account_names(each.path) for each in found.descriptions if each.kind == kind)
    return list(dict.fromkeys(name for names in every for name in names))


def _taxonomy(reading: Reading, column: str, declared: Iterable[str]) -> Taxonomy:
    bearers = (contact.names.get(column, ()) for contact in reading.people)
    return reading.names[column].taxonomy(bearers, declared)


def _file(found: Scan, reading: Reading, at: int) -> File:
    export, tally = found.exports[at], reading.tallies[at]
    return File(
        name=export.name,
        kind=export.kind,
        exported_at=f"{export.exported_at:{_MOMENT}}",
        bytes=export.size,
        rows=tally.rows,
        held=tally.held.total(),
        set_aside=tally.set_aside.total(),
        reasons=commonest(tally.held + tally.set_aside),
        separators=reading.separators.in_file(export.name),
    )


def _rows(found: Scan, reading: Reading, kind: str) -> int:
    exports = zip(found.exports, reading.tallies, strict=True)
    return sum(tally.rows for export, tally in exports if kind_of(export) == kind)


def _filled(reading: Reading, column: str) -> int:
    """How many contacts have a column filled in any of their rows."""
    bit = reading.bits.get(column)
    return 0 if bit is None else sum(contact.columns >> bit & 1 for contact in reading.people)


def _types(found: Scan) -> dict[str, str]:
    """Column to Kartra's type, for the account's own fields that a file describes."""
    described = (read_custom_fields(each.path) for each in found.descriptions if each.kind == "custom_fields")
    return {own_column(field.identifier): field.type for fields in described for field in fields}


def _columns(reading: Reading, homes: Homes, types: Mapping[str, str]) -> Iterator[Column]:
    """Columns of contacts by the contacts that have them, of every other kind by rows; in order of first sight."""
    by_bit: Counter[int] = Counter()
    for contact in reading.people:
        bits = contact.columns
        while bits:
            lowest = bits & -bits
            by_bit[lowest] += 1
            bits ^= lowest
    for (kind, name), profile in reading.profiles.items():
        of_contacts = kind == CONTACTS
        yield profile.column(
            kind,
            name,
            filled=by_bit[1 << reading.bits[name]] if of_contacts else profile.filled,
            of=len(reading.people) if of_contacts else reading.looked_at[kind],
            home=homes.of(kind, name),
            kartra_type=types.get(name, "") if of_contacts else "",
        )
