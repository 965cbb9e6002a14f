"""Dates and times of orders, subscriptions and bookings in every shape, with what each means."""

from datetime import datetime, timedelta
from random import Random

from adapters.kartra.sample.cells import Cell, utc

_LATEST = datetime(2026, 3, 1)  # noqa: DTZ001 - Kartra's dates are naive
_DAYS = 5 * 365
_TWELVE = 12

ODD_MOMENTS = (
    Cell("2025-03-09 02:30:00", "2025-03-09T07:30:00.000Z"),
    Cell("2025-11-02 01:15:00", "2025-11-02T05:15:00.000Z"),
    Cell("2025-03-09T02:00", "2025-03-09T07:00:00.000Z"),
)
"""In New York the first and the third do not exist and move forward by an hour; the second comes twice."""

NO_MOMENTS = ("2026-02-30 10:00", "03/04/2026 09:15", "last spring", "", "0000-00-00 00:00:00", "2026-13-01")
"""Impossible, ambiguous or no dates at all."""


def naive(random: Random) -> datetime:
    """A moment of the last five years, never in the small hours in which clocks change."""
    day = _LATEST - timedelta(days=random.randrange(1, _DAYS))
    return day.replace(hour=random.randrange(4, 24), minute=random.randrange(60), second=random.randrange(60))


def moment(random: Random, *, dirty: bool) -> Cell:
    """When an order was placed, in one of the shapes of a date; it means a moment in UTC."""
    at = naive(random)
    if not dirty or random.random() < 0.6:
        return Cell(f"{at:%Y-%m-%d %H:%M:%S}", utc(at))
    if random.random() < 0.05:
        return random.choice(ODD_MOMENTS)
    shape, kept = random.choice(_shapes(at))
    return Cell(f"{at:{shape}}", utc(kept))


def day(random: Random, *, dirty: bool) -> Cell:
    """A day of a subscription; it means `YYYY-MM-DD`, whatever its time."""
    at = naive(random)
    shapes = ("%Y-%m-%d %H:%M:%S", "%d %b %Y", "%Y-%m-%d") if dirty else ("%d %b %Y",)
    return Cell(f"{at:{random.choice(shapes)}}", f"{at:%Y-%m-%d}")


def _shapes(at: datetime) -> tuple[tuple[str, datetime], ...]:
    minute = at.replace(second=0)
    midnight = minute.replace(hour=0, minute=0)
    every = (("%Y-%m-%d %H:%M", minute), ("%Y-%m-%d", midnight), ("%d %b %Y %H:%M:%S", at), ("%d %b %Y", midnight))
    # Read only where the day can be no month.
    return (*every, ("%d/%m/%Y %H:%M", minute)) if at.day > _TWELVE else every
