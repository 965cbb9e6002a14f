"""A mapping edited by hand and signed does what it says; what it does not move stays in the ledger and can follow."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapters.mapping import shipped_text
from commands.loading import Loaded
from tests.journey.handmade import affiliate, booking, contact, email_of, put, sale, sign_mapping, subscription
from tests.journey.readback import Found, count_all, read_back
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(180)

TAGS_AS_OBJECTS = ('from = "tags"\nas = "options"', 'from = "tags"\nas = "objects"')
CONTACTS = [
    contact(1, tags="VIP 🌟;Weekly, short", lists="Main", notes="Likes tea", score="7", pet="cat"),
    contact(2, tags="Weekly, short", lists="Main;Zürich", score="12", pet="dog"),
    contact(3, tags="", score="", pet=""),
]


def account(journey: Journey) -> Path:
    """A small account with every kind of file."""
    folder = journey.folder / "account"
    put(folder, "contacts_all", CONTACTS, 0)
    put(folder, "report_all_transactions", [sale(41, 1, Affiliate_Username="jo"), sale(42, 2)], 1)
    put(folder, "subscriptions", [subscription(91, 1), subscription(92, 2, Status="Paused")], 2)
    put(folder, "bookings", [booking(71, 1), booking(72, 2)], 3)
    put(folder, "affiliates", [affiliate("jo", Affiliate="Jo Partner", Earned="$5.00")], 4)
    return folder


def section(first: str, after: str) -> str:
    """The shipped mapping's words from the first heading up to the one after it."""
    text = shipped_text()
    return text[text.index(first) : text.index(after)]


BOOKINGS = section("[task.fields.title]", "# --- notes")


async def loaded_by(journey: Journey, *edits: tuple[str, str]) -> tuple[Loaded, Found]:
    """Load the account by the shipped mapping, edited."""
    sign_mapping(journey, *edits)
    loaded = await journey.load(account(journey), "leave")
    assert loaded.undone == 0
    return loaded, await read_back(journey)


async def fields_of(journey: Journey, object_name: str) -> dict[str, tuple[str, str]]:
    """Name → type and label of the fields of an object."""
    async with journey.twenty() as twenty:
        fields = twenty.model.object(object_name).fields.values()
        return {field.name: (field.type, field.label) for field in fields}


def by_email(found: Found, field: str) -> dict[str, Any]:
    """A field of every person by e-mail."""
    return {row["emails"]["primaryEmail"]: row[field] for row in found.of("person").values()}


@pytest.mark.anyio
async def test_renamed_fields_and_objects_have_their_new_names(journey: Journey) -> None:
    """A field, an object and a relation that were renamed are made under the new names, filled, and not the old."""
    _, found = await loaded_by(
        journey,
        ('[person.fields.kartraScore]\nlabel = "Kartra score"', '[person.fields.loyalty]\nlabel = "Loyalty"'),
        ('name = "kartraAffiliate", plural = "kartraAffiliates"', 'name = "partner", plural = "partners"'),
        ('[affiliate]\nperson = "person"', '[affiliate]\nperson = "contact"'),
        ("[subscription.custom.fields.recurrence]", "[subscription.custom.fields.term]"),
    )
    person, partner = await fields_of(journey, "person"), await fields_of(journey, "partner")
    assert person["loyalty"] == ("NUMBER", "Loyalty")
    assert "kartraScore" not in person
    assert by_email(found, "loyalty") == {email_of(1): 7, email_of(2): 12, email_of(3): None}
    assert partner["contact"][0] == "RELATION"
    assert [row["name"] for row in found.of("partner").values()] == ["Jo Partner"]
    assert set(found.values("kartraSubscription", "term").values()) == {"Monthly"}
    assert "kartraAffiliate" not in await count_all(journey)


@pytest.mark.anyio
async def test_tags_can_be_records_of_their_own(journey: Journey) -> None:
    """Tags as objects: a record a tag, tied to everybody who has it, once; lists go on as options of the person."""
    _, found = await loaded_by(journey, TAGS_AS_OBJECTS)
    assert Counter(found.values("kartraTag", "name").values()) == {"VIP 🌟": 1, "Weekly, short": 1}
    assert tags(found) == {("VIP 🌟", email_of(1)), ("Weekly, short", email_of(1)), ("Weekly, short", email_of(2))}
    assert len(found.of("kartraPersonTag")) == 3
    person = await fields_of(journey, "person")
    assert "kartraTags" not in person
    assert person["kartraLists"][0] == "MULTI_SELECT"
    assert by_email(found, "kartraLists") == {email_of(1): ["MAIN"], email_of(2): ["MAIN", "ZURICH"], email_of(3): []}


