"""Other people keep all that is theirs: those whose e-mail looks like hers, and those whose rows name her."""

import pytest

from commands.erase import erase
from tests.erase.world import export, left, sale
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

JANE = {"id": "1", "email": "jane@acme.example", "first_name": "Janequelle", "last_name": "Doequist", "score": "1",
        "company": "", "tags": "VIP", "notes": ""}  # fmt: skip
LONGER = {**JANE, "id": "3", "email": "mary.jane@acme.example", "first_name": "Mary", "last_name": "Three"}
ABROAD = {**JANE, "id": "4", "email": "jane@acme.example.au", "first_name": "Abroad", "last_name": "Four"}
BOB = {**JANE, "id": "2", "email": "bob@kartra.example", "first_name": "Bob", "last_name": "Two",
       "notes": "likes tea; recommended by Jane@Acme.example, wants a call"}  # fmt: skip
HER = {"Affiliate_Username": "janeq_aff", "Affiliate_Name": "Janequelle Doequist"}
SALES = [
    sale("903", **HER, Affiliate_Email="jane@acme.example"),
    sale("904", **HER),
    sale("905", Product="Talk with jane@acme.example"),
]
WORDS = ("jane@acme.example", "Janequelle", "Doequist", "janeq_aff")


def bodies_of(journey: Journey, *streams: str) -> list[object]:
    """Everything the ledger holds of some streams, byte for byte."""
    rows = journey.ledger_rows("SELECT json_extract(body, '$.subject'), body FROM payload ORDER BY hash")
    return [body for subject, body in rows if subject in streams]


async def test_others_keep_what_is_theirs(journey: Journey) -> None:
    """Her affiliate's cells and her e-mail go from Bob's rows; what Twenty holds of him stays, and is not compared.

    The same exports loaded again, and held against the ledger, say nothing new; a later sale that names her is moved
    without her; a rollback and a load bring everybody else back.
    """
    people = [JANE, BOB, LONGER, ABROAD]
    first = export(journey, 0, contacts=people, transactions=SALES)
    await journey.load(first, "leave")
    alike = bodies_of(journey, "contact:3", "contact:4")
    done = await erase(journey.options, "jane@acme.example")
    # The other two addresses end, or begin, like hers.
    assert bodies_of(journey, "contact:3", "contact:4") == alike
    assert [one for one in left(journey, *WORDS) if one != "jane@acme.example"] == []
    assert (done.undone, done.traced.redacted) == (0, 4)
    assert sorted(one.object for one in done.traced.quoting) == ["note", "opportunity"]
    journey.run("verify")
    assert (await journey.load(first, "leave")).undone == 0
    later = [*SALES, sale("906", **HER, Affiliate_Email="JANE@acme.example")]
    people[3] = {**ABROAD, "score": "2"}
    again = await journey.delta(export(journey, 2, contacts=people, transactions=later))
    assert (again.compared.kinds["transactions"].same, again.compared.kinds["contacts"].same) == (3, 2)
    assert (again.loaded.written.created, again.loaded.written.updated) == ({"opportunity": 1}, {"person": 1})
    assert again.undone == 0
    journey.run("--sandbox", "reconcile")
    [note] = await journey.records("note")
    assert "recommended by" in note["bodyV2"]["markdown"]
    assert (await journey.roll_back()).undone == 0
    assert (await journey.load(first, "leave")).undone == 0
    names = sorted(one["name"] for one in await journey.records("opportunity"))
    assert names == ["Course", "Course", "Course", "Talk with"]
    assert len(await journey.records("person")) == 3
    assert [one for one in left(journey, *WORDS) if one != "jane@acme.example"] == []
    journey.run("ledger", "rebuild")


async def test_what_a_rollback_needs_stays_and_is_named(journey: Journey) -> None:
    """Bob's note said her e-mail before a delta changed it: what stood there is kept, so that it can be put back."""
    await journey.load(export(journey, 0, contacts=[JANE, BOB]), "leave")
    changed = await journey.delta(export(journey, 1, contacts=[JANE, {**BOB, "notes": "likes coffee"}]))
    done = await erase(journey.options, "jane@acme.example")
    assert (done.undone, done.traced.untouched, left(journey, "Janequelle")) == (1, 1, [])
    journey.run("--sandbox", "reconcile")
    assert (await journey.roll_back(changed.loaded.run)).undone == 0
    [note] = await journey.records("note")
    assert "recommended by" in note["bodyV2"]["markdown"]
    assert (await journey.roll_back()).undone == 0
    assert await journey.records("person") == []
    journey.run("verify")
