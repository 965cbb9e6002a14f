"""Calendar bookings: what each is about, and the row a file has of it.

What becomes of a booking is in the meaning of three of its cells: `events`, the status, and the zone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapters.kartra.sample import goods
from adapters.kartra.sample.books import Row
from adapters.kartra.sample.buyers import Buyer
from adapters.kartra.sample.cells import NEW_YORK, Cell, text, utc

_FIRST_NUMBER = 123
_FIRST_DAY = datetime(2026, 1, 5)  # noqa: DTZ001 - a calendar's clock
_DAYS_BEFORE = 60
_DAYS_AFTER = 90
_NOW = 75  # days after the first: a week after the exports are made
_STOCKHOLM = Cell("Europe/Stockholm", ZoneInfo("Europe/Stockholm"))
_DETROIT = Cell("America/Detroit", ZoneInfo("America/Detroit"))
_ZONES = (_DETROIT, _DETROIT, _STOCKHOLM, Cell("", blank=True), Cell("Detroit time"))
SHAPES = ("%Y-%m-%d %H:%M", "%d %b %Y %H:%M", "%Y-%m-%d %H:%M:%S")


class Event(NamedTuple):
    """An event on a vendor's calendar: when, how long (minutes), and the same moment in UTC."""

    at: datetime
    minutes: int
    due: str

    @property
    def minute(self) -> str:
        """What tells the events of a booking apart."""
        return f"{self.at:%Y-%m-%dT%H:%M}"


class Booking(NamedTuple):
    """A booking, whatever the state it is in."""

    number: str
    calendar: tuple[str, str, str]
    hosts: tuple[tuple[str, str], ...]
    zone: Cell
    events: tuple[Event, ...]
    buyer: Buyer


def booking(serial: int, random: Random, buyer: Buyer, *, dirty: bool, several: bool = False) -> Booking:
    """Booking number `serial`; the first two of a dirty sample fall into the hour that the clocks jump over."""
    zone = random.choice(_ZONES) if dirty else _DETROIT
    events = _events(random, zone, 1 + several)
    if dirty and serial < len(_GAPS):
        zone, gap = _GAPS[serial]
        events = (gap,)
    return Booking(
        number=str(_FIRST_NUMBER + serial),
        calendar=random.choice(goods.CALENDARS) if dirty else goods.CALENDARS[0],
        hosts=goods.HOSTS[: random.randrange(len(goods.HOSTS) + 1)] if dirty else goods.HOSTS[:1],
        zone=zone,
        events=events,
        buyer=buyer,
    )


def row(of: Booking, status: str, random: Random, shapes: Sequence[str] = SHAPES) -> Row:
    """The row of a booking in a state; of several events it has no single date."""
    event = of.events[0]
    single = len(of.events) == 1
    one = of.buyer.contact
    calendar, group, _ = of.calendar
    return {
        "calendar_subscription_id": text(of.number),
        "calendar_name": text(calendar),
        "class_name": text(group),
        "host": text("; ".join(" ".join(names) for names in of.hosts)),
        "lead_id": of.buyer.lead_id,
        "first_name": text(one.first if one else ""),
        "last_name": text(one.last if one else ""),
        "email": of.buyer.email,
        "phone": text(""),
        "event_date": text(f"{event.at:{random.choice(shapes)}}" if single else ""),
        "event_duration": text(str(event.minutes) if single else ""),
        "events": Cell("events", (of.calendar[2], of.events)),
        "vendor_timezone": of.zone,
        "calendar_subscription_status": text(status),
        "booked_on": text("2026-01-02 18:22:10"),
    }


def _events(random: Random, zone: Cell, count: int) -> tuple[Event, ...]:
    """The sessions of a class, a week apart, all of them before the exports are made or all after."""
    day = random.choice((random.randrange(_DAYS_BEFORE), _NOW + random.randrange(_DAYS_AFTER)))
    first = _FIRST_DAY + timedelta(days=day, hours=random.randrange(8, 18), minutes=15 * random.randrange(4))
    minutes = 30 * random.randrange(1, 4)
    sessions = (first + timedelta(weeks=week) for week in range(count))
    return tuple(Event(at, minutes, utc(at, zone.meaning or NEW_YORK)) for at in sessions)


_GAPS = (
    (_STOCKHOLM, Event(datetime(2026, 3, 29, 2, 30), 60, "2026-03-29T01:30:00.000Z")),  # noqa: DTZ001
    (_DETROIT, Event(datetime(2026, 3, 8, 2, 30), 30, "2026-03-08T07:30:00.000Z")),  # noqa: DTZ001
)
