"""Calendar bookings as Kartra's outbound events report them, and the other events a collector may have kept.

Source: kartra.md sections 4 and 6.3.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adapters.kartra.json_values import Object, cells, compact, entries, field, text
from adapters.mapping.types import JsonValue

_STATUS_OF_ACTION: Mapping[str, str] = MappingProxyType(
    {"calendar_subscribe": "Active", "calendar_cancel": "Cancelled", "calendar_complete": "Completed"}
)
_CALENDAR = ("calendar_subscription_id", "calendar_id", "calendar_name", "class_id", "class_name", "vendor_timezone")


def event_of(value: JsonValue) -> Object | None:
    """The event of a line, or None for anything else."""
    if not isinstance(value, dict) or not isinstance(value.get("action"), str):
        return None
    return value if "action_details" in value or "lead" in value else None


def cells_of_event(event: Object) -> dict[str, str]:
    """A booking as the neutral CSV has it, or for an event of no calendar its action, whom it names and about what.

    A booking of several events has them as JSON text under `events`: a list of `{"event_date", "event_duration"}`.
    """
    action = event["action"].strip().lower()
    details = _object(event.get("action_details"))
    calendar = _object(details.get("calendar"))
    if not calendar and action not in _STATUS_OF_ACTION:
        return cells([("action", action), *_identity(event), *_scalars(details)])
    status = field(calendar, "calendar_subscription_status") or _STATUS_OF_ACTION.get(action, "")
    return cells(
        [
            *((name, field(calendar, name)) for name in _CALENDAR),
            ("host", "; ".join(_hosts(calendar))),
            *_identity(event),
            *_person(event),
            *_events(calendar),
            ("calendar_subscription_status", status),
            ("booked_on", field(calendar, "booked_on")),
        ]
    )


def _object(value: JsonValue) -> Object:
    """What should be an object: PHP writes an empty one as a list, and a single one may come in a list of one."""
    found = value[0] if isinstance(value, list) and len(value) == 1 else value
    return found if isinstance(found, dict) else {}


def _identity(event: Object) -> Iterator[tuple[str, str]]:
    lead = _object(event.get("lead"))
    yield "lead_id", field(lead, "id", "lead_id")
    yield "email", field(lead, "email", "lead_email")


def _person(event: Object) -> Iterator[tuple[str, str]]:
    lead = _object(event.get("lead"))
    for name in ("first_name", "last_name", "phone_country_code", "phone"):
        yield name, field(lead, name)


def _hosts(calendar: Object) -> Iterator[str]:
    for host in entries(calendar.get("hosts")):
        names = [written for part in ("host_first_name", "host_last_name") if (written := _part(host, part))]
        if shown := " ".join(names) or field(host, "host_email_address", "name"):
            yield shown


def _part(host: JsonValue, name: str) -> str:
    return field(host, name).strip() if isinstance(host, dict) else ""


def _events(calendar: Object) -> Iterator[tuple[str, str]]:
    events = [
        {"event_date": field(of, "event_date"), "event_duration": field(_object(of), "event_duration")}
        for of in entries(calendar.get("events"))
    ]
    if len(events) == 1:
        yield from events[0].items()
    elif events:
        yield "events", compact(events)


def _scalars(details: Object) -> Iterator[tuple[str, str]]:
    """What an event of no calendar is about: the scalars of its details and of their objects."""
    for name, value in details.items():
        if isinstance(value, dict):
            yield from ((inner, text(one)) for inner, one in value.items() if not isinstance(one, dict | list))
        elif not isinstance(value, list):
            yield name, text(value)
