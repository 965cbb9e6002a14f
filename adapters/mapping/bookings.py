"""Calendar bookings as tasks: the events of a booking, and the words of their task (kartra.md section 4)."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from adapters.mapping.statuses import status_text
from adapters.mapping.text import clean, one_line, present

_CLOSED = frozenset({"Cancelled", "Completed"})


class Event(NamedTuple):
    """One event of a booking as its row has it; an absent part is None."""

    date_text: str | None
    duration_text: str | None


class _WebhookEvent(msgspec.Struct, frozen=True):
    """Numbers arrive as text about as often as not."""

    event_date: str | int | float | None = None
    event_duration: str | int | float | None = None


_EVENTS = msgspec.json.Decoder(list[_WebhookEvent])


def events_of(cells: Mapping[str, str]) -> list[Event]:
    """The events of a booking in the row's order: of `events`, else the one of `event_date`; none where neither is.

    An `events` cell of another shape is one event with that text as its date, which no date is: the row is then
    judged as one with an impossible date, and the text stays to be seen.
    """
    written = present(cells.get("events"))
    if written is not None:
        return _of_json(written)
    event = Event(present(cells.get("event_date")), present(cells.get("event_duration")))
    return [event] if event.date_text else []


def title(cells: Mapping[str, str]) -> str:
    """`<calendar> – <class>`, either alone where one is missing, else the booking's number; says if it is cancelled."""
    named = [text for column in ("calendar_name", "class_name") if (text := _line(cells.get(column)))]
    shown = " – ".join(named) or f"Booking {_line(cells.get('calendar_subscription_id')) or ''}".strip()
    return f"Cancelled: {shown}" if _status(cells) == "Cancelled" else shown


def task_status(cells: Mapping[str, str], due: str, now: str) -> str:
    """DONE for a booking that is cancelled, completed or before `now`, else TODO.

    `due` and `now` are moments in stored form (`dates.date_time`), which sort as text.
    """
    return "DONE" if _status(cells) in _CLOSED or due < now else "TODO"


def _status(cells: Mapping[str, str]) -> str | None:
    return status_text(cells.get("calendar_subscription_status"))


def _line(cell: str | None) -> str | None:
    text = clean(cell).value if cell else None
    return one_line(text) if text else None


def _of_json(written: str) -> list[Event]:
    try:
        found = _EVENTS.decode(written)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return [Event(written, None)]
    return [Event(_text(event.event_date), _text(event.event_duration)) for event in found]


def _text(value: str | float | None) -> str | None:
    return None if value is None else present(str(value))
