"""Rows that wait for a person, and what the person decides: corrected, released, given up."""

import pytest

from tests.delta.accounts import ANN, BOB, CYD, export, people
from tests.journey.world import Journey, create_person

pytestmark = pytest.mark.anyio

NAMELESS = {**BOB, "email": ""}


def held(journey: Journey) -> list[tuple[str, str]]:
    """Reason and state of every hold, by the command line."""
    listed = journey.told("holds")["holds"]
    assert all(set(one) == {"id", "file", "line", "column", "object", "reason", "state"} for one in listed)
    return [(one["reason"], one["state"]) for one in listed]


async def load_with_a_hold(journey: Journey) -> int:
    """Load three contacts, one of them without an e-mail; its hold."""
    await journey.load(export(journey, 0, [ANN, NAMELESS, CYD]), "leave")
    assert held(journey) == [("email_missing", "open")]
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold")
    return int(hold)


async def test_a_corrected_row_goes_on_and_stays_as_it_was_read(journey: Journey) -> None:
    """The cell is set, with a reason; the next load writes the person; the row as it was read is there still."""
    hold = await load_with_a_hold(journey)
    journey.run("holds", "set", str(hold), f"email={BOB['email']}", "--why", "asked him")
    folder = journey.folder / "exports-0"
    assert (await journey.load(folder, "leave")).written.created == {"person": 1}
    assert set(await people(journey)) == {ANN["email"], BOB["email"], CYD["email"]}
    assert held(journey) == [("email_missing", "released")]
    as_read = """SELECT instr(body, 'Bob') > 0 AND NOT instr(body, 'bob@') FROM event
      JOIN payload ON payload.hash = payload_hash"""
    assert journey.ledger_rows(f"{as_read} WHERE type = 'RowHeld'") == [(1,)]
    [(corrected,)] = journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'HoldCorrected'")
    assert corrected == 1
    journey.run("verify")


async def test_a_row_given_up_is_not_tried_again(journey: Journey) -> None:
    """It counts as set aside, with the reason on record; a later load leaves it, and nothing waits any more."""
    await load_with_a_hold(journey)
    journey.run("holds", "give-up", "--reason", "email_missing", "--why", "leftovers")
    again = await journey.load(journey.folder / "exports-0", "leave")
    assert (again.undone, set(await people(journey))) == (0, {ANN["email"], CYD["email"]})
    [(abandoned,)] = journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'HoldAbandoned'")
    assert (abandoned, held(journey)) == (1, [("email_missing", "abandoned")])
    journey.run("verify")


async def test_a_record_released_is_written_when_its_way_is_free(journey: Journey) -> None:
    """Bob was in Twenty already; somebody destroys that record, and the released one is written."""
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": BOB["email"]}})
    folder = export(journey, 0, [ANN, BOB])
    await journey.load(folder, "leave")
    assert held(journey) == [("existing_in_twenty", "open")]
    journey.sql('DELETE FROM person WHERE "emailsPrimaryEmail" = ?', BOB["email"])
    journey.run("holds", "release", "--reason", "existing_in_twenty")
    assert (await journey.load(folder, "leave")).written.created["person"] == 1
    assert (await people(journey))[BOB["email"]]["name"]["firstName"] == "Bob"
    journey.run("verify")


async def test_a_later_export_that_mends_a_row_releases_it(journey: Journey) -> None:
    """Kartra has the e-mail now: the delta writes the person, and the hold is settled by itself."""
    await load_with_a_hold(journey)
    done = await journey.delta(export(journey, 1, [ANN, BOB, CYD]))
    assert (done.loaded.written.created["person"], done.undone) == (1, 0)
    assert held(journey) == [("email_missing", "released")]


async def test_a_row_without_a_number_is_known_again_by_all_its_other_cells(journey: Journey) -> None:
    """Mended, it releases its hold; two held rows that say the same, or somebody known before, release nothing."""
    ann, bob, cyd = ({**one, "id": ""} for one in (ANN, BOB, CYD))
    lost = [{**bob, "email": "bob@@"}, {**cyd, "email": ""}, {**cyd, "email": "cyd@"}, {**ann, "email": "ann@@"}]
    await journey.load(export(journey, 0, [ann, *lost]), "leave")
    assert {state for _, state in held(journey)} == {"open"}
    done = await journey.delta(export(journey, 1, [{**ann, "score": "6"}, ann, bob, cyd]))
    assert done.loaded.written.created["person"] == 2
    assert held(journey) == [
        ("email_invalid", "released"), ("email_missing", "open"), ("email_invalid", "open"), ("email_invalid", "open"),
    ]  # fmt: skip


async def test_what_cannot_be_decided_is_refused_in_a_line(journey: Journey) -> None:
    """No such hold, no such column, no sign of a cell: exit 2, and nothing is recorded."""
    hold = str(await load_with_a_hold(journey))
    head = journey.ledger_rows("SELECT max(position) FROM event")
    for words in (
        ["set", "99999", "email=a@b.example", "--why", "x"],
        ["set", hold, "no_such_column=1", "--why", "x"],
        ["set", hold, "email", "--why", "x"],
        ["release", "99999"],
        ["release"],
    ):
        error = journey.told("holds", *words, code=2)["error"]
        assert "\n" not in error["message"], words
    assert journey.ledger_rows("SELECT max(position) FROM event") == head
    assert journey.told("holds", "show", hold)["reason"] == "email_missing"
