"""Several files of one kind, files of JSON lines, and files that are none of ours, in one folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.journey.handmade import affiliate, booking, contact, email_of, put, put_lines, sale, say, subscription
from tests.journey.readback import read_back, rows_set_aside
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(180)

WEEKLY = "2026-05-04 09:30", "2026-05-11 09:30"


def event(number: int, action: str, buyer: int, *dates: str, **more: Any) -> dict[str, Any]:
    """A calendar's webhook event."""
    calendar = {
        "calendar_name": "Circle",
        "class_name": "Yoga",
        "hosts": [{"host_first_name": "Ann", "host_last_name": "Host"}],
        "vendor_timezone": "Europe/Berlin",
        "calendar_subscription_id": number,
        "events": [{"event_date": date, "event_duration": 45} for date in dates],
    }
    lead = {"id": str(buyer), "email": email_of(buyer)}
    return {"lead": lead, "action": action, "action_details": {"calendar": calendar | more}}


def lead(number: int, tags: tuple[str, ...] = (), lists: Mapping[str, int] | None = None) -> dict[str, Any]:
    """An answer of Kartra's API about a contact."""
    about = {
        "id": str(number),
        "email": email_of(number),
        "first_name": f"First{number}",
        "last_name": "Last",
        "tags": [{"tag_id": str(at), "tag_name": tag} for at, tag in enumerate(tags)],
        "lists": [{"list_id": 1, "list_name": name, "active": active} for name, active in (lists or {}).items()],
    }
    return {"status": "Success", "lead_details": about}


@pytest.fixture
def folder(journey: Journey) -> Path:
    """Where the exports go, with a contact in it."""
    folder = journey.folder / "account"
    put(folder, "contacts_all", [contact(1, tags="VIP;Old", lists="Main", notes="First word")])
    return folder


@pytest.mark.anyio
async def test_files_of_one_kind_are_one(journey: Journey, folder: Path) -> None:
    """Rows of one record in several files are one record: the newest cell that is not empty counts, rows are merged."""
    older = put(folder, "all", [sale(41, 1, Product="Course", Processor="PayPal"), sale(42, 1)], 1)
    newer = put(folder, "quarter", [sale(41, 1, Product="Course II", Processor="N/A"), sale(43, 1)], 2)
    put(folder, "subscriptions_all", [subscription(91, 1), subscription(92, 1)], 3)
    put(folder, "subscriptions", [subscription(91, 1, Status="Canceled", **{"End date": "09 Mar 2026"})], 4)
    put(folder, "affiliates", [affiliate("jo", Affiliate="Jo", Paid="1.00"), affiliate("JO", Earned="2.00")], 5)
    loaded = await journey.load(folder, "leave")
    found = await read_back(journey)
    sold = found.of("opportunity")
    assert sold.keys() == {"transaction:41", "transaction:42", "transaction:43"}
    assert (sold["transaction:41"]["name"], sold["transaction:41"]["kartraProcessor"]) == ("Course II", "PayPal")
    assert found.sources["opportunity", "transaction:41"] == [f"{older}:2", f"{newer}:2"]
    assert found.values("kartraSubscription", "status") == {"subscription:91": "CANCELLED", "subscription:92": "ACTIVE"}
    assert found.values("kartraSubscription", "endedAt")["subscription:91"] == "2026-03-09"
    [jo] = found.of("kartraAffiliate").values()
    assert (jo["name"], jo["earned"]["amountMicros"], jo["paid"]["amountMicros"]) == ("Jo", 2_000_000, 1_000_000)
    books = {one.name: (one.read, one.transformed, one.merged) for one in loaded.books.files}
    assert (books[older], books[newer]) == ((2, 2, 0), (2, 1, 1))
    assert loaded.books.rows.merged == 3


