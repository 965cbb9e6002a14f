"""A later export against what was moved: only what Kartra changed is changed in Twenty."""

import pytest

from commands.compensation.scope import Wanted
from commands.holds import holds
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people, told
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_new_changed_same_and_gone_are_told_and_only_changes_are_sent(journey: Journey) -> None:
    """One call a kind of change; unchanged rows add no event, and what a person wrote beside it stays."""
    await load_account(journey)
    await edit(journey, ANN["email"], jobTitle="Baker")
    rows = journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'RowExtracted'")
    eve = {**CYD, "id": "5", "email": "eve@kartra.example"}
    done = await journey.delta(export(journey, 1, [{**ANN, "first_name": "Anna", "score": "7"}, BOB, eve]), "contacts")
    counted = done.compared.kinds["contacts"]
    assert (counted.new, counted.changed, counted.same, counted.gone) == (1, 1, 1, 1)
    assert done.loaded.written.updated == {"person": 1}
    assert done.loaded.written.created == {"person": 1}
    assert done.undone == 0
    assert journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'RowExtracted'") == [(rows[0][0] + 2,)]
    ann = (await people(journey))[ANN["email"]]
    assert (ann["name"]["firstName"], ann["kartraScore"], ann["jobTitle"]) == ("Anna", 7, "Baker")
    assert CYD["email"] in await people(journey)
    assert done.loaded.calls["upsert"] == 1


async def test_the_same_export_again_adds_nothing(journey: Journey) -> None:
    """A delta of the folder that was loaded finds nothing to do, and says so."""
    folder = export(journey, 0, ACCOUNT)
    await journey.load(folder, "leave")
    before = journey.ledger_rows("SELECT count(*) FROM event WHERE type LIKE 'R%' AND type NOT LIKE 'Run%'")
    done = await journey.delta(folder)
    assert done.compared.kinds == {}
    assert journey.ledger_rows("SELECT count(*) FROM event WHERE type LIKE 'R%' AND type NOT LIKE 'Run%'") == before


async def test_a_value_that_goes_back_goes_back_in_twenty(journey: Journey) -> None:
    """v1, v2, v1: each later export wins over the one before."""
    await load_account(journey)
    await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 9
    done = await journey.delta(export(journey, 2, ACCOUNT))
    assert done.compared.kinds["contacts"].changed == 1
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 5


async def test_an_emptied_cell_is_emptied_and_a_missing_column_is_not(journey: Journey) -> None:
    """Kartra cleared the phone: it goes; the score's column is not in the export: it stays."""
    await load_account(journey)
    rows = [{name: value for name, value in one.items() if name != "score"} for one in ACCOUNT]
    await journey.delta(export(journey, 1, [{**rows[0], "phone": ""}, *rows[1:]]))
    ann = (await people(journey))[ANN["email"]]
    assert not ann["phones"]["primaryPhoneNumber"]
    assert ann["kartraScore"] == 5


async def test_tags_are_taken_only_where_the_export_is_complete_and_we_put_them(journey: Journey) -> None:
    """A tag that left Kartra leaves Twenty if the export is the whole account; one a person chose stays."""
    await load_account(journey)
    await edit(journey, BOB["email"], kartraTags=["VIP", "OLD"])
    less = [{**ANN, "tags": "VIP, New"}, {**BOB, "tags": ""}, CYD]
    await journey.delta(export(journey, 1, less))
    assert set((await people(journey))[ANN["email"]]["kartraTags"]) == {"VIP", "OLD", "NEW"}
    await journey.delta(export(journey, 2, [{**one, "score": "8"} for one in less]), "contacts")
    now = await people(journey)
    assert set(now[ANN["email"]]["kartraTags"]) == {"VIP", "NEW"}
    assert now[BOB["email"]]["kartraTags"] == ["OLD"]


@pytest.mark.parametrize(
    ("way", "score", "reason"), [("hold", 6, "conflict"), ("keep-twenty", 6, None), ("overwrite", 9, None)]
)
async def test_a_field_both_sides_changed_goes_by_policy(
    journey: Journey, way: str, score: int, reason: str | None
) -> None:
    """Held by default; else Twenty's value stays, or Kartra's wins; fields only Kartra changed follow the record."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)
    done = await journey.delta(
        export(journey, 1, [{**ANN, "score": "9", "first_name": "Anna"}, BOB, CYD]), conflict=way
    )
    ann = (await people(journey))[ANN["email"]]
    assert ann["kartraScore"] == score
    assert ann["name"]["firstName"] == ("Ann" if reason else "Anna")
    assert [one.reason for one in await holds(journey.options, "open")] == ([reason] if reason else [])
    assert bool(done.undone) == bool(reason)


async def test_a_conflict_that_was_settled_in_twenty_goes_on_by_itself(journey: Journey) -> None:
    """Whoever gives the field Kartra's value releases the record: the next delta finds it as it should be."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)
    later = export(journey, 1, [{**ANN, "score": "9", "first_name": "Anna"}, BOB, CYD])
    assert (await journey.delta(later)).undone == 1
    assert (await journey.delta(later)).undone == 1
    assert len(await holds(journey.options, None)) == 1
    await edit(journey, ANN["email"], kartraScore=9)
    assert (await journey.delta(later)).undone == 0
    assert (await people(journey))[ANN["email"]]["name"]["firstName"] == "Anna"


