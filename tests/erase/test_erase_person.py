"""A person who asks to be forgotten: no byte of hers is left, and everything else goes on."""

from pathlib import Path

import pytest

from commands.erase import erase
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people
from tests.journey.world import Journey

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
    assert [name for name, *_ in done.traced.in_twenty] == ["person"]
    assert len(done.traced.files) == 2
    journey.run("verify")
    [(erasures,)] = journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'PayloadErased'")
    assert erasures == len(done.traced.bodies) > 4
    assert "RecordUpdated" in journey.run("history", "--email", ANN["email"])
    again = await journey.delta(export(journey, 2, [{**HERS, "score": "11"}, {**BOB, "score": "3"}, CYD]))
    assert (again.loaded.written.updated, again.undone) == ({"person": 1}, 0)
    assert left_of_her(journey) == []
    assert (await people(journey))[BOB["email"]]["kartraScore"] == 3
    assert journey.ledger_rows("SELECT reason FROM hold WHERE state = 'open'") == [("erased",)]
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
