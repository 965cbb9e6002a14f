"""A person who asks to be forgotten: no byte of hers is left, and everything else goes on."""

from pathlib import Path

import pytest

from commands.erase import erase
from tests.crash.processes import Zygote, kill_at
from tests.crash.world import KILLED
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, people
from tests.journey.world import Journey, create_person

pytestmark = pytest.mark.anyio

HERS = {**ANN, "first_name": "Annelise", "last_name": "Quendolyn", "phone": "+4930901877", "company": ""}


def bytes_of(journey: Journey) -> bytes:
    """Every byte of the ledger's files."""
    path = journey.options.ledger
    files = [path, *(Path(f"{path}{ending}") for ending in ("-wal", "-shm"))]
    return b"".join(one.read_bytes() for one in files if one.exists())


def left_of_her(journey: Journey) -> list[str]:
    """What of hers is in the ledger's files, in any letter case."""
    there = bytes_of(journey).lower()
    return [word for word in (ANN["email"], "Annelise", "Quendolyn", "30901877") if word.lower().encode() in there]


async def test_no_byte_of_hers_is_left_and_the_others_go_on(journey: Journey) -> None:
    """Loaded, changed by a delta, edited and held: all of it goes; verify, load, delta and rollback work on."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    await journey.delta(export(journey, 1, [{**HERS, "score": "9"}, BOB, CYD]))
    assert len(left_of_her(journey)) == 4
    done = await erase(journey.options, ANN["email"].upper())
    assert left_of_her(journey) == []
    assert [one.object for one in done.traced.in_twenty] == ["person"]
    assert len(done.traced.files) == 2
    journey.run("verify")
    [(erasures,)] = journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'PayloadErased'")
    assert erasures == len(done.traced.bodies) > 4
    assert "RecordUpdated" in journey.run("history", "--email", ANN["email"])
    again = await journey.delta(export(journey, 2, [{**HERS, "score": "11"}, {**BOB, "score": "3"}, CYD]))
    assert (again.loaded.written.updated, again.undone) == ({"person": 1}, 0)
    assert left_of_her(journey) == []
    assert (await people(journey))[BOB["email"]]["kartraScore"] == 3
    assert journey.ledger_rows("SELECT reason, state FROM hold") == [("erased", "erased")]
    journey.run("transform", "--accept-defaults")
    journey.run("ledger", "rebuild")
    assert left_of_her(journey) == []


async def test_what_is_not_sent_yet_is_withdrawn_and_held_rows_too(journey: Journey) -> None:
    """Extracted and made, never sent: a later write sends the others alone."""
    folder = export(journey, 0, [HERS, *ACCOUNT[1:]])
    journey.run("extract", str(folder))
    journey.run("transform", "--accept-defaults")
    done = await erase(journey.options, ANN["email"])
    assert (done.traced.unsent, left_of_her(journey)) == ((("person", "contact:1"),), [])
    assert (await journey.load(folder, "leave")).undone == 0
    assert set(await people(journey)) == {BOB["email"], CYD["email"]}


async def test_an_erased_record_that_nobody_touched_can_be_taken_back(journey: Journey) -> None:
    """Its body is gone, its id and time are not: a rollback destroys it, and once more erases without a word left."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    await erase(journey.options, ANN["email"])
    done = await journey.roll_back()
    assert (done.destroyed["person"], done.undone) == (2, 0)
    await erase(journey.options, ANN["email"])
    assert left_of_her(journey) == []
    assert journey.told("erase", "--email", "else@kartra.example", code=2)["error"]["code"] == "wrong_use"


# --- in Twenty too ----------------------------------------------------------------------------------------------------

LONE = {**HERS, "company": "Quendolyn & Daughters"}
WITH_TWENTY = ("--sandbox", "erase", "--email", ANN["email"], "--also-in-twenty")
FURTHER = ["after:RollbackProven:1", "after:RunCompleted:1", "inside:IdentityErased:1", "folded:IdentityErased:1"]
"""More moments between what goes from Twenty and what goes from the ledger."""


async def test_her_records_in_twenty_go_too_once_asked_for(journey: Journey) -> None:
    """Preview changes nothing and names the company of hers alone; then both are nowhere, and no later load has her."""
    folder = export(journey, 0, [LONE, BOB])
    await journey.load(folder, "leave")
    shown = journey.told(*WITH_TWENTY)
    assert (shown["done"], shown["destroyed"], shown["stays"]) == (False, {"person": 1}, [])
    [company] = shown["companies"]
    assert [one["name"] for one in await journey.records("company") if one["id"] == company["id"]] == [LONE["company"]]
    assert ANN["email"] in await people(journey)
    done = journey.told(*WITH_TWENTY, "--with-companies", "--yes")
    assert (done["done"], done["destroyed"]) == (True, {"person": 1, "company": 1})
    assert (done["stays"], done["in_twenty"], done["companies"]) == ([], [], [])
    assert [(Path(one["path"]).parent.name, one["rows"]) for one in done["files"]] == [("exports-0", 1)]
    assert (set(await people(journey)), left_of_her(journey)) == ({BOB["email"]}, [])
    journey.run("verify")
    journey.run("--sandbox", "load", str(folder), "--accept-defaults", "--automations", "leave")
    assert set(await people(journey)) == {BOB["email"]}
    assert [one["name"] for one in await journey.records("company") if one["name"] == LONE["company"]] == []


async def test_what_others_had_or_edited_stays_in_twenty_and_is_named(journey: Journey) -> None:
    """An edited person stays; so does one that was there before us, with what she held then: exit 3 names each."""
    async with journey.twenty() as twenty:
        theirs = await create_person(twenty.client, data={"emails": {"primaryEmail": BOB["email"]}, "jobTitle": "Boss"})
    await journey.load(export(journey, 0, [HERS, BOB]), "leave", existing="adopt")
    await edit(journey, ANN["email"], jobTitle="Baker")
    told = journey.run("--sandbox", "erase", "--email", ANN["email"], "--also-in-twenty", code=3)
    assert "nothing was changed" in told and ": edited" in told
    journey.run(*WITH_TWENTY, "--yes", code=3)
    done = journey.told("--sandbox", "erase", "--email", BOB["email"], "--also-in-twenty", "--yes", code=3)
    assert done["stays"] == [{"object": "person", "id": theirs, "why": "there_before_us"}]
    there = await people(journey)
    assert (there[ANN["email"]]["jobTitle"], there[BOB["email"]]["jobTitle"]) == ("Baker", "Boss")
    assert there[BOB["email"]]["kartraScore"] is None
    assert left_of_her(journey) == []
    journey.run("verify")


@pytest.mark.parametrize(
    "point",
    [
        "after:CompensationIntended:1",
        "before:IdentityErased:1",
        "after:PayloadErased:1",
        *(pytest.param(one, marks=pytest.mark.soak) for one in FURTHER),
    ],
)
async def test_killed_half_way_the_same_words_go_on(journey: Journey, zygote: Zygote, point: str) -> None:
    """Killed while she goes from Twenty (`resume` ends that), or before the file is rewritten: then she is gone."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    assert kill_at(zygote, journey.options.ledger, point, *WITH_TWENTY, "--yes") == KILLED
    journey.run("--sandbox", "resume")
    journey.run(*WITH_TWENTY, "--yes")
    assert (set(await people(journey)), left_of_her(journey)) == ({BOB["email"]}, [])
    journey.run("verify")
