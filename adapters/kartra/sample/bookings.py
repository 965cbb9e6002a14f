"""The bookings of an account: webhook events as JSON lines, and the neutral CSV, which speaks of some of them again."""

from collections.abc import Callable, Sequence
from random import Random

from adapters.kartra.sample.awkward import MALFORMED, write_malformed
from adapters.kartra.sample.booking_rows import Booking, booking, row
from adapters.kartra.sample.books import LANDS, Fate, HeldRow, Row
from adapters.kartra.sample.buyers import Buyers
from adapters.kartra.sample.cells import Cell, sentinel
from adapters.kartra.sample.folder import Folder, clock, file_name
from adapters.kartra.sample.layouts import ExportFile, Layout
from adapters.kartra.sample.lines import LinesFile
from adapters.kartra.sample.moments import NO_MOMENTS
from adapters.kartra.sample.webhooks import BROKEN_LINES, OTHER_EVENTS, calendar_event

_KIND = "bookings"
_WEBHOOKS_AGE = 11
_NEUTRAL_AGE = 12
NOW = clock(_NEUTRAL_AGE)
"""When the newest of these files was made, in Unix seconds: it tells past from future."""

_COLUMNS = (
    "calendar_subscription_id", "calendar_name", "class_name", "host", "lead_id", "first_name", "last_name",
    "email", "phone", "event_date", "event_duration", "vendor_timezone", "calendar_subscription_status",
    "booked_on",
)  # fmt: skip
_LAYOUT = Layout("bookings", {name: name for name in _COLUMNS}, kind=_KIND)
_SHARE_AWKWARD = 0.1
_SHARE_OTHER_EVENTS = 0.1
_SHARE_AGAIN = 0.25
_EVERY_NTH_HAS_SESSIONS = 5
_STORIES = (
    ("calendar_subscribe",),
    ("calendar_subscribe", "calendar_cancel"),
    ("calendar_subscribe", "calendar_complete"),
    ("calendar_subscribe", "bare cancel"),
)
_STATUS = {
    "calendar_subscribe": "Active",
    "calendar_cancel": "Cancelled",
    "calendar_complete": "Completed",
    "bare cancel": "Cancelled",
}
_WEBHOOK_SHAPES = ("%Y-%m-%d %H:%M",)
_NO_CELL = Cell("", blank=True)


def write_bookings(folder: Folder, count: int, buyers: Buyers, *, dirty: bool) -> None:
    """Write `count` bookings: a row each in the neutral CSV of a clean account, half of them as webhooks else."""
    random = folder.random(_KIND)
    hooked = count // 2 if dirty else 0
    told = _write_webhooks(folder, hooked, random, buyers) if dirty else []
    again = [one for one in told if len(one.events) == 1 and random.random() < _SHARE_AGAIN]
    rows = [(row(one, random.choice(("Active", "Cancelled", "Completed")), random), LANDS) for one in again]
    for serial, spoil in enumerate(_accidents(random, count - hooked, dirty=dirty), start=hooked):
        one = booking(serial, random, buyers.buyer(random, serial), dirty=dirty)
        made = row(one, random.choice(tuple(_STATUS.values())) if dirty else "Active", random)
        rows.append((made, spoil(made, random, serial, buyers) if spoil else LANDS))
    _write_neutral(folder, rows, random if dirty else None)


def _write_neutral(folder: Folder, rows: Sequence[tuple[Row, Fate]], random: Random | None) -> None:
    file = ExportFile(_LAYOUT, file_name(_LAYOUT.word, _NEUTRAL_AGE))
    for made, fate in rows:
        folder.books.enter(file, file.row(made), _stream(made), made, fate)
    if rows and random is not None:
        file.blank()
        folder.books.held.append(write_malformed(file, rows[-1][0], random, 0))
    folder.save(file, _NEUTRAL_AGE)


def _stream(made: Row) -> str:
    return f"booking:{made['calendar_subscription_id'].written}"


def _write_webhooks(folder: Folder, count: int, random: Random, buyers: Buyers) -> list[Booking]:
    """Write the events of `count` bookings; return those that nothing befell."""
    file = LinesFile(file_name("webhooks", _WEBHOOKS_AGE, "jsonl"), _KIND)
    whole: list[Booking] = []
    for serial, spoil in enumerate(_accidents(random, count, dirty=True)):
        several = serial % _EVERY_NTH_HAS_SESSIONS == _EVERY_NTH_HAS_SESSIONS - 1 and spoil is None
        one = booking(serial, random, buyers.buyer(random, serial), dirty=True, several=several)
        _tell(folder, file, one, serial, spoil, buyers, random)
        whole += [one] if spoil is None else []
        if serial < len(OTHER_EVENTS) or random.random() < _SHARE_OTHER_EVENTS:
            line = file.entry({"lead": {"id": 4_100_000 + serial}, **OTHER_EVENTS[serial % len(OTHER_EVENTS)]})
            folder.books.enter(file, line, "", {}, Fate(aside="not_a_booking"))
    file.blank()
    for broken in BROKEN_LINES:
        line = file.broken(broken)
        folder.books.held.append(HeldRow(file=file.name, line=line, column=None, reason=MALFORMED))
    folder.save(file, _WEBHOOKS_AGE)
    return whole


def _tell(
    folder: Folder,
    file: LinesFile,
    one: Booking,
    serial: int,
    spoil: "_Accident | None",
    buyers: Buyers,
    random: Random,
) -> None:
    """Write what a webhook saw of a booking: one event where an accident befell it, else its whole story."""
    for action in _STORIES[serial % len(_STORIES)][: 1 if spoil else None]:
        made = {**row(one, _STATUS[action], random, _WEBHOOK_SHAPES), "booked_on": _NO_CELL}
        if action == "bare cancel":
            made |= {"events": _NO_CELL, "event_date": _NO_CELL, "event_duration": _NO_CELL}
        fate = spoil(made, random, serial, buyers) if spoil else LANDS
        name = "calendar_cancel" if action == "bare cancel" else action
        line = file.entry(calendar_event(one, made, name, random))
        folder.books.enter(file, line, _stream(made), made, fate)


_Accident = Callable[[Row, Random, int, Buyers], Fate]


def _no_number(made: Row, random: Random, _: int, __: Buyers) -> Fate:
    made["calendar_subscription_id"] = sentinel(random)
    return Fate(held="identity_missing", column="calendar_subscription_id")


def _no_date(made: Row, _: Random, serial: int, __: Buyers) -> Fate:
    made["event_date"] = Cell(NO_MOMENTS[serial % len(NO_MOMENTS)])
    return Fate(held="date_invalid", column="event_date")


def _no_buyer_known(made: Row, random: Random, serial: int, buyers: Buyers) -> Fate:
    buyer, fate = buyers.unknown(random, serial, "email")
    made |= {"lead_id": buyer.lead_id, "email": buyer.email}
    return fate


def _nobody(made: Row, _: Random, __: int, ___: Buyers) -> Fate:
    made |= {"lead_id": _NO_CELL, "email": _NO_CELL}
    return LANDS


_ACCIDENTS: tuple[_Accident, ...] = (_no_number, _no_date, _no_buyer_known, _nobody)


def _accidents(random: Random, count: int, *, dirty: bool) -> Sequence[_Accident | None]:
    """Each accident once as far as they go, then by their share."""
    if not dirty:
        return [None] * count
    rest = (random.choice(_ACCIDENTS) if random.random() < _SHARE_AWKWARD else None for _ in range(count))
    # The two bookings in an hour that does not exist, and a plain one, come before any accident.
    return [None, None, None, *_ACCIDENTS, *rest][:count]
