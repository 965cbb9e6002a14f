"""Dates in the shapes Kartra writes, to Twenty's stored form.

Shapes (kartra.md fact 6): `2026-03-03 09:15:42` with the seconds or the whole time left out, `03 Mar 2026` with or
without a time, and `14/03/2021 02:30`, whose first two parts are day and month in an order nobody declares: it is
read only where one of them can be no month, or the mapping says which comes first.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from adapters.mapping.remembering import remembered
from adapters.mapping.text import present
from adapters.mapping.values import Note, Parsed

SlashDates = Literal["unambiguous", "day-first", "month-first"]

_TIME = r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}(?P<zulu>Z)?", re.ASCII)
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?", re.ASCII)
_NAMED = re.compile(rf"(?P<day>\d{{1,2}}) (?P<name>[A-Za-z]{{3}})[a-z]* (?P<year>\d{{4}}){_TIME}", re.ASCII)
_SLASHED = re.compile(rf"(?P<first>\d{{1,2}})/(?P<second_part>\d{{1,2}})/(?P<year>\d{{4}}){_TIME}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TWELVE = len(_MONTHS)
_YEARS = range(1900, 2200)
_TO_SECONDS = len("2026-03-03T09:15:42")


def date_time(cell: str | None, zone: ZoneInfo, slashes: SlashDates = "unambiguous") -> Parsed[str]:
    """The moment as `YYYY-MM-DDTHH:MM:SS.000Z`, a naive time being read in `zone`, a date alone as its midnight.

    A time that the clocks jumped over is moved forward by the gap, one that came twice is the first; both leave a
    note, and so do impossible (`2026-02-30`), ambiguous (`03/04/1988`) and unreadable dates, which give nothing.
    """
    return Parsed(None) if cell is None else _date_time(cell, zone, slashes)


@remembered
def _date_time(cell: str, zone: ZoneInfo, slashes: SlashDates) -> Parsed[str]:
    text = present(cell)
    if text is None:
        return Parsed(None)
    read = _naive(text, slashes)
    if isinstance(read, Note):
        return Parsed(None, (read,))
    if text.endswith("Z"):
        return Parsed(_stored(read.replace(tzinfo=UTC)))
    return _in_zone(read, zone)


def date_only(cell: str | None, slashes: SlashDates = "unambiguous") -> Parsed[str]:
    """The day as `YYYY-MM-DD`, as it is written: no zone moves it. Notes are those of `date_time`."""
    return Parsed(None) if cell is None else _date_only(cell, slashes)


@remembered
def _date_only(cell: str, slashes: SlashDates) -> Parsed[str]:
    text = present(cell)
    if text is None:
        return Parsed(None)
    read = _naive(text, slashes)
    return Parsed(None, (read,)) if isinstance(read, Note) else Parsed(f"{read:%Y-%m-%d}")


def order_proved(cell: str) -> SlashDates | None:
    """The order of day and month that a slashed date proves by a number no month has; None where it proves none."""
    match = _SLASHED.fullmatch(cell.strip())
    parts = (int(match["first"]), int(match["second_part"])) if match else (0, 0)
    if (parts[0] > _TWELVE) == (parts[1] > _TWELVE):
        return None
    return "day-first" if parts[0] > _TWELVE else "month-first"


def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of that name, in any case, blanks for underscores; None where there is none or no name."""
    text = present(name)
    key = _zones().get(text.replace(" ", "_").lower()) if text else None
    return ZoneInfo(key) if key else None


@cache
def _zones() -> Mapping[str, str]:
    # "localtime" is whatever zone the machine is in, where the machine lists it.
    return {key.lower(): key for key in available_timezones() - {"localtime"}}


def _in_zone(naive: datetime, zone: ZoneInfo) -> Parsed[str]:
    offset = zone.utcoffset(naive)
    # Only where clocks jump does it matter which of two readings is meant (PEP 495).
    if offset is not None and offset == zone.utcoffset(naive.replace(fold=1)):
        return Parsed(_stored(naive - offset))
    moment = naive.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != naive:
        note = Note("time_skipped", f"{naive} does not exist in {zone.key}; moved forward by the gap")
    else:
        note = Note("time_repeated", f"{naive} came twice in {zone.key}; the first is taken")
    return Parsed(_stored(moment), (note,))


def _stored(moment: datetime) -> str:
    return f"{moment.isoformat()[:_TO_SECONDS]}.000Z"


def _naive(text: str, slashes: SlashDates) -> datetime | Note:
    return (_plain(text) if _PLAIN.fullmatch(text) else None) or _written(text, slashes)


def _plain(text: str) -> datetime | None:
    """What nearly all dates look like; None where it is no date, which it is for others to say why."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _written(text: str, slashes: SlashDates) -> datetime | Note:
    match = _ISO.fullmatch(text) or _NAMED.fullmatch(text) or _SLASHED.fullmatch(text)
    if match is None:
        return Note("date_unreadable", f"'{text}' is none of the declared date shapes")
    parts = match.groupdict()
    order = _day_and_month(parts, slashes)
    if order is None:
        return Note("date_ambiguous", f"'{text}' may be day first or month first; set source.slash_dates")
    day, month = order
    year, hour, minute, second = (int(parts[name] or 0) for name in ("year", "hour", "minute", "second"))
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone is the caller's to say
    except ValueError as error:
        return Note("date_impossible", f"'{text}': {error}")
    return moment if year in _YEARS else Note("date_impossible", f"'{text}': no such year in a contact list")


def _day_and_month(parts: dict[str, str | None], slashes: SlashDates) -> tuple[int, int] | None:
    """Day and month as numbers (0 for a month's name that is none), or None where their order is open."""
    name, first = parts.get("name"), parts.get("first")
    if name is not None:
        month = _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0
        return int(parts["day"] or 0), month
    if first is None:
        return int(parts["day"] or 0), int(parts["month"] or 0)
    return _slashed(int(first), int(parts["second_part"] or 0), slashes)


def _slashed(first: int, second: int, slashes: SlashDates) -> tuple[int, int] | None:
    if slashes == "day-first" or first > _TWELVE or first == second:
        return first, second
    if slashes == "month-first" or second > _TWELVE:
        return second, first
    return None