@pytest.mark.anyio
async def test_webhook_events_become_tasks(journey: Journey, folder: Path) -> None:
    """A booking's events are a task each; a cancellation that names none is about all; other events are no task."""
    put(folder, "bookings", [booking(71, 1)], 1)
    told = [
        event(72, "calendar_subscribe", 1, *WEEKLY),
        {"lead": {"id": "1"}, "action": "assign_tag", "action_details": {"tag": {"tag_id": 1, "tag_name": "VIP"}}},
        event(73, "calendar_subscribe", 1, WEEKLY[0]),
        event(72, "calendar_cancel", 1, calendar_subscription_status="Cancelled"),
    ]
    hooks = put_lines(folder, "webhooks", told, 2)
    loaded = await journey.load(folder, "leave")
    found = await read_back(journey)
    yoga = {"dueAt": "2026-05-04T07:30:00.000Z", "status": "TODO", "title": "Circle – Yoga"}
    first, second = "booking:72/2026-05-04T09:30", "booking:72/2026-05-11T09:30"
    gone = {"title": "Cancelled: Circle – Yoga", "status": "DONE"}
    expected = {
        "booking:71/2026-05-04T09:30": {
            "title": "Calls – Intro",
            "dueAt": "2026-05-04T13:30:00.000Z",
            "status": "TODO",
        },
        "booking:73/2026-05-04T09:30": yoga,
        first: yoga | gone,
        second: {**yoga, **gone, "dueAt": "2026-05-11T07:30:00.000Z"},
    }
    shown = {stream: {name: row[name] for name in yoga} for stream, row in found.of("task").items()}
    assert shown == expected
    assert found.of("task")[first]["bodyV2"]["markdown"].splitlines() == [
        "Host: Ann Host",
        "Duration: 45 min",
        "Time zone: Europe/Berlin",
        "Status: Cancelled",
        "Booking: 72",
    ]
    assert found.targets("task") == {stream: [email_of(1)] for stream in expected}
    assert await rows_set_aside(journey) == [(hooks, 2, "not_a_booking")]
    assert loaded.undone == 0


@pytest.mark.anyio
async def test_answers_about_leads_are_contacts(journey: Journey, folder: Path) -> None:
    """An answer of the API joins the contact it is about, or is one: tags and lists unite, save lists she left."""
    answers = [lead(1, ("VIP", "New"), {"Main": 1, "Webinar": 0}), lead(2, ("New",), {"Webinar": 1})]
    put_lines(folder, "lead_details", answers, 1)
    put(folder, "transactions", [sale(41, 2)], 2)
    loaded = await journey.load(folder, "leave")
    found = await read_back(journey)
    people = {row["emails"]["primaryEmail"]: row for row in found.of("person").values()}
    assert {email: set(row["kartraTags"]) for email, row in people.items()} == {
        email_of(1): {"VIP", "OLD", "NEW"},
        email_of(2): {"NEW"},
    }
    assert {email: set(row["kartraLists"]) for email, row in people.items()} == {
        email_of(1): {"MAIN"},
        email_of(2): {"WEBINAR"},
    }
    assert found.people_of("opportunity") == {"transaction:41": email_of(2)}
    assert [row["bodyV2"]["markdown"] for row in found.of("note").values()] == ["First word"]
    assert (loaded.books.rows.merged, loaded.undone) == (1, 0)


def test_files_that_are_none_of_ours_are_named_and_left(journey: Journey, folder: Path) -> None:
    """Each is said to be left, with the reason; a description is no stranger; what is ours is loaded."""
    folder.joinpath("helpdesk_tickets.csv").write_text("Ticket,Department,Subject\n1,Billing,Invoice\n", "utf-8")
    folder.joinpath("notes.docx").write_bytes(b"PK")
    folder.joinpath("again.csv").write_bytes(next(folder.glob("contacts_all*")).read_bytes())
    folder.joinpath("broken.json").write_text('{"lead_details": {', "utf-8")
    fields = '{"status":"Success","custom_fields":[{"field_identifier":"pet","field_type":"input_field"}]}'
    folder.joinpath("custom_fields.json").write_text(fields, "utf-8")
    told = say(journey, "--sandbox", "load", folder, "--accept-defaults", "--automations", "leave")
    assert told.code == 0
    left = {line.split()[1] for line in told.err.splitlines() if line.startswith("left: ")}
    assert len(left) == 4
    assert {"helpdesk_tickets.csv", "notes.docx", "broken.json"} < left
    assert "rows: 1 read = 1 moved" in told.out
