"""Webhook events: bookings as the neutral CSV has them, and others that are set aside."""

import json
from typing import Any

import pytest

from adapters.kartra.webhooks import cells_of_event, event_of


def booking(action: str = "calendar_subscribe", lead: Any = None, **calendar: Any) -> dict[str, str]:
    """The cells of a calendar event."""
    return cells_of_event({"lead": lead, "action": action, "action_details": {"calendar": calendar}})


@pytest.mark.parametrize(
    ("action", "given_status", "status"),
    [
        ("calendar_subscribe", None, "Active"),
        ("calendar_cancel", None, "Cancelled"),
        ("calendar_complete", "", "Completed"),
        (" Calendar_Cancel ", None, "Cancelled"),
        ("calendar_subscribe", "Rescheduled", "Rescheduled"),
        ("calendar_move", "Active", "Active"),
        ("calendar_move", None, None),
    ],
)
def test_the_status_is_the_one_given_else_the_actions(action: str, given_status: Any, status: str | None) -> None:
    """An event that says its status is believed; an unknown action on a calendar says nothing of it."""
    made = booking(action, calendar_subscription_id=1, calendar_subscription_status=given_status)
    assert made.get("calendar_subscription_status") == status
    assert made["calendar_subscription_id"] == "1"


def test_several_events_stay_together() -> None:
    """A class with sessions has its events as JSON text; a single one stands in the two columns of the CSV."""
    one = {"event_date": "2026-03-11 09:00", "event_duration": 30}
    two = {"event_date": "2026-03-12 09:00", "event_duration": "45"}
    single = booking(calendar_subscription_id=1, events=[one])
    assert (single["event_date"], single["event_duration"], "events" in single) == ("2026-03-11 09:00", "30", False)
    several = booking(calendar_subscription_id=1, events={"0": one, "2": two})
    assert json.loads(several["events"]) == [{**one, "event_duration": "30"}, two]
    assert not {"event_date", "event_duration"} & set(several)


@pytest.mark.parametrize("events", [None, [], {}, "", [None]])
def test_a_booking_without_events_has_no_date(events: Any) -> None:
    """What has no date gets none."""
    assert not {"event_date", "events"} & set(booking(calendar_subscription_id=1, events=events))


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        ([{"host_first_name": "Ann", "host_last_name": "Host"}, {"host_first_name": "Co "}], "Ann Host; Co"),
        ({"host_first_name": "Ann", "host_last_name": None}, "Ann"),
        ([{"host_email_address": "ann@example.com"}], "ann@example.com"),
        (["Ann Host", {}], "Ann Host"),
        ([], None),
    ],
)
def test_hosts_are_named(hosts: Any, host: str | None) -> None:
    """By first and last name, else by e-mail; several are joined as in the CSV."""
    assert booking(calendar_subscription_id=1, hosts=hosts).get("host") == host


@pytest.mark.parametrize("lead", [None, [], {}, "gone", {"id": None}, [{"id": 7}, {"id": 8}]])
def test_an_event_of_nobody_names_nobody(lead: Any) -> None:
    """A booking without a lead is read without a buyer."""
    assert not {"lead_id", "email"} & set(booking(lead=lead, calendar_subscription_id=1))


def test_the_lead_may_be_the_only_one_of_a_list() -> None:
    """PHP's lists of one are taken for the one."""
    made = booking(lead=[{"id": 7, "email": "a@example.com"}], calendar_subscription_id=1)
    assert (made["lead_id"], made["email"]) == ("7", "a@example.com")


def test_other_actions_say_what_they_are_about_and_no_more() -> None:
    """An event of no calendar keeps its action, whom it names and the numbers of its subject; no booking's columns."""
    lead = {"id": "7", "email": "a@example.com", "first_name": "Ann", "phone": "1"}
    event = {"lead": lead, "action": "assign_tag", "action_details": {"tag": {"tag_id": 11, "tag_name": "VIP"}}}
    assert cells_of_event(event) == {
        "action": "assign_tag",
        "lead_id": "7",
        "email": "a@example.com",
        "tag_id": "11",
        "tag_name": "VIP",
    }


def test_a_booking_never_looks_like_another_action() -> None:
    """A calendar event has no `action`, by which the others are set aside, even if it has lost its number."""
    assert "action" not in booking()
    assert "action" not in booking("calendar_cancel", calendar_subscription_id="9")


@pytest.mark.parametrize("details", [None, [], "x", {"tag": []}, {"tag": None}, {"calendar": "x"}, [{"a": 1}]])
def test_odd_details_survive(details: Any) -> None:
    """Whatever stands for the details, the action is kept."""
    assert cells_of_event({"action": "assign_tag", "action_details": details})["action"] == "assign_tag"
    assert "action" not in cells_of_event({"action": "calendar_cancel", "action_details": details})


@pytest.mark.parametrize(
    "value",
    [None, [], {"action": "x"}, {"action": 1, "lead": {}}, {"lead": {}}, {"action": None, "action_details": {}}],
)
def test_what_is_no_event_is_none(value: Any) -> None:
    """An event has an action in words, and a lead or details."""
    assert event_of(value) is None
