"""Signing a migration off: what speaks against it, and what a purge leaves behind."""

import pytest

from tests.crash.processes import Zygote, kill_at
from tests.crash.world import KILLED
from tests.delta.accounts import ANN, BOB, CYD, export, load_account, people
from tests.erase.test_erase_person import bytes_of
from tests.journey.world import Journey, change_person

pytestmark = pytest.mark.anyio


async def test_what_speaks_against_it_is_named_one_by_one(journey: Journey) -> None:
    """Never compared; written since; unlike; then nothing. Each is told by the preview and refused with --yes."""
    await load_account(journey)
    assert "never compared" in journey.run("close", code=3)
    journey.run("--sandbox", "reconcile")
    await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    refused = journey.told("close", "--yes", code=3)["error"]
    assert (refused["code"], "changes made in Twenty since the last `reconcile`: 1" in refused["message"]) == (
        "stands_against",
        True,
    )
    ann = (await people(journey))[ANN["email"]]["id"]
    async with journey.twenty() as twenty:
        await change_person(twenty.client, data={"jobTitle": "Baker", "kartraScore": 3}, record=ann)
    journey.run("--sandbox", "reconcile", code=3)
    assert "found 1 differences" in journey.run("close", code=3)
    assert journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'MigrationClosed'") == [(0,)]
    journey.run("close", "--anyway", "Ann's score is hers", "--yes")
    [(signed, head)] = journey.ledger_rows(
        "SELECT data ->> '$.reconciled', data ->> '$.head' FROM event WHERE type = 'MigrationClosed'"
    )
    [(last, hash_)] = journey.ledger_rows(
        "SELECT position - 2, prev_hash FROM event AS e WHERE type = 'MigrationClosed'"
    )
    assert (signed, head.split(":")[0]) == (0, str(last))
    assert len(hash_) == 64
    assert f"at {head}" in journey.run("status")


async def test_a_sample_or_one_object_is_no_comparison(journey: Journey) -> None:
    """Only a reconciliation of everything lets a migration be signed off."""
    await load_account(journey)
    journey.run("--sandbox", "reconcile", "--sample", "1")
    journey.run("--sandbox", "reconcile", "--object", "person")
    journey.run("close", "--yes", code=3)
    journey.run("--sandbox", "reconcile")
    assert journey.told("close", "--yes")["done"] is True


async def test_a_run_that_waits_is_in_the_way_whatever_is_said(journey: Journey, zygote: Zygote) -> None:
    """An extract that was killed half-way is unfinished: no word signs that off."""
    await load_account(journey)
    journey.run("--sandbox", "reconcile")
    later = export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD])
    assert kill_at(zygote, journey.options.ledger, "after:ExportRegistered:1", "extract", str(later)) == KILLED
    refused = journey.told("close", "--anyway", "no matter", "--yes", code=3)["error"]["message"]
    assert "(extract) is unfinished" in refused


HERS = {**ANN, "first_name": "Annelise", "last_name": "Quendolyn", "phone": "+4930901877"}
WORDS = (ANN["email"], BOB["email"], "Annelise", "Quendolyn", "30901877", "Wanda Why")


def left(journey: Journey) -> list[str]:
    """Which words of people are in the ledger's files."""
    there = bytes_of(journey).lower()
    return [word for word in WORDS if word.lower().encode() in there]


async def test_a_purge_takes_every_person_out_and_leaves_the_proof(journey: Journey) -> None:
    """No byte of anybody's; verify, history, status and rollback still work; what needs bodies is refused in a line."""
    before = await journey.settled_dump()
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    journey.run("--sandbox", "reconcile")
    assert len(left(journey)) == 5
    shown = journey.told("close", "--purge")
    assert (shown["done"], shown["purged"] > 10, len(shown["files"])) == (False, True, 1)
    assert len(left(journey)) == 5
    journey.run("close", "--purge", "--yes")
    assert left(journey) == []
    for words in (["ledger", "rebuild"], ["history", "--email", ANN["email"]]):
        journey.run(*words)
    later = export(journey, 1, [{**HERS, "score": "9"}, BOB])
    for command in (["load", str(later)], ["delta", str(later)], ["transform"]):
        refused = journey.told("--sandbox", *command, code=2)["error"]
        assert (refused["code"], "new --ledger" in refused["message"]) == ("purged", True), command
    assert left(journey) == []
    done = await journey.roll_back()
    assert (done.undone, await journey.settled_dump() == before) == (0, True)
    journey.run("verify")


@pytest.mark.parametrize(
    ("point", "again"),
    [
        ("after:MigrationClosed:1", ("resume",)),
        ("after:PayloadErased:1", ("close", "--purge", "--yes")),
        pytest.param("before:RunCompleted:1", ("resume",), marks=pytest.mark.soak),
        pytest.param("after:PayloadErased:1", ("resume",), marks=pytest.mark.soak),
    ],
)
async def test_a_purge_that_was_killed_is_gone_on_with(
    journey: Journey, zygote: Zygote, point: str, again: tuple[str, ...]
) -> None:
    """Killed behind the sign-off, half-way or before its end: the next command finishes it, and signs nothing twice."""
    await journey.load(export(journey, 0, [HERS, BOB]), "leave")
    journey.run("--sandbox", "reconcile")
    assert kill_at(zygote, journey.options.ledger, point, "close", "--purge", "--yes") == KILLED
    assert "begun: run" in journey.run("close", "--purge")
    assert "(close) is unfinished" in journey.run("close", code=3)
    journey.run(*again)
    assert left(journey) == []
    assert journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'MigrationClosed'") == [(1,)]
    assert journey.ledger_rows("SELECT state FROM run WHERE command = 'close'") == [("completed",)]
    journey.run("verify")
