"""What Kartra does not have any more: judged by complete files of its kind, and named where it stays in Twenty."""

from pathlib import Path

import pytest

from commands.comparing.outcome import Rehearsal
from commands.comparing.rehearsing import rehearse_delta
from commands.comparing.telling import tell_rehearsal
from commands.errors import WrongUse
from tests.delta.accounts import people
from tests.journey.handmade import contact, put, sale
from tests.journey.world import Journey, change_person, create_person

pytestmark = pytest.mark.anyio

DAY = 86_400


async def loaded(journey: Journey, **said: str) -> None:
    """Three contacts, the first of whom bought something."""
    folder = journey.folder / "e0"
    put(folder, "contacts", [contact(1), contact(2), contact(3)])
    put(folder, "transactions", [sale(1, 1)])
    await journey.load(folder, "leave", **said)


def later(journey: Journey, age: int, **rows: list[dict[str, str]]) -> Path:
    """A folder of later exports, by kind."""
    folder = journey.folder / f"e{age}"
    for word, some in rows.items():
        put(folder, word, some, age=age * DAY)
    return folder


async def tried_out(journey: Journey, folder: Path) -> Rehearsal:
    """What a delta of all contacts that deletes would come to."""
    ways = {"gone": ("delete",)}
    return await rehearse_delta(
        journey.options, folder, complete=frozenset({"contacts"}), accept_defaults=True, said=ways
    )


async def test_gone_people_are_deleted_by_contacts_alone(journey: Journey) -> None:
    """Complete transactions do not tell that a person is gone, whoever saw it before; nor can anybody ask for it."""
    await loaded(journey)
    assert (await journey.delta(later(journey, 1, contacts=[contact(1), contact(3)]), "contacts")).undone == 0
    sales = later(journey, 2, transactions=[sale(1, 1)])
    done = await journey.delta(sales, "transactions", gone="delete")
    assert (done.loaded.written.removed, len(await people(journey))) == ({}, 3)
    with pytest.raises(WrongUse, match=r"person\.gone = delete needs --complete contacts"):
        await journey.delta(sales, "transactions", gone="person=delete")
    with pytest.raises(WrongUse, match="no export of contacts"):
        await journey.delta(sales, "contacts")
    people_left = later(journey, 3, contacts=[contact(1), contact(3, first_name="X")])
    done = await journey.delta(people_left, "contacts", gone="person=delete")
    assert (done.loaded.written.removed, len(await people(journey))) == ({"person": 1}, 2)


async def test_what_is_gone_and_stays_is_named_once_in_the_ledger_and_every_time_in_words(journey: Journey) -> None:
    """A buyer, one a person edited and one who was there before us stay: each is told, and is left for a person."""
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": "p3@k.example"}})
    await loaded(journey, existing="adopt")
    edited = (await people(journey))["p2@k.example"]["id"]
    async with journey.twenty() as twenty:
        await change_person(twenty.client, data={"jobTitle": "Baker"}, record=edited)
    folder = later(journey, 1, contacts=[contact(4)])
    tried = await tried_out(journey, folder)
    done = await journey.delta(folder, "contacts", gone="delete")
    reasons = {"edited": 1, "has_dependents": 1, "adopted": 1}
    for kept in (tried.departed.kept, done.loaded.kept):
        assert {one.why: 1 for one in kept} == reasons
    assert (done.undone, tried.undone, done.loaded.written.removed) == (3, 3, {})
    said = len(await journey.events("CompensationKept"))
    again = await journey.delta(later(journey, 2, contacts=[contact(4, first_name="X")]), "contacts", gone="delete")
    assert (again.undone, len(await journey.events("CompensationKept"))) == (3, said)


async def test_a_rehearsal_says_what_would_be_deleted_and_takes_new_columns(
    journey: Journey, capsys: pytest.CaptureFixture[str]
) -> None:
    """A column that Twenty has no field for yet is empty there; what would go is counted, and nothing goes."""
    await loaded(journey)
    folder = later(journey, 1, contacts=[contact(1, budget_band="High"), contact(2, budget_band="Low")])
    tried = await tried_out(journey, folder)
    assert (tried.undone, tried.departed.removed) == (0, {"person": 1})
    tell_rehearsal(journey.options, tried)
    [person] = [line.split() for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["person"]]
    assert person == ["person", "0", "2", "0", "0", "0", "1"]
    assert len(await people(journey)) == 3


async def test_a_sale_that_failed_since_is_no_revenue_any_more(journey: Journey) -> None:
    """It is named and left for a person, deleted where both words are said, and made again once it is a sale again."""
    await loaded(journey)
    failed = [sale(1, 1, Transaction_Type="Failed")]
    done = await journey.delta(later(journey, 1, transactions=failed))
    assert ([one.why for one in done.loaded.kept], done.undone) == (["set_aside"], 1)
    again = await journey.delta(later(journey, 2, transactions=[*failed, sale(2, 1)]))
    assert (again.undone, len(await journey.records("opportunity"))) == (1, 2)
    back = await journey.delta(later(journey, 3, transactions=[sale(1, 1), sale(2, 1)]))
    assert (back.undone, back.loaded.kept) == (0, ())
    gone = await journey.delta(later(journey, 4, transactions=[*failed, sale(2, 1)]), "transactions", gone="delete")
    assert (gone.undone, gone.loaded.written.removed) == (0, {"opportunity": 1})
    await journey.delta(later(journey, 5, transactions=[sale(1, 1), sale(2, 1)]))
    assert len(await journey.records("opportunity")) == 2