@pytest.mark.anyio
async def test_a_later_export_adds_ties_to_the_tags_there_are(journey: Journey) -> None:
    """A tag somebody got since is one more tie, to the record of the tag where there is one; nothing is doubled."""
    await loaded_by(journey, TAGS_AS_OBJECTS)
    later = journey.folder / "later"
    put(later, "contacts_all", [{**CONTACTS[1], "tags": "VIP 🌟;New"}], 9)
    done = await journey.load(later, "leave")
    found = await read_back(journey)
    assert {name: count for name, count in done.written.created.items() if count} == {
        "kartraTag": 1,
        "kartraPersonTag": 2,
    }
    assert sorted(found.values("kartraTag", "name").values()) == ["New", "VIP 🌟", "Weekly, short"]
    assert {tag for tag, email in tags(found) if email == email_of(2)} == {"New", "VIP 🌟", "Weekly, short"}


def tags(found: Found) -> set[tuple[str, str]]:
    """Tag and e-mail of everybody tied to it."""
    names = found.values("kartraTag", "name")
    tied = found.tied("kartraTag", "kartraPersonTag", "tagId", "personId")
    return {(names[stream], email) for stream, emails in tied.items() for email in emails}


@pytest.mark.anyio
async def test_subscriptions_can_be_opportunities(journey: Journey) -> None:
    """As opportunities: beside the sales, with the next payment, the start and the state; no object of their own."""
    _, found = await loaded_by(journey, ('[subscription]\nas = "object"', '[subscription]\nas = "opportunity"'))
    async with journey.twenty() as twenty:
        assert "kartraSubscription" not in twenty.model.objects
    money = {"amountMicros": 29_000_000, "currencyCode": "USD"}
    plain = {"name": "Circle", "stage": "CUSTOMER", "amount": money, "closeDate": "2026-02-03T05:00:00.000Z"}
    sales = {stream: row for stream, row in found.of("opportunity").items() if stream.startswith("transaction:")}
    assert (
        found.amiss(
            "opportunity",
            {
                "subscription:91": {**plain, "kartraSubscriptionStatus": "ACTIVE", "kartraSubscriptionId": "91"},
                "subscription:92": {**plain, "kartraSubscriptionStatus": "PAUSED", "kartraSubscriptionId": "92"},
                **sales,
            },
        )
        == []
    )
    assert sales.keys() == {"transaction:41", "transaction:42"}
    assert found.people_of("opportunity") == {
        "transaction:41": email_of(1),
        "transaction:42": email_of(2),
        "subscription:91": email_of(1),
        "subscription:92": email_of(2),
    }


@pytest.mark.anyio
async def test_a_column_that_is_skipped_stays_in_the_ledger(journey: Journey) -> None:
    """A skipped column of the account's own makes no field; its cells are in the ledger, with their rows."""
    await loaded_by(journey, ('skip = [\n    "gdpr_lead', 'skip = [\n    "pet",\n    "gdpr_lead'))
    assert not any("Pet" in name for name in await fields_of(journey, "person"))
    rows = [await journey.body(one.event.payload_hash) for one in await journey.events("RowExtracted")]
    assert [row["cells"]["pet"] for row in rows if "pet" in row["cells"]] == ["cat", "dog"]


@pytest.mark.anyio
async def test_what_is_not_moved_waits_and_follows(journey: Journey) -> None:
    """Without a section its rows wait in the ledger, and nothing is made; with it again, the next load moves them."""
    sales = section("[opportunity]\n", "# --- subscriptions")
    done, found = await loaded_by(journey, (BOOKINGS, ""), (sales, ""))
    assert done.books.rows.waiting == 4
    assert {one.name.split("_")[0]: one.waiting for one in done.books.files if one.waiting} == {
        "report": 2,
        "bookings": 2,
    }
    assert found.records.keys() & {"task", "taskTarget", "opportunity"} == set()
    sign_mapping(journey)
    again = await journey.load(journey.folder / "account", "leave")
    assert {name: count for name, count in again.written.created.items() if count} == {
        "opportunity": 2,
        "task": 2,
        "taskTarget": 2,
    }
    assert again.books.rows.waiting == again.undone == 0
    found = await read_back(journey)
    assert found.targets("task") == {
        "booking:71/2026-05-04T09:30": [email_of(1)],
        "booking:72/2026-05-04T09:30": [email_of(2)],
    }
    assert found.people_of("opportunity") == {"transaction:41": email_of(1), "transaction:42": email_of(2)}
