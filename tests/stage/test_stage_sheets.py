"""stage: what stands in the files is what Twenty's own import takes, and all of what may go there."""

import json
import stat

import pytest

from commands.errors import WrongUse
from ledger.events import PayloadErased, RecordRejected, RowHeld
from ledger.store import Ledger
from tests.ledger.plain import take_away
from tests.stage.conftest import FILE, Story

pytestmark = pytest.mark.anyio

PERSON = {
    "name": {"firstName": "Zoë", "lastName": "=Lärsson"},
    "emails": {"primaryEmail": "zoe@x.org", "additionalEmails": ["z@x.org"]},
    "phones": {
        "primaryPhoneNumber": "701740605",
        "primaryPhoneCountryCode": "SE",
        "primaryPhoneCallingCode": "+46",
        "additionalPhones": [],
    },
    "linkedinLink": {"primaryLinkUrl": "https://linkedin.com/in/zoe", "primaryLinkLabel": "", "secondaryLinks": None},
    "createdAt": "2021-03-14T07:30:00.000Z",
    "kartraAddress": {
        "addressStreet1": "Storgatan 12", "addressStreet2": "", "addressCity": "Göteborg", "addressState": "",
        "addressPostcode": "00501", "addressCountry": "Sweden",
    },
    "kartraMayContact": True,
    "kartraBlocked": False,
    "kartraScore": 0,
    "kartraPhoneRaw": "+1 (call me)",
    "kartraTags": ["VIP", "COURSE_A"],
    "kartraFieldBudgetBand": "-5",
}  # fmt: skip


async def test_a_person_stands_under_the_import_s_labels(story: Story) -> None:
    """Every part of every field has its column, in the formats of Twenty's documentation."""
    await story.contacts({"email": "zoe@x.org", "budget_band": "-5"})
    await story.record("company", "company:~a", {"name": "Acme", "kartraKey": "acme"})
    await story.record("person", "contact:1", PERSON, {"companyId": ("company", "company:~a")})
    await story.stage()
    assert story.sheet("02-people.csv") == [
        {
            "Id": await story.id_of("person", "contact:1"),
            "Name / First Name": "Zoë",
            "Name / Last Name": "=Lärsson",
            "Company / Id": await story.id_of("company", "company:~a"),
            "Creation date": "2021-03-14T07:30:00.000Z",
            "Emails / Primary Email": "zoe@x.org",
            "Emails / Additional Emails": '["z@x.org"]',
            "Kartra address / Address 1": "Storgatan 12",
            "Kartra address / City": "Göteborg",
            "Kartra address / Country": "Sweden",
            "Kartra address / Post Code": "00501",
            "Kartra blocked": "FALSE",
            "Kartra may contact": "TRUE",
            "Kartra phone as written": "+1 (call me)",
            "Kartra score": "0",
            "Budget band (Kartra)": "-5",
            "Kartra tags": '["VIP","COURSE_A"]',
            "Linkedin / Link URL": "https://linkedin.com/in/zoe",
            "Phones / Primary Phone Number": "701740605",
            "Phones / Primary Phone Country Code": "SE",
            "Phones / Primary Phone Calling Code": "+46",
        }
    ]
    assert story.sheet("01-companies.csv") == [
        {"Id": await story.id_of("company", "company:~a"), "Name": "Acme", "Kartra key": "acme"}
    ]


async def test_money_dates_and_custom_objects(story: Story) -> None:
    """Amounts are decimals with their currency, signs and micros kept; custom objects have the mapping's labels."""
    amounts = {"a": -12_500_000, "b": 0, "c": 1_234_567_890, "d": 1}
    for key, micros in amounts.items():
        money = {"amountMicros": micros, "currencyCode": "EUR"}
        await story.record("opportunity", f"transaction:{key}", {"name": key, "amount": money, "stage": "CUSTOMER"})
    await story.record("person", "contact:1", {"name": {"firstName": "Zoë", "lastName": ""}})
    fields = {"name": "Club", "status": "ACTIVE", "startedAt": "2026-03-03", "kartraId": "7"}
    await story.record("kartraSubscription", "subscription:7", fields, {"personId": ("person", "contact:1")})
    await story.stage()
    sales = story.sheet("02-opportunities.csv")
    assert [row["Amount / Amount"] for row in sales] == ["-12.50", "0.00", "1234.56789", "0.000001"]
    assert {row["Amount / Currency"] for row in sales} == {"EUR"}
    [subscription] = story.sheet("03-kartraSubscriptions.csv")
    assert subscription == {
        "Id": await story.id_of("kartraSubscription", "subscription:7"),
        "Name": "Club",
        "Person / Id": await story.id_of("person", "contact:1"),
        "Kartra ID": "7",
        "Started at": "2026-03-03",
        "Status": "ACTIVE",
    }


