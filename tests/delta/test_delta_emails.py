"""E-mails in later exports: who a contact is, and what may become of her address."""

import pytest

from adapters.twenty import OutcomeUnknown
from commands.comparing.outcome import Delta
from commands.errors import WrongUse
from commands.holding.decisions import release
from commands.holds import holds
from commands.resume import resume
from ledger.store import Ledger
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, edit, export, load_account, people, told
from tests.journey.handmade import put, sale
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def released(journey: Journey, hold: int) -> None:
    """Let a hold go."""
    async with Ledger.open(journey.options.ledger, command="holds") as ledger:
        await release(ledger, [hold], None, None)


async def waiting(journey: Journey) -> list[str]:
    """Why rows and records wait for a person."""
    return [one.reason for one in await holds(journey.options, "open")]


async def test_an_emptied_email_is_held_and_leaves_twentys_alone(journey: Journey) -> None:
    """A contact whose address is not there any more waits for a person, until a later export has it again."""
    await load_account(journey)
    rows = [{**ANN, "email": "", "score": "9"}, {**BOB, "score": "3"}, CYD]
    done = await journey.delta(export(journey, 1, rows), "contacts", gone="delete")
    assert await waiting(journey) == ["email_missing"]
    assert (done.undone, done.compared.kinds["contacts"].gone) == (1, 0)
    now = await people(journey)
    assert (now[ANN["email"]]["kartraScore"], now[BOB["email"]]["kartraScore"]) == (5, 3)
    again = await journey.delta(export(journey, 2, [ANN, rows[1], CYD]))
    assert (again.undone, await waiting(journey)) == (0, [])


async def addresses(journey: Journey) -> dict[str, str]:
    """Who has which address in Twenty, by Kartra's number."""
    return {one["kartraId"]: email for email, one in (await people(journey)).items()}


async def test_swapped_emails_are_swapped_in_twenty(journey: Journey) -> None:
    """Two contacts that take each other's address, with other changes; taken back, everything is as it was."""
    await load_account(journey)
    before = {email: told(one) for email, one in (await people(journey)).items()}
    swapped = [{**ANN, "email": BOB["email"], "score": "7"}, {**BOB, "email": ANN["email"], "score": "8"}, CYD]
    done = await journey.delta(export(journey, 1, swapped))
    assert (done.undone, done.loaded.written.updated, await waiting(journey)) == (0, {"person": 2}, [])
    assert await addresses(journey) == {"1": BOB["email"], "2": ANN["email"], "3": CYD["email"]}
    assert (await people(journey))[BOB["email"]]["kartraScore"] == 7
    assert (await journey.delta(export(journey, 2, [*swapped[:2], {**CYD, "score": "1"}]))).undone == 0
    taken = await journey.roll_back(done.loaded.run)
    assert taken.undone == 0
    now = {email: told(one) for email, one in (await people(journey)).items() if email != CYD["email"]}
    assert now == {email: one for email, one in before.items() if email != CYD["email"]}


async def test_an_email_that_one_gives_up_is_anothers(journey: Journey) -> None:
    """Bob moves on, Ann takes his address, a new contact takes hers; sales by e-mail stay with whose it was."""
    folder = export(journey, 0, ACCOUNT)
    put(folder, "transactions", [sale(1, None, Buyer_Email=BOB["email"])])
    await journey.load(folder, "leave")
    rows = [
        {**ANN, "email": BOB["email"]},
        {**BOB, "email": "bob@new.example"},
        CYD,
        {**CYD, "id": "4", "email": ANN["email"]},
    ]
    later = export(journey, 1, rows)
    put(later, "transactions", [sale(n, None, Buyer_Email=BOB["email"]) for n in (1, 2)], age=86_400)
    done = await journey.delta(later)
    assert (done.undone, await waiting(journey)) == (0, [])
    assert await addresses(journey) == {
        "1": BOB["email"], "2": "bob@new.example", "3": CYD["email"], "4": ANN["email"]
    }  # fmt: skip
    ids = {one["id"]: one["kartraId"] for one in (await people(journey)).values()}
    buyers = {one["kartraTransactionId"]: ids[one["pointOfContactId"]] for one in await journey.records("opportunity")}
    assert buyers == {"1": "2", "2": "1"}
    assert [one.event.former for one in await journey.events("IdentityMoved")] == ["contact:2", "contact:1"]


