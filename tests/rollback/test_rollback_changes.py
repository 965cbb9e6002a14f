"""Changes undone: what stood there comes back, and what people did since stays."""

import pytest

from commands.compensation.scope import Wanted
from tests.delta.accounts import ANN, BOB, CYD, edit, export, load_account, people, told
from tests.journey.world import Journey, change_person, soft_deleted

pytestmark = pytest.mark.anyio


async def changed(journey: Journey, **cells: str) -> str:
    """Load the account, and then Ann with other cells; the delta's run."""
    await load_account(journey)
    return (await journey.delta(export(journey, 1, [{**ANN, **cells}, BOB, CYD]))).loaded.run


async def test_an_edit_that_a_later_change_of_ours_covered_keeps_the_record(journey: Journey) -> None:
    """Somebody gave Ann a title, then a delta changed her score: taking back everything does not lose the title."""
    await load_account(journey)
    await edit(journey, ANN["email"], jobTitle="Baker")
    await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    done = await journey.roll_back()
    assert [one.why for one in done.proof.kept if one.object == "person"] == ["edited"]
    assert [one["jobTitle"] for one in (await people(journey)).values()] == ["Baker"]


async def test_an_undone_change_does_not_hide_an_edit_of_before(journey: Journey) -> None:
    """The same where the delta was taken back first: the title is there, and stays with everything taken back."""
    await load_account(journey)
    await edit(journey, ANN["email"], jobTitle="Baker")
    delta = await journey.delta(export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD]))
    await journey.roll_back(delta.loaded.run)
    done = await journey.roll_back()
    assert [one.why for one in done.proof.kept if one.object == "person"] == ["edited"]
    assert [one["jobTitle"] for one in (await people(journey)).values()] == ["Baker"]


async def test_the_time_of_somebody_elses_edit_is_not_taken_away(journey: Journey) -> None:
    """A title given after the delta stays, and with it the time at which the record was touched last."""
    run = await changed(journey, score="9")
    await edit(journey, ANN["email"], jobTitle="Baker")
    at = (await people(journey))[ANN["email"]]["updatedAt"]
    done = await journey.roll_back(run)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["jobTitle"], done.undone) == (5, "Baker", 0)
    assert ann["updatedAt"] >= at


async def test_a_record_that_was_put_into_the_bin_since_stays_there(journey: Journey) -> None:
    """Its fields get back what stood there, and nobody finds it alive again."""
    run = await changed(journey, score="9")
    record = (await people(journey))[ANN["email"]]["id"]
    async with journey.twenty() as twenty:
        await soft_deleted(twenty, "person", record)
    await journey.roll_back(run)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], bool(ann["deletedAt"])) == (5, True)


async def test_force_puts_back_what_was_kept_before(journey: Journey) -> None:
    """A field kept as edited is named again by the next rollback, and comes back by force."""
    run = await changed(journey, score="9", first_name="Anna")
    await edit(journey, ANN["email"], kartraScore=10)
    assert [one.why for one in (await journey.roll_back(run)).proof.kept] == ["edited"]
    assert [one.why for one in (await journey.roll_back(run)).proof.kept] == ["edited"]
    done = await journey.roll_back(run, force=True)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]["firstName"]) == (5, "Ann")
    assert (done.proof.kept, done.undone) == ([], 0)


async def test_what_was_undone_in_part_is_put_back_by_the_next_delta(journey: Journey) -> None:
    """After a rollback that kept one field, the same export brings the others again."""
    run = await changed(journey, score="9", first_name="Anna")
    await edit(journey, ANN["email"], kartraScore=10)
    await journey.roll_back(run)
    rows = [{**ANN, "score": "9", "first_name": "Anna", "last_name": "Two"}, BOB, CYD]
    await journey.delta(export(journey, 2, rows), conflict="keep-twenty")
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]) == (10, {"firstName": "Anna", "lastName": "Two"})


async def test_a_load_puts_back_what_a_rollback_undid(journey: Journey) -> None:
    """A rollback of a delta, and a delta of the same files: Twenty holds the later values again."""
    await load_account(journey)
    later = export(journey, 1, [{**ANN, "score": "9"}, BOB, CYD])
    run = (await journey.delta(later)).loaded.run
    await journey.roll_back(run)
    again = await journey.delta(later)
    assert again.loaded.written.updated == {"person": 1}
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 9
    assert (await journey.roll_back(again.loaded.run)).undone == 0
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 5


async def test_the_first_of_two_deltas_keeps_what_the_second_changed(journey: Journey) -> None:
    """Of two deltas the first is taken back: the field both changed stays, the other comes back; then the second."""
    await load_account(journey)
    before = told((await people(journey))[ANN["email"]])
    one = await journey.delta(export(journey, 1, [{**ANN, "score": "7", "first_name": "Anna"}, BOB, CYD]))
    two = await journey.delta(export(journey, 2, [{**ANN, "score": "8", "first_name": "Anna"}, BOB, CYD]))
    done = await journey.roll_back(one.loaded.run)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]["firstName"]) == (8, "Ann")
    assert [kept.why for kept in done.proof.kept] == ["changed_later"]
    await journey.roll_back(two.loaded.run)
    await journey.roll_back(one.loaded.run)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["name"]["firstName"]) == (5, "Ann")
    assert told(ann)["name"] == before["name"]
    assert (await journey.roll_back()).proof.exact


