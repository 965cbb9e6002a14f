"""Erased from the ledger first, from Twenty another day: the second request finds all that the first one covered."""

import pytest

from commands.erase import Extent, erase
from tests.delta.accounts import ANN, BOB
from tests.erase.world import export, left, sale
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

HER = {**ANN, "first_name": "Zuleika", "last_name": "Quendolyn", "company": "Quendolyn GmbH", "notes": "calls back"}
HIM = {**BOB, "notes": ""}
NAMED = {"Affiliate_Username": "zuleika77", "Affiliate_Name": "Zuleika Quendolyn", "Affiliate_Email": ANN["email"]}
BOUGHT = {"Lead_id": "1", "Buyer_Email": ANN["email"], "Buyer_Name": "Zuleika Quendolyn"}
WORDS = (ANN["email"], "Zuleika", "Quendolyn", "zuleika77")
BOTH = Extent(in_twenty=True, companies=True)


async def test_what_an_erasure_covered_is_found_again(journey: Journey) -> None:
    """Her sale, affiliate, note and company are told each time, and go with her; so are the rows of each file."""
    sales = [sale("901", **BOUGHT), sale("902", **NAMED)]
    await journey.load(export(journey, 0, contacts=[HER, HIM], transactions=sales), "leave")
    first = await erase(journey.options, ANN["email"])
    assert [one.object for one in first.traced.in_twenty] == [
        "kartraAffiliate", "note", "noteTarget", "opportunity", "person",
    ]  # fmt: skip
    assert ([one.object for one in first.traced.companies], left(journey, *WORDS)) == (["company"], ["Quendolyn"])
    assert "erased before" in journey.run("erase", "--email", ANN["email"])
    again = await erase(journey.options, ANN["email"])
    assert (first.traced.before, again.traced.before) == (False, True)
    for name in ("in_twenty", "companies", "files", "streams"):
        assert getattr(again.traced, name) == getattr(first.traced, name), name
    last = await erase(journey.options, ANN["email"], BOTH)
    assert (last.stays, last.undone) == ((), 0)
    assert last.destroyed == {
        "kartraAffiliate": 1, "note": 1, "noteTarget": 1, "opportunity": 1, "person": 1, "company": 1,
    }  # fmt: skip
    assert [one["name"] for one in await journey.records("company")] == [BOB["company"]]
    assert len(await journey.records("opportunity")) == 1
    assert (await journey.records("kartraAffiliate"), await journey.records("note")) == ([], [])
    assert [one.rows for one in last.traced.files] == [1, 1]
    assert left(journey, *WORDS) == []
    journey.run("verify")
    journey.run("--sandbox", "reconcile")


async def test_what_is_others_since_is_not_hers_any_more(journey: Journey) -> None:
    """A colleague came to the company that was hers alone, and her sale is his by now: both stay."""
    sales = [sale("901", **BOUGHT), sale("903", **BOUGHT)]
    await journey.load(export(journey, 0, contacts=[HER, HIM], transactions=sales), "leave")
    await erase(journey.options, ANN["email"])
    his = {**HIM, "company": HER["company"]}
    await journey.delta(export(journey, 1, contacts=[his], transactions=[sale("903")]))
    last = await erase(journey.options, ANN["email"], BOTH)
    assert (last.destroyed["opportunity"], "company" in last.destroyed, last.traced.companies) == (1, False, ())
    # His sale waits for somebody to decide, and points at her until then.
    assert [(one.object, one.why) for one in last.stays] == [("person", "has_dependents")]
    assert HER["company"] in {one["name"] for one in await journey.records("company")}
    assert len(await journey.records("opportunity")) == 1
