"""Life goes on after an erasure: bodies that went are never needed again, and what was stopped is gone on with."""

import pytest

from commands.erase import Extent, erase
from tests.crash.processes import Zygote, kill_at
from tests.crash.world import KILLED
from tests.delta.accounts import ANN, BOB, CYD, edit, export, people
from tests.erase.world import left
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

HERS = {**ANN, "first_name": "Annelise", "last_name": "Quendolyn", "company": "Quendolyn & Daughters"}
KARL = {**CYD, "company": HERS["company"]}
BOTH = Extent(in_twenty=True, companies=True)


async def test_a_colleague_who_comes_later_has_the_company(journey: Journey) -> None:
    """It was erased with her, and is made anew in a body of its own: sent once, and unchanged ever after."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    await erase(journey.options, ANN["email"], BOTH)
    came = await journey.delta(export(journey, 1, [BOB, KARL]))
    assert (came.loaded.written.created, came.undone) == ({"company": 1, "person": 1}, 0)
    again = await journey.delta(export(journey, 2, [{**BOB, "score": "7"}, KARL]))
    assert (again.loaded.written.created, again.loaded.written.updated) == ({}, {"person": 1})
    journey.run("transform", "--accept-defaults")
    assert (await journey.delta(export(journey, 3, [{**BOB, "score": "8"}, KARL]))).loaded.transformed.withdrawn == 0
    # Erased without Twenty, its record stands there still: what it should hold is compared with what it holds.
    await erase(journey.options, KARL["email"], Extent(companies=True))
    dave = {**KARL, "id": "4", "email": "dave@kartra.example", "first_name": "Dave"}
    last = await journey.delta(export(journey, 4, [BOB, dave]))
    assert (last.loaded.written.created, last.undone) == ({"person": 1}, 0)
    journey.run("verify")


async def test_a_kept_record_can_be_erased_twice_and_taken_back(journey: Journey) -> None:
    """Why it was kept is said again each time, and so is that it was erased: nothing of it has to go."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    await edit(journey, ANN["email"], jobTitle="Baker")
    for _ in range(2):
        done = await erase(journey.options, ANN["email"], BOTH)
        assert [one.why for one in done.stays][:1] in (["edited"], ["erased"])
    taken = await journey.roll_back()
    assert (taken.destroyed["person"], [one.why for one in taken.proof.kept][:1]) == (1, ["erased"])
    assert set(await people(journey)) == {ANN["email"]}


async def test_what_she_was_to_hold_is_not_sent_any_more(journey: Journey) -> None:
    """Changed in Kartra and not sent yet, she is obsolete once erased: no later delta is left with her."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    journey.run("extract", str(export(journey, 1, [{**HERS, "score": "77"}, {**BOB, "score": "78"}])))
    journey.run("transform", "--accept-defaults")
    done = await erase(journey.options, ANN["email"])
    assert done.traced.unsent == (("person", "contact:1"),)
    assert (await journey.delta(export(journey, 2, [{**BOB, "score": "79"}]))).undone == 0
    assert journey.ledger_rows("SELECT state FROM record WHERE source_key = 'contact:1'") == [("obsolete",)]


WORDS = ("erase", "--email", ANN["email"], "--yes")


@pytest.mark.parametrize("go_on", [("resume",), WORDS])
async def test_an_erasure_that_was_stopped_is_seen_and_gone_on_with(
    journey: Journey, zygote: Zygote, go_on: tuple[str, ...]
) -> None:
    """Killed before the file is rewritten: `status` and a backup tell it; `resume`, or the same words, end it."""
    journey.run("extract", str(export(journey, 0, [HERS, BOB])))
    assert kill_at(zygote, journey.options.ledger, "after:PayloadErased:1", *WORDS) == KILLED
    told = journey.told("status")
    assert (told["not_erased"], told["runs"][-1]["state"]) == (1, "interrupted")
    assert left(journey, ANN["email"], "Annelise") == [ANN["email"], "Annelise"]
    # A copy holds what is to go, and nothing would ever take it from there.
    copied = str(journey.folder / "copied.db")
    assert "still in the copy: 1 bodies" in journey.run("ledger", "backup", copied, code=3)
    journey.run(*go_on)
    journey.run("ledger", "backup", copied, "--force")
    assert left(journey, ANN["email"], "Annelise", "Quendolyn") == []
    told = journey.told("status")
    assert (told["not_erased"], {one["state"] for one in told["runs"]}) == (0, {"completed"})