async def test_a_changed_email_goes_by_itself(journey: Journey) -> None:
    """A unique value is changed by a call of its own; the history leads from the new address to the old stream."""
    await load_account(journey)
    done = await journey.delta(export(journey, 1, [{**ANN, "email": "ann@new.example"}, {**BOB, "score": "3"}, CYD]))
    assert done.loaded.written.updated == {"person": 2}
    assert {"update", "upsert"} <= done.loaded.calls.keys()
    assert "ann@new.example" in await people(journey)


async def test_a_record_somebody_destroyed_is_held_and_not_made_anew(journey: Journey) -> None:
    """What is gone from Twenty, or in its bin, waits for a person; nothing of it is made again behind her back."""
    await load_account(journey)
    there = await people(journey)
    ann, bob = there[ANN["email"]]["id"], there[BOB["email"]]["id"]
    journey.sql('DELETE FROM person WHERE "id" = ?', ann)
    journey.sql('UPDATE person SET "deletedAt" = \'2026-03-05T00:00:00.000Z\' WHERE "id" = ?', bob)
    done = await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, {**BOB, "score": "9"}, CYD]))
    assert {one.reason for one in await holds(journey.options, "open")} == {"deleted_in_twenty"}
    assert done.loaded.written.held == {"person": 2}
    assert len(await people(journey)) == 2
    back = await journey.delta(export(journey, 2, [ANN, {**BOB, "score": "4"}, CYD]), deleted="restore")
    assert back.loaded.written.updated == {"person": 1}
    assert (await people(journey))[BOB["email"]]["deletedAt"] is None


async def test_a_delta_taken_back_leaves_what_the_load_made(journey: Journey) -> None:
    """The run's changes get their before-images, what it created goes; the load's records stay as they were."""
    await load_account(journey)
    before = await people(journey)
    eve = {**CYD, "id": "5", "email": "eve@kartra.example"}
    done = await journey.delta(
        export(journey, 1, [{**ANN, "first_name": "Anna", "tags": "New"}, {**BOB, "score": ""}, eve])
    )
    assert done.loaded.written.updated == {"person": 2}
    taken = await journey.roll_back(done.loaded.run)
    assert (taken.restored, taken.destroyed["person"], taken.undone) == ({"person": 2}, 1, 0)
    assert (taken.proof.compared, taken.proof.unequal) == ({"person": 2}, {})
    assert {email: told(one) for email, one in (await people(journey)).items()} == {
        email: told(one) for email, one in before.items()
    }
    again = await journey.delta(export(journey, 2, [{**ANN, "first_name": "Anna"}, {**BOB, "score": "2"}, CYD]))
    assert again.loaded.written.updated["person"] == 2


async def test_a_delta_taken_back_keeps_what_a_person_changed_since(journey: Journey) -> None:
    """The field edited after the delta stays and is named; the others of the record come back."""
    await load_account(journey)
    done = await journey.delta(export(journey, 1, [{**ANN, "first_name": "Anna", "score": "9"}, BOB, CYD]))
    await edit(journey, ANN["email"], kartraScore=10)
    taken = await journey.roll_back(done.loaded.run)
    assert [(one.why, one.object) for one in taken.proof.kept] == [("edited", "person")]
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]["firstName"]) == (10, "Ann")
    assert taken.undone


async def test_since_a_position_and_everything_leave_nothing(journey: Journey) -> None:
    """`--since` the load's head undoes both deltas at once; everything then leaves the workspace as before."""
    before = await journey.settled_dump()
    loaded = await journey.load(export(journey, 0, ACCOUNT), "leave")
    as_loaded = {email: told(one) for email, one in (await people(journey)).items()}
    await journey.delta(export(journey, 1, [{**ANN, "score": "7"}, BOB, CYD]))
    await journey.delta(export(journey, 2, [{**ANN, "score": "8", "last_name": "Two"}, BOB, CYD]))
    taken = await journey.roll_back(wanted=Wanted(since=loaded.head.position))
    assert (taken.restored, taken.undone) == ({"person": 1}, 0)
    assert {email: told(one) for email, one in (await people(journey)).items()} == as_loaded
    assert (await journey.roll_back()).proof.exact
    assert await journey.settled_dump() == before


async def test_a_delta_moves_what_was_taken_back_although_its_rows_stand(journey: Journey) -> None:
    """After a rollback of everything, or of one record, the account that a delta is given is in Twenty again."""
    folder = export(journey, 0, ACCOUNT)
    await journey.load(folder, "leave")
    await journey.roll_back()
    done = await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    assert (done.loaded.written.created["person"], done.compared.again, len(await people(journey))) == (3, 3, 3)
    bob = (await people(journey))[BOB["email"]]
    await journey.roll_back(wanted=Wanted(records=(bob["id"],)))
    assert len(await people(journey)) == 2
    rows = len(await journey.events("RowExtracted"))
    back = await journey.delta(journey.folder / "exports-1")
    assert (back.loaded.written.created["person"], len(await people(journey))) == (1, 3)
    assert len(await journey.events("RowExtracted")) == rows
