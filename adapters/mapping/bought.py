"""What people bought and booked: transactions, subscriptions and calendar bookings to records."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec

from adapters.mapping.bookings import Event, events_of
from adapters.mapping.config import MappingConfig
from adapters.mapping.contacts import tie
from adapters.mapping.dates import date_time
from adapters.mapping.merge import Merged, merge
from adapters.mapping.records import Fields, record
from adapters.mapping.targets import PERSON, Target
from adapters.mapping.types import Link, Record, SourceRow
from adapters.mapping.vocabulary import Vocabulary

_UTC = ZoneInfo("UTC")
_MINUTE = len("2026-03-11T09:00")


def sale(
    target: Target,
    fields: Fields,
    source_key: str,
    merged: Merged,
    *,
    person: str | None,
    company: str | None = None,
) -> Record:
    """The record of a transaction, a subscription or an affiliate. `person` and `company` are streams."""
    links: dict[str, Link] = {}
    if person is not None and target.person is not None:
        links[target.person] = Link(object=PERSON, source_key=person)
    if company is not None:
        links["companyId"] = Link(object="company", source_key=company)
    return record(fields, source_key, merged, links, merged.warnings)


def tasks(
    fields: Fields,
    source_key: str,
    rows: Sequence[SourceRow],
    config: MappingConfig,
    words: Vocabulary,
    *,
    person: str | None,
) -> list[Record]:
    """A task for every event of a booking, and what ties it to the person.

    Rows are the booking's, oldest first, each with readable dates. Those that name no event speak of all of them.
    """
    made: list[Record] = []
    for at, merged in _events(rows, config, words).items():
        task = record(fields, f"{source_key}/{at}", merged, {}, merged.warnings)
        made += [task] if person is None else [task, tie(task, person)]
    return made


def bookings_said(
    rows: Sequence[SourceRow], config: MappingConfig, words: Vocabulary
) -> Mapping[str, Mapping[str, str]]:
    """What the rows of a booking say of each of its events, by its minute."""
    return {minute: merged.cells for minute, merged in _events(rows, config, words).items()}


def _events(rows: Sequence[SourceRow], config: MappingConfig, words: Vocabulary) -> Mapping[str, Merged]:
    """The minute of every event, as the calendar shows it → the rows that speak of it, merged."""
    named = [(row, {_minute(event, config): event for event in events_of(row.cells)}) for row in rows]
    minutes = _minutes(named)
    return {
        minute: merge(
            [_about(row, events.get(minute)) for row, events in named if minute in events or not events], words
        )
        for minute in minutes
    }


def _minutes(named: Sequence[tuple[SourceRow, Mapping[str, Event]]]) -> list[str]:
    """The minutes of all events; a wave that holds its whole kind names all there are of a booking."""
    minutes: dict[str, None] = {}
    for _, group in groupby(named, key=lambda one: one[0].wave):
        wave = list(group)
        events = [minute for _, some in wave for minute in some]
        if events and any(row.complete for row, _ in wave):
            minutes.clear()
        minutes.update(dict.fromkeys(events))
    return list(minutes)


def _about(row: SourceRow, event: Event | None) -> SourceRow:
    """A row as it speaks of one event. One that names none leaves every event when it was."""
    cells = {column: cell for column, cell in row.cells.items() if column not in ("events", "event_date")}
    when = {"events", "event_date"} if event is not None else {"events", "event_date", "event_duration"}
    if event is not None:
        cells["event_date"] = event.date_text or ""
        if event.duration_text:
            cells["event_duration"] = event.duration_text
    return msgspec.structs.replace(row, cells=cells, columns=row.columns - when)


def _minute(event: Event, config: MappingConfig) -> str:
    """The minute as written: a calendar's clock, whatever its zone."""
    read = date_time(event.date_text, _UTC, config.source.slash_dates).value
    return (read or "")[:_MINUTE]
