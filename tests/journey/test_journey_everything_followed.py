"""Rows that were held because nobody knew their buyer, or for another reason, and what becomes of them later."""

from pathlib import Path

import pytest

from commands.holds import holds
from commands.loading import Loaded
from tests.journey.handmade import booking, contact, email_of, put, sale, sign_mapping, subscription
from tests.journey.readback import read_back
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(180)

SLASHES = ('slash_dates = "unambiguous"', 'slash_dates = "day-first"')


async def listed(journey: Journey) -> list[tuple[str, int, str | None, str, str]]:
    """File, line, column, reason and state of every hold, in the order they were made."""
    found = await holds(journey.options, None)
    return [(one.file.split("_")[0], one.line, one.column, one.reason, one.state) for one in found]


def created(loaded: Loaded) -> dict[str, int]:
    """What a load created, by object."""
    return {name: count for name, count in loaded.written.created.items() if count}


def account(journey: Journey) -> Path:
    """One contact, and what she and somebody unknown bought and booked."""
    folder = journey.folder / "account"
    put(folder, "contacts_all", [contact(1), contact(9_000, email="")])
    stranger = {"lead_id": "2", "Buyer_Email": "other@k.example"}
    sales = [sale(41, 1), sale(42, 2), sale(43, None, **stranger), sale(44, None, lead_id="9000"), sale(45, None)]
    put(folder, "transactions", sales, 1)
    put(folder, "subscriptions", [subscription(91, 2)], 2)
    put(folder, "bookings", [booking(71, 2), booking(72, 1)], 3)
    return folder


def later(journey: Journey) -> Path:
    """A later export that has the unknown, and the contact without an e-mail, with one."""
    folder = journey.folder / "later"
    put(folder, "contacts_all", [contact(2), contact(9_000)], 9)
    return folder


@pytest.mark.anyio
async def test_what_somebody_unknown_bought_is_held_and_follows(journey: Journey) -> None:
    """Held by line and column while the buyer is unknown; when a later export has her, released and moved, once."""
    first = await journey.load(account(journey), "leave")
    assert await listed(journey) == [
        ("contacts", 3, "email", "email_missing", "open"),
        ("transactions", 3, "buyer_email", "buyer_unknown", "open"),
        ("transactions", 4, "buyer_email", "buyer_unknown", "open"),
        ("transactions", 5, "lead_id", "buyer_unknown", "open"),
        ("subscriptions", 2, "buyer_email", "buyer_unknown", "open"),
        ("bookings", 2, "email", "buyer_unknown", "open"),
    ]
    assert first.undone == 6
    assert created(first) == {"person": 1, "opportunity": 2, "task": 1, "taskTarget": 1}
    second = await journey.load(later(journey), "leave")
    assert created(second) == {
        "person": 2,
        "opportunity": 3,
        "kartraSubscription": 1,
        "task": 1,
        "taskTarget": 1,
    }
    assert [state for *_, state in await listed(journey)] == ["released"] * 6
    assert len(await journey.events("RowReleased")) == 6
    found = await read_back(journey)
    assert found.people_of("opportunity") == {
        "transaction:41": email_of(1),
        "transaction:42": email_of(2),
        "transaction:43": email_of(2),
        "transaction:44": email_of(9_000),
        "transaction:45": None,
    }
    assert found.people_of("kartraSubscription") == {"subscription:91": email_of(2)}
    assert found.targets("task")["booking:71/2026-05-04T09:30"] == [email_of(2)]
    held = {one.name.split("_")[0]: one.held for one in second.books.files if one.held}
    assert (held, second.undone) == ({}, 0)


@pytest.mark.anyio
async def test_a_row_held_again_for_another_reason_says_so(journey: Journey) -> None:
    """A date the new mapping can read makes way for the next fault of the row, which is another hold."""
    folder = journey.folder / "account"
    put(folder, "contacts_all", [contact(1)])
    put(folder, "transactions", [sale(41, 1), sale(42, 2, Date="03/04/2026 10:00:00")], 1)
    await journey.load(folder, "leave")
    assert await listed(journey) == [("transactions", 3, "date", "date_invalid", "open")]
    sign_mapping(journey, SLASHES)
    again = await journey.load(folder, "leave")
    assert await listed(journey) == [
        ("transactions", 3, "date", "date_invalid", "released"),
        ("transactions", 3, "buyer_email", "buyer_unknown", "open"),
    ]
    assert again.undone == 1
    third = await journey.load(later(journey), "leave")
    assert [state for *_, state in await listed(journey)] == ["released", "released"]
    assert third.undone == 0
    found = await read_back(journey)
    assert found.values("opportunity", "closeDate")["transaction:42"] == "2026-04-03T14:00:00.000Z"


@pytest.mark.anyio
async def test_a_row_that_is_still_at_fault_is_held_once(journey: Journey) -> None:
    """Loading the same files again holds nothing twice, releases nothing and makes nothing."""
    folder = account(journey)
    await journey.load(folder, "leave")
    before = await listed(journey)
    again = await journey.load(folder, "leave")
    assert await listed(journey) == before
    assert created(again) == {}
    assert again.undone == len(before)
