"""Events as Kartra's webhooks report them (kartra.md sections 4 and 6.3): those of calendars, and others."""

from collections.abc import Sequence
from random import Random
from typing import Any

from adapters.kartra.sample.booking_rows import Booking
from adapters.kartra.sample.books import Row
from adapters.kartra.sample.lines import number

OTHER_EVENTS: Sequence[dict[str, Any]] = (
    {"action": "assign_tag", "action_details": {"tag": {"tag_id": "11", "tag_name": "VIP"}}},
    {"action": "list_subscription", "action_details": {"list": {"list_id": 3, "list_name": "Newsletter"}}},
    {"action": "buy_product", "action_details": {"transaction_details": {"transaction_id": 48110}}},
)
BROKEN_LINES = (
    b'{"lead":{"id":"4100007"',
    b"not json at all",
    b'{"status":"Error","message":"No lead found","type":"234"}',
)


def calendar_event(of: Booking, made: Row, action: str, random: Random) -> dict[str, Any]:
    """A calendar's event as JSON, saying what the row says; numbers come as numbers and as text."""
    calendar: dict[str, Any] = {
        "calendar_id": 31,
        "calendar_name": made["calendar_name"].written,
        "class_id": "77",
        "class_name": made["class_name"].written,
        "hosts": [{"host_first_name": first, "host_last_name": last} for first, last in of.hosts],
        "vendor_timezone": made["vendor_timezone"].written,
        "calendar_subscription_id": number(made["calendar_subscription_id"].written, random),
    }
    if not made["events"].empty:
        calendar["events"] = _events(of, made, random)
    if action == "calendar_cancel":
        calendar["calendar_subscription_status"] = "Cancelled"
    return {"lead": _lead(made, random), "action": action, "action_details": {"calendar": calendar}}


def _events(of: Booking, made: Row, random: Random) -> list[dict[str, Any]]:
    if len(of.events) == 1:
        return [{"event_date": made["event_date"].written, "event_duration": of.events[0].minutes}]
    return [
        {"event_date": f"{event.at:%Y-%m-%d %H:%M}", "event_duration": number(str(event.minutes), random)}
        for event in of.events
    ]


def _lead(made: Row, random: Random) -> dict[str, Any] | list[Any]:
    """The lead; of nobody an empty one, as PHP writes it."""
    if made["lead_id"].empty and made["email"].empty:
        return []
    return {
        "id": number(made["lead_id"].written, random),
        "email": made["email"].written,
        "first_name": made["first_name"].written,
        "last_name": made["last_name"].written,
    }
