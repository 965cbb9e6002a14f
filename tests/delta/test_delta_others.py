"""What others did meanwhile: addresses they have, companies they destroyed, tags they took, holds of the past."""

from typing import Any

import pytest

from adapters.twenty import RecordRefused
from commands.updating import sending
from tests.delta.accounts import ANN, BOB, CYD, edit, export, load_account, people, told
from tests.journey.world import Journey, create_person, soft_deleted

pytestmark = pytest.mark.anyio


def held(journey: Journey) -> list[tuple[Any, ...]]:
    """The open holds: whose, why, and of which column."""
    return journey.ledger_rows(
        """SELECT source_key, reason, "column" FROM hold WHERE state = 'open' ORDER BY source_key"""
    )


async def test_an_address_that_somebody_else_has_is_held_with_who_has_it(journey: Journey) -> None:
    """A live one and one in the bin are told apart; the one in the bin makes way where that was said."""
    await load_account(journey)
    async with journey.twenty() as twenty:
        live = await create_person(twenty.client, data={"emails": {"primaryEmail": "f@x.example"}})
        binned = await create_person(twenty.client, data={"emails": {"primaryEmail": "g@x.example"}})
        await soft_deleted(twenty, "person", binned)
    later = [{**ANN, "email": "f@x.example"}, {**BOB, "email": "g@x.example", "score": "9"}, {**CYD, "score": "2"}]
    await journey.delta(export(journey, 1, later))
    assert held(journey) == [
        ("contact:1", "existing_in_twenty", "email"),
        ("contact:2", "deleted_in_twenty", "email"),
    ]
    bodies = journey.ledger_rows("SELECT payload_hash FROM hold WHERE state = 'open' ORDER BY source_key")
    assert [(await journey.body(hash_))["holder"] for (hash_,) in bodies] == [live, binned]
    later[2] = {**CYD, "score": "3"}
    done = await journey.delta(export(journey, 2, later), deleted="destroy")
    assert held(journey) == [("contact:1", "existing_in_twenty", "email")]
    assert (done.loaded.written.updated, done.undone) == ({"person": 2}, 1)
    there = await people(journey)
    assert (there["g@x.example"]["name"]["firstName"], there["g@x.example"]["kartraScore"]) == ("Bob", 9)
    assert binned not in {one["id"] for one in there.values()}
    [event] = await journey.events("RecordDisplaced")
    assert event.event.twenty_id == binned


async def test_a_company_destroyed_in_twenty_does_not_bar_the_other_changes(journey: Journey) -> None:
    """Ann goes back to a company that is no more: she is without one, the rest of her is changed; it can be undone."""
    await load_account(journey)
    await journey.delta(export(journey, 1, [{**ANN, "company": "Zed"}, BOB, CYD]))
    before = told((await people(journey))[ANN["email"]])
    journey.sql('UPDATE person SET "companyId" = NULL WHERE "emailsPrimaryEmail" = ?', BOB["email"])
    journey.sql("DELETE FROM company WHERE name = 'Acme Ltd'")
    done = await journey.delta(export(journey, 2, [{**ANN, "score": "9"}, {**BOB, "score": "8"}, CYD]))
    assert (done.loaded.written.updated, done.loaded.written.rejected) == ({"person": 2}, {})
    assert (done.loaded.unlinked, done.undone) == (1, 1)
    ann = (await people(journey))[ANN["email"]]
    assert (ann["kartraScore"], ann["companyId"], before["companyId"] is None) == (9, None, False)
    taken = await journey.roll_back(done.loaded.run)
    assert (taken.restored, taken.undone) == ({"person": 2}, 0)
    assert told((await people(journey))[ANN["email"]]) == before


async def test_a_tag_that_a_person_put_back_is_that_persons(journey: Journey) -> None:
    """She took away one of ours, and later chose it herself: what leaves Kartra leaves her with it."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraTags=["VIP"])
    await journey.delta(export(journey, 1, [{**ANN, "tags": "VIP, Old, New"}, BOB, CYD]), "contacts")
    await edit(journey, ANN["email"], kartraTags=["OLD", "NEW", "VIP"])
    less = str(export(journey, 2, [{**ANN, "tags": ""}, BOB, CYD]))
    told_so = journey.run(
        "--sandbox", "delta", less, "--complete", "contacts", "--accept-defaults", "--automations", "leave"
    )
    # What nobody can rule out is said.
    assert "Twenty cannot compare and change" in " ".join(told_so.split())
    assert (await people(journey))[ANN["email"]]["kartraTags"] == ["OLD"]


async def test_a_hold_says_what_it_is_held_for_now(journey: Journey) -> None:
    """A conflict in one field, then in another, then nobody there: each is told, and counted, when it comes about."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)
    ann: dict[str, Any] = {**ANN, "score": "9", "first_name": "Anna"}
    await journey.delta(export(journey, 1, [ann, BOB, CYD]))
    assert held(journey) == [("contact:1", "conflict", "kartraScore")]
    done = await journey.delta(export(journey, 2, [ann, {**BOB, "score": "7"}, CYD]))
    assert (held(journey), done.loaded.written.held) == ([("contact:1", "conflict", "kartraScore")], {})
    await edit(journey, ANN["email"], kartraScore=9, name={"firstName": "Zoe"})
    done = await journey.delta(export(journey, 3, [ann, {**BOB, "score": "8"}, CYD]))
    assert held(journey) == [("contact:1", "conflict", "name.firstName")]
    assert (done.loaded.written.held, done.undone) == ({"person": 1}, 1)
    journey.sql('DELETE FROM person WHERE "emailsPrimaryEmail" = ?', ANN["email"])
    done = await journey.delta(export(journey, 4, [ann, {**BOB, "score": "9"}, CYD]))
    assert held(journey) == [("contact:1", "deleted_in_twenty", None)]
    assert (done.loaded.written.held, done.undone) == ({"person": 1}, 1)


async def test_what_was_held_and_is_refused_is_sent_once(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Released since nothing stands in its way, then refused: one delta tries it once, and counts it once."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)
    later = [{**ANN, "score": "9"}, BOB, CYD]
    await journey.delta(export(journey, 1, later))
    await edit(journey, ANN["email"], kartraScore=5)

    async def refuse(*_: object) -> None:
        raise RecordRefused("no")

    monkeypatch.setattr(sending, "upsert_by_id", refuse)
    done = await journey.delta(export(journey, 2, [*later[:2], {**CYD, "score": "7"}]))
    assert done.loaded.written.rejected == {"person": 2}
    assert len(await journey.events("RecordRejected")) == 2
