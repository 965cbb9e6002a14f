"""Cells with their meaning: what stands in the file, and what Twenty must hold because of it.

The meaning is decided here, when the cell is made up, and never by the code that reads it back.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from adapters.kartra.sample.catalog import CountryFacts

NEW_YORK = ZoneInfo("America/New_York")
_LATEST = datetime(2026, 3, 1)  # noqa: DTZ001 - Kartra's dates are naive
_SECONDS = 5 * 365 * 86_400


class Cell(msgspec.Struct, frozen=True):
    """A cell as written, and its meaning (None: nothing comes of it); `blank` cells count as empty."""

    written: str
    meaning: Any = None
    blank: bool = False

    @property
    def empty(self) -> bool:
        """Whether an older export's cell counts instead."""
        return self.blank or not self.written


def text(value: str) -> Cell:
    """A cell that means what it says."""
    return Cell(value, value)


def sentinel(random: Random) -> Cell:
    """One of the ways Kartra writes "nothing"."""
    return Cell(random.choice(("", "N/A", "n/a", "-")), blank=True)


def joined(random: Random, *, dirty: bool) -> Cell:
    """A date of joining in one of its shapes, meaning a moment in UTC or, where none can be told, nothing."""
    if dirty and random.random() < 0.12:
        return random.choice(_ODD_DATES)
    moment = _LATEST - timedelta(seconds=random.randrange(_SECONDS))
    # Noon is never skipped nor repeated by the clocks.
    noon = moment.replace(hour=12, minute=moment.minute, second=moment.second)
    midnight = noon.replace(hour=0, minute=0, second=0)
    shapes = (("%Y-%m-%d %H:%M:%S", noon), ("%Y-%m-%d", midnight), ("%d %b %Y", midnight))
    shape, kept = random.choice(shapes if dirty else shapes[:1])
    return Cell(f"{noon:{shape}}", utc(kept))


def utc(naive: datetime, zone: ZoneInfo = NEW_YORK) -> str:
    """A moment read in a zone as Twenty stores it; of one that came twice the first, of a skipped one the gap later."""
    return f"{naive.replace(tzinfo=zone).astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


_ODD_DATES = (
    Cell("2021-03-14 02:30:00", "2021-03-14T07:30:00.000Z"),
    Cell("2022-11-06 01:15:00", "2022-11-06T05:15:00.000Z"),
    Cell("14/03/2021 12:30", "2021-03-14T16:30:00.000Z"),
    Cell("03/04/2021"),
    Cell("2026-02-30 10:00:00"),
    Cell("last spring"),
    Cell("0000-00-00 00:00:00", blank=True),
)


class PhoneCells(NamedTuple):
    """The phone's two cells; the meaning of `number` is `phones` or, as written, `raw`."""

    number: Cell
    dial: Cell


def phone(random: Random, country: CountryFacts, *, dirty: bool) -> PhoneCells:
    """A phone in one of the ways people write one."""
    if dirty and random.random() < 0.06:
        raw = random.choice(("call me after 5", "+999 12 34", "n.a."))
        return PhoneCells(Cell(raw, {"raw": raw}), Cell("", blank=True))
    tail = str(random.randrange(100, 200))
    digits = country.digits.format(tail=tail)
    meaning = {
        "phones": {
            "primaryPhoneNumber": digits,
            "primaryPhoneCountryCode": country.code,
            "primaryPhoneCallingCode": country.calling,
            "additionalPhones": [],
        }
    }
    dialled = Cell(country.calling, country.calling)
    home = PhoneCells(Cell(country.national.format(tail=tail), meaning), dialled)
    if not dirty:
        return home
    return random.choice(
        (
            home,
            PhoneCells(home.number, Cell(country.calling[1:], country.calling)),
            PhoneCells(home.number, Cell(country.name, country.calling)),
            PhoneCells(Cell(f"{country.calling}{digits}", meaning), Cell("", blank=True)),
            PhoneCells(Cell(f"00{country.calling[1:]}{digits}", meaning), Cell("N/A", blank=True)),
        )
    )


GDPR_CODES = (
    ("0", "Not applicable", "NOT_APPLICABLE"),
    ("1", "Not subject", "NOT_SUBJECT"),
    ("2", "Accepted", "ACCEPTED"),
    ("3", "Not accepted", "REFUSED"),
    ("4", "Unknown", "UNKNOWN"),
    ("5", "Pending", "PENDING"),
)


def score(random: Random, *, dirty: bool) -> Cell:
    """Points, sometimes as a spreadsheet left them."""
    value = random.randrange(2_000)
    if not dirty:
        return Cell(str(value), value)
    return random.choice(
        (
            Cell(str(value), value),
            Cell(f"{value}.0", value),
            Cell("0", 0),
            Cell("1,204", 1204),
            Cell("high"),
            Cell("12.5"),
        )
    )


def yes_or_no(random: Random) -> Cell:
    """A flag the way Kartra's files write it."""
    value = random.random() < 0.5
    return Cell("1" if value else "0", value)


def link(random: Random, name: str, *, dirty: bool) -> Cell:
    """A website, now and then not one."""
    clean = Cell(f"https://example.com/{name}", f"https://example.com/{name}")
    if not dirty:
        return clean
    return random.choice(
        (
            clean,
            Cell(f"example.org/{name}", f"https://example.org/{name}"),
            Cell(f"HTTP://Www.Example.NET/{name}/", f"http://www.example.net/{name}"),
            Cell("not a url"),
            Cell("mailto:me@example.com"),
        )
    )


def profile(random: Random, host: str, name: str, *, dirty: bool) -> Cell:
    """A profile on a network, now and then only a handle."""
    clean = Cell(f"https://{host}/{name}", f"https://{host}/{name}")
    if not dirty:
        return clean
    return random.choice((clean, Cell(f"www.{host}/{name}", f"https://www.{host}/{name}"), Cell(f"@{name}")))


def several(names: Sequence[str], separator: str) -> str:
    """Names in one cell."""
    return separator.join(names)