async def test_an_email_that_is_still_anothers_is_held_until_it_is_given_up(journey: Journey) -> None:
    """The first keeps it; once a later export says it is free, the same row goes on by itself."""
    await load_account(journey)
    ann = {**ANN, "email": BOB["email"], "score": "9"}
    assert (await journey.delta(export(journey, 1, [ann, BOB, CYD]))).undone == 1
    assert await waiting(journey) == ["email_taken"]
    done = await journey.delta(export(journey, 2, [ann, {**BOB, "email": "bob@new.example"}, CYD]))
    assert (done.undone, await waiting(journey)) == (0, [])
    assert (await people(journey))[BOB["email"]]["kartraScore"] == 9


async def test_a_swap_that_stops_half_way_goes_on(journey: Journey) -> None:
    """One of the two is empty in Twenty when the connection is lost; resumed, both have what they should."""
    await load_account(journey)
    calls: list[bytes] = []

    def lose(stage: str, body: bytes) -> None:
        if stage == "before" and b"updatePerson(" in body:
            calls.append(body)
            if len(calls) > 1:
                raise ConnectionResetError

    journey.settings["on_request"] = lose
    with pytest.raises(OutcomeUnknown):
        await journey.delta(export(journey, 1, [{**ANN, "email": BOB["email"]}, {**BOB, "email": ANN["email"]}, CYD]))
    assert (await addresses(journey)).keys() == {"1", "2", "3"}
    assert "" in {email or "" for email in await people(journey)}
    del journey.settings["on_request"]
    done = await resume(journey.options, None)
    assert isinstance(done, Delta)
    assert (done.undone, await waiting(journey)) == (0, [])
    assert await addresses(journey) == {"1": BOB["email"], "2": ANN["email"], "3": CYD["email"]}


async def test_nobody_is_emptied_for_a_swap_that_cannot_be(journey: Journey) -> None:
    """A conflict holds one of two; both keep their addresses, and swap once the conflict is settled."""
    await load_account(journey)
    await edit(journey, ANN["email"], kartraScore=6)
    swapped = [{**ANN, "email": BOB["email"], "score": "7"}, {**BOB, "email": ANN["email"]}, CYD]
    assert (await journey.delta(export(journey, 1, swapped))).undone == 2
    assert sorted(await waiting(journey)) == ["conflict", "existing_in_twenty"]
    assert await addresses(journey) == {"1": ANN["email"], "2": BOB["email"], "3": CYD["email"]}
    done = await journey.delta(export(journey, 2, [*swapped[:2], {**CYD, "score": "1"}]), conflict="overwrite")
    assert (done.undone, await waiting(journey)) == (0, [])
    assert await addresses(journey) == {"1": BOB["email"], "2": ANN["email"], "3": CYD["email"]}


async def test_a_person_lets_a_row_go_on_whose_email_was_given_up(journey: Journey) -> None:
    """`holds release` refuses while the address is another's, and places the row once it is not."""
    await load_account(journey)
    await journey.delta(export(journey, 1, [{**ANN, "email": BOB["email"], "score": "9"}, BOB, CYD]))
    [hold] = await holds(journey.options, "open")
    with pytest.raises(WrongUse, match="nobody knows whose row it is"):
        await released(journey, hold.id)
    await journey.delta(export(journey, 2, [{**BOB, "email": "bob@new.example"}]))
    await released(journey, hold.id)
    done = await journey.delta(export(journey, 3, [{**CYD, "score": "1"}]))
    assert (done.undone, (await people(journey))[BOB["email"]]["kartraScore"]) == (0, 9)
