"""Every row that names her is hers, whatever became of it and by which of her names."""

import pytest

from commands.erase import erase
from tests.erase.world import export, left, sale
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

JOERG = {"id": "1", "email": "jörg@firma.example", "first_name": "Jörgiwitz", "last_name": "Müllerowski", "score": "1",
         "company": "", "tags": "VIP, Freund von Müllerowski", "phone": ""}  # fmt: skip
BOB = {**JOERG, "id": "2", "email": "bob@kartra.example", "first_name": "Bob", "last_name": "Two", "tags": "VIP"}
HIS = {"Buyer_Email": "", "Lead_id": "1"}
WORDS = (
    "jörg@firma.example", "Jörgiwitz", "Müllerowski", "joerg.old@firma.example", "Wasjoerg", "Takenjoerg", "30901999",
    "Badjoerg", "Failedjoerg", "Cancelledjoerg", "Nameless", "Bookedjoerg", "Called", "Cited",
)  # fmt: skip


async def test_no_row_of_hers_is_left(journey: Journey) -> None:
    """Held, set aside and given up; by number, by a former e-mail, and by an e-mail in other letters."""
    old = {**JOERG, "email": "joerg.old@firma.example", "first_name": "Wasjoerg"}
    invalid = {**JOERG, "email": "jörg@@firma", "first_name": "Badjoerg"}
    taken = {**JOERG, "id": "9", "email": "JÖRG@firma.example", "first_name": "Takenjoerg", "phone": "+4930901999"}
    sales = [
        sale("901", Transaction_Type="Failed", Buyer_Name="Failedjoerg", Buyer_Email="JOERG.old@firma.example",
             Lead_id=""),
        sale("902", Transaction_Type="Cancellation", Buyer_Name="Cancelledjoerg", **HIS),
        sale("", Buyer_Name="Nameless", **HIS),
        sale("905", Buyer_Name="Bob Two"),
    ]  # fmt: skip
    booking = {"calendar_subscription_id": "", "calendar_name": "Cal", "class_name": "Intro", "lead_id": "1",
               "first_name": "Bookedjoerg", "event_date": "2026-01-19 13:00", "email": "",
               "calendar_subscription_status": "Completed"}  # fmt: skip
    await journey.load(export(journey, 0, contacts=[old]), "leave")
    first = export(journey, 1, contacts=[JOERG, BOB, invalid, taken], transactions=sales, bookings=[booking])
    await journey.load(first, "leave")
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold WHERE reason = 'email_taken'")
    journey.run("holds", "give-up", str(hold), "--why", "Called by Jörgiwitz himself")
    assert len(left(journey, *WORDS)) == len(WORDS) - 1
    done = await erase(journey.options, "joerg.old@firma.example")
    assert left(journey, *WORDS) == []
    assert [(one.field, one.value) for one in done.traced.options] == [("kartraTags", "FREUND_VON_MULLEROWSKI")]
    journey.run("verify")
    assert (await journey.load(first, "leave")).undone == 0
    assert left(journey, *WORDS) == []
    # A number that a later file gives her is hers, wherever in the file it says so, and so is all it leads to.
    third = {**JOERG, "id": "77", "first_name": "Cited"}
    later = [{**third, "email": "cited@new.example"}, third, {**BOB, "score": "5"}]
    again = await journey.delta(export(journey, 3, contacts=later, transactions=[sale("907", Lead_id="77")]))
    assert (again.loaded.written.created, again.loaded.written.updated) == ({}, {"person": 1})
    assert left(journey, *WORDS, "cited@new.example") == []


async def test_a_sale_of_hers_that_was_only_read_is_never_sent(journey: Journey) -> None:
    """Extracted, not transformed: her sale by Kartra's number goes, and the load moves everybody else's."""
    ann = {**BOB, "id": "1", "email": "ann@kartra.example", "first_name": "Annelise"}
    sales = [sale("903", Lead_id="1", Buyer_Email="", Buyer_Name="Only Read"), sale("904")]
    folder = export(journey, 0, contacts=[ann, BOB], transactions=sales)
    journey.run("extract", str(folder))
    await erase(journey.options, "ann@kartra.example")
    assert left(journey, "Annelise", "Only Read", "ann@kartra.example") == []
    loaded = await journey.load(folder, "leave")
    assert (loaded.written.created, loaded.undone) == ({"person": 1, "opportunity": 1}, 0)


async def test_a_line_that_cannot_be_split_is_hers_by_her_number(journey: Journey) -> None:
    """Her number where numbers stand, and no e-mail: it goes, and a later one is kept without a word.

    Her number as another's score, or beside another's e-mail, says nothing of her.
    """
    folder = export(journey, 0, contacts=[{**JOERG, "score": ""}, BOB], transactions=[sale("905")])
    [contacts], [sales] = folder.glob("contacts*"), folder.glob("transactions*")
    broken = '1,,Jörgiwitz,Brokenjoerg,,,"torn" off,\n9,,Karl,Other,1,,,,,surplus\n'
    moved = '1,bob@kartra.example,Bob,Moved,,,,,,\n"1,,Jörgiwitz,Quotedjoerg,,\n'
    contacts.write_text(contacts.read_text("utf-8") + broken + moved, "utf-8")
    names = sales.read_text("utf-8").splitlines()[0].split(",")
    told = {"ID": "906", "Buyer_Name": "Tornjoerg", "Lead_id": "1"}
    sales.write_text(sales.read_text("utf-8") + ",".join([*(told.get(name, "") for name in names), "surplus"]) + "\n")
    words = ("Jörgiwitz", "Brokenjoerg", "Tornjoerg", "Quotedjoerg", "Latejoerg")
    journey.run("extract", str(folder), code=3)
    assert len(journey.ledger_rows("SELECT id FROM hold WHERE reason = 'row_malformed'")) == 5
    assert left(journey, *words, "Other", "Moved") == [*words[:4], "Other", "Moved"]
    await erase(journey.options, "jörg@firma.example")
    assert left(journey, *words, "Other", "Moved") == ["Other", "Moved"]
    later = export(journey, 1, contacts=[BOB])
    [contacts] = later.glob("contacts*")
    contacts.write_text(contacts.read_text("utf-8") + "1,,Jörgiwitz,Latejoerg,,,,,surplus\n", "utf-8")
    journey.run("extract", str(later))
    assert left(journey, *words) == []