async def test_a_value_that_twenty_refuses_now_keeps_its_record_alone(journey: Journey) -> None:
    """A choice that somebody took away cannot come back: that record is named, the others are put back."""
    await load_account(journey)
    rows = [{**ANN, "email": "ann@new.example"}, {**BOB, "score": "3"}, CYD]
    run = (await journey.delta(export(journey, 1, rows))).loaded.run
    async with journey.twenty() as twenty:
        cyd = (await people(journey))[CYD["email"]]["id"]
        await change_person(twenty.client, data={"emails": {"primaryEmail": ANN["email"]}}, record=cyd)
    done = await journey.roll_back(run)
    assert [(one.object, one.why) for one in done.proof.kept] == [("person", "refused")]
    now = await people(journey)
    assert "ann@new.example" in now
    assert now[BOB["email"]]["kartraScore"] == 1


async def test_one_that_is_destroyed_while_it_is_put_back_is_not_made_anew(journey: Journey) -> None:
    """Somebody destroys Ann after the read, before the call: no stump of her is left, and she is told as gone."""
    run = await changed(journey, score="9")
    record = (await people(journey))[ANN["email"]]["id"]

    def destroy_now(stage: str, body: bytes) -> None:
        if stage == "before" and b"upsert:true" in body:
            journey.sql('DELETE FROM person WHERE "id" = ?', record)

    journey.settings["on_request"] = destroy_now
    done = await journey.roll_back(run)
    assert ANN["email"] not in await people(journey)
    assert len(await people(journey)) == 2
    assert done.already_gone["person"] == 1


async def test_an_edit_of_another_field_right_before_the_call_survives(journey: Journey) -> None:
    """Compare-and-put-back: what somebody writes into a field we never touched, in the window, stays."""
    run = await changed(journey, score="9")
    record = (await people(journey))[ANN["email"]]["id"]
    edits: list[str] = []

    async def edit_now(stage: str, body: bytes) -> None:
        if stage == "before" and b"upsert:true" in body and not edits:
            edits.append(record)
            async with journey.twenty() as twenty:
                await change_person(twenty.client, data={"jobTitle": "Quick"}, record=record)

    journey.settings["on_request"] = edit_now
    await journey.roll_back(run)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["jobTitle"], ann["kartraScore"]) == ("Quick", 5)


async def test_a_lost_answer_is_looked_up(journey: Journey) -> None:
    """Once the answer is lost after the commit, the record is put back once, and nothing is doubled."""
    run = await changed(journey, score="9")
    lost: list[bytes] = []

    def lose(stage: str, body: bytes) -> None:
        if stage == "committed" and b"upsert:true" in body and not lost:
            lost.append(body)
            raise ConnectionResetError

    journey.settings["on_request"] = lose
    done = await journey.roll_back(run)
    assert lost
    assert (await people(journey))[ANN["email"]]["kartraScore"] == 5
    assert (done.undone, done.restored) == (0, {"person": 1})


async def test_a_record_that_is_gone_is_told_as_gone(journey: Journey) -> None:
    """A changed record that somebody destroyed cannot be put back: it is named as gone already, and no difference."""
    run = await changed(journey, score="9")
    journey.sql('DELETE FROM person WHERE "emailsPrimaryEmail" = ?', ANN["email"])
    done = await journey.roll_back(run)
    assert (done.already_gone["person"], done.restored, done.undone) == (1, {}, 0)


async def test_nothing_but_what_a_scope_holds_is_undone(journey: Journey) -> None:
    """Changes of a delta are in no scope of another object, of a later position or of another record."""
    await changed(journey, score="9")
    bob = (await people(journey))[BOB["email"]]["id"]
    head = journey.ledger_rows("SELECT max(position) FROM event")[0][0]
    for wanted in (Wanted(since=head), Wanted(records=(bob[-12:],))):
        assert (await journey.roll_back(wanted=wanted)).undone == 0
    there = await people(journey)
    assert there[ANN["email"]]["kartraScore"] == 9
    assert BOB["email"] not in there


async def test_a_record_taken_back_is_known_by_its_id_still(journey: Journey) -> None:
    """Asked for in the same words once more, as after a kill behind its last event: nothing is left to do."""
    await load_account(journey)
    bob = (await people(journey))[BOB["email"]]["id"]
    assert (await journey.roll_back(wanted=Wanted(records=(bob,)))).destroyed["person"] == 1
    again = await journey.roll_back(wanted=Wanted(records=(bob,)))
    assert (sum(again.destroyed.values()), again.undone) == (0, 0)


async def test_a_record_with_a_runs_mark_that_the_ledger_does_not_know_is_no_part_taken_back(journey: Journey) -> None:
    """Of what a run made, one record goes and the others stay; one more that bears its mark is told and counts."""
    await load_account(journey)
    there = await people(journey)
    bob, cyd = there[BOB["email"]]["id"], there[CYD["email"]]["id"]
    journey.sql("UPDATE person SET id = lower(hex(randomblob(16))) WHERE id = ?", cyd)
    done = await journey.roll_back(wanted=Wanted(records=(bob,)))
    assert (done.proof.marked["person"], done.undone) == (1, 1)