async def test_parents_come_first_and_ties_are_counted(story: Story) -> None:
    """Files are numbered in the order of import; what Twenty's import cannot tie is left out and counted."""
    await story.record("noteTarget", "contact:1", {}, {"targetPersonId": ("person", "contact:1")})
    await story.record("note", "contact:1", {"title": "Kartra note", "bodyV2": {"markdown": "Hi"}})
    await story.record("opportunity", "transaction:1", {"name": "Course"})
    await story.record("person", "contact:1", {"name": {"firstName": "Z", "lastName": ""}})
    await story.record("company", "company:~a", {"name": "Acme"})
    done = await story.stage()
    assert [one.file for one in done.files] == [
        "01-companies.csv", "02-people.csv", "03-opportunities.csv", "04-notes.csv",
    ]  # fmt: skip
    assert done.left_out == {"noteTarget": {"not_importable": 1}}
    assert story.sheet("04-notes.csv")[0]["Body / Markdown"] == "Hi"
    guide = (story.out / "README.md").read_text("utf-8")
    assert guide.index("01-companies") < guide.index("04-notes")
    assert "| noteTarget | not importable | 1 |" in guide


async def test_what_may_not_go_is_left_out_and_counted(story: Story) -> None:
    """Held, rejected and erased records are in no file; a relation to one of them is left empty."""
    await story.record("company", "company:~held", {"name": "Held"})
    for key in ("contact:1", "contact:2", "contact:3"):
        person = {"name": {"firstName": key, "lastName": ""}}
        await story.record("person", key, person, {"companyId": ("company", "company:~held")})
    held = RowHeld(
        object="company", source_ref=f"{FILE}:2", source_key="company:~held", reason="existing_in_twenty", stage="write"
    )
    await story.tell(held)
    async with Ledger.open(story.options.ledger, command="story", actor="tester@host") as ledger:
        [row] = await ledger.reader.rows("SELECT payload_hash FROM record WHERE source_key = 'contact:2'")
        rejected = RecordRejected(object="person", source_key="contact:3", code="X", payload_hash=row["payload_hash"])
        await ledger.append([rejected, PayloadErased(payload_hash=row["payload_hash"])])
    take_away(story.options.ledger, row["payload_hash"])
    done = await story.stage()
    assert [row["Name / First Name"] for row in story.sheet("01-people.csv")] == ["contact:1"]
    assert "Company / Id" not in story.header("01-people.csv")
    assert done.left_out == {"company": {"held": 1}, "person": {"rejected": 1, "erased": 1}}
    assert done.unlinked == 1


async def test_files_are_cut_where_the_import_would_refuse_more(story: Story) -> None:
    """No file holds more records than allowed; all are there once, under one header."""
    for number in range(5):
        await story.record("company", f"company:~{number}", {"name": f"Acme {number}"})
    done = await story.stage(most=2)
    assert [(one.file, one.rows) for one in done.files] == [
        ("01-companies.csv", 2), ("01-companies-2.csv", 2), ("01-companies-3.csv", 1),
    ]  # fmt: skip
    names = [row["Name"] for one in done.files for row in story.sheet(one.file)]
    assert names == [f"Acme {number}" for number in range(5)]
    assert len({tuple(story.header(one.file)) for one in done.files}) == 1


async def test_the_files_are_for_their_owner_alone(story: Story) -> None:
    """Folder and files, which hold personal data, are readable to nobody else."""
    await story.record("company", "company:~a", {"name": "Acme"})
    await story.stage()
    assert stat.S_IMODE(story.out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in story.out.iterdir()} == {0o600}


async def test_nothing_is_written_over(story: Story) -> None:
    """A folder that holds anything is refused, and stays as it is."""
    await story.record("company", "company:~a", {"name": "Acme"})
    story.out.mkdir()
    (story.out / "mine.txt").write_text("mine")
    with pytest.raises(WrongUse, match="is not empty; name a new folder"):
        await story.stage()
    assert [path.name for path in story.out.iterdir()] == ["mine.txt"]


async def test_a_ledger_without_records_has_nothing_to_stage(story: Story) -> None:
    """Rows alone cannot be imported: the way to records is named, and no folder is made."""
    await story.contacts({"email": "zoe@x.org"})
    with pytest.raises(WrongUse, match="`transform` makes them"):
        await story.stage()
    assert not story.out.exists()


async def test_fields_that_share_a_label_are_told_apart(story: Story) -> None:
    """Two columns under one name could not be matched: the API name tells them apart."""
    await story.record("company", "company:~a", {"name": "Acme", "creationDate": "x", "createdAt": "2026-01-01T00:00Z"})
    await story.stage()
    assert story.header("01-companies.csv") == [
        "Id",
        "Name",
        "Creation date (createdAt)",
        "Creation date (creationDate)",
    ]


async def test_unknown_composites_are_json(story: Story) -> None:
    """A nested value the import has no columns for is written as JSON, never lost."""
    await story.record("company", "company:~a", {"name": "Acme", "extra": {"a": [1, "=x"]}})
    await story.stage()
    assert json.loads(story.sheet("01-companies.csv")[0]["Extra"]) == {"a": [1, "=x"]}
