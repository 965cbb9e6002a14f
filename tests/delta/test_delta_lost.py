"""Changes whose answer was lost, or whose process died: what became of them is found out, and can be taken back."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from adapters.twenty import RecordRefused, TwentyError
from commands.delta import Delta
from commands.holds import holds
from commands.reconcile import reconcile
from commands.resume import resume
from commands.updating import sending
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, load_account, people, told
from tests.delta.test_delta_existing import binned, theirs
from tests.journey.world import Journey, soft_deleted

pytestmark = pytest.mark.anyio

UPSERT = b"upsert:true"


class Losses:
    """Loses answers, or calls: a word of the call, and at which stage, in this order. `dead` loses all that follow."""

    def __init__(self, journey: Journey, *losses: tuple[str, bytes], dead: bool = False) -> None:
        self._journey = journey
        self._losses: Iterator[tuple[str, bytes]] = iter(losses)
        self._next = next(self._losses, None)
        self._dead = dead
        journey.options.retry_for_s = 0.1
        journey.settings["on_request"] = self

    def __call__(self, stage: str, body: bytes) -> None:
        """See a call."""
        if self._next is None and self._dead:
            raise ConnectionResetError
        if self._next is not None and stage == self._next[0] and self._next[1] in body:
            self._next = next(self._losses, None)
            raise ConnectionResetError

    async def go_on(self) -> Any:
        """Resume, with all answers."""
        self._journey.settings.pop("on_request")
        return await resume(self._journey.options, None)


async def bin_of(journey: Journey, email: str) -> None:
    """Somebody puts a person into the bin."""
    found = (await people(journey))[email]
    async with journey.twenty() as twenty:
        await soft_deleted(twenty, "person", found["id"])


@pytest.mark.parametrize("stage", ["before", "committed"])
async def test_who_was_taken_out_of_the_bin_by_a_lost_call_goes_back_there(journey: Journey, stage: str) -> None:
    """The call that took Bob out landed, the next or its answer did not: resumed and taken back, he is as before."""
    await load_account(journey)
    await bin_of(journey, BOB["email"])
    before = told((await people(journey))[BOB["email"]])
    losses = Losses(journey, (stage, UPSERT), dead=True)
    with pytest.raises(TwentyError):
        await journey.delta(export(journey, 1, [ANN, {**BOB, "score": "9"}, CYD]), deleted="restore")
    done = await losses.go_on()
    bob = (await people(journey))[BOB["email"]]
    assert (bob["kartraScore"], bob["deletedAt"]) == (9, None)
    assert (await reconcile(journey.options, None, 0, ("person",), None)).unlike == ()
    taken = await journey.roll_back(done.loaded.run)
    assert (taken.restored, taken.undone) == ({"person": 1}, 0)
    assert told((await people(journey))[BOB["email"]]) == before


@pytest.mark.parametrize("stage", ["before", "committed"])
async def test_an_adoption_out_of_the_bin_begun_twice_is_taken_back_to_the_moment(journey: Journey, stage: str) -> None:
    """She lies in the bin again, and was touched last when she had been."""
    await binned(journey)
    before = told((await people(journey))[ANN["email"]])
    losses = Losses(journey, (stage, UPSERT), dead=True)
    with pytest.raises(TwentyError):
        await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="restore")
    assert (await losses.go_on()).written.created["person"] == 2
    taken = await journey.roll_back()
    assert (taken.proof.exact, taken.undone) == (True, 0)
    assert told((await people(journey))[ANN["email"]]) == before


async def test_an_edit_after_a_lost_adoption_is_not_put_into_the_bin(journey: Journey) -> None:
    """Somebody gave her another job before the run went on: she stays where that person sees her, and is named."""
    record = await binned(journey)
    losses = Losses(journey, ("committed", UPSERT), dead=True)
    with pytest.raises(TwentyError):
        await journey.load(export(journey, 0, ACCOUNT), "leave", deleted="restore")
    journey.sql(
        """UPDATE person SET "jobTitle" = 'Chef', "updatedAt" = '2030-01-01T00:00:00.000Z',
           "updatedBySource" = 'MANUAL' WHERE id = ?""",
        record,
    )
    await losses.go_on()
    taken = await journey.roll_back()
    assert [one.id for one in taken.proof.kept if one.object == "person"] == [record]
    assert (await people(journey))[ANN["email"]]["deletedAt"] is None


async def test_who_only_came_out_of_the_bin_goes_back_there(journey: Journey) -> None:
    """All of hers is as it should be, so that no field is sent: the time she came out is read back, nobody is kept."""
    folder = export(journey, 0, ACCOUNT)
    await journey.load(folder, "leave")
    assert (await journey.roll_back(soft=True)).destroyed["person"] == 3
    loaded = await journey.load(folder, "leave", deleted="restore")
    assert loaded.written.adopted["person"] == 3
    assert all(one["deletedAt"] is None for one in (await people(journey)).values())
    taken = await journey.roll_back()
    assert not taken.proof.kept
    assert await people(journey) == {}


async def test_who_came_out_of_the_bin_for_a_change_that_is_refused_goes_back(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty takes nothing of Bob's change: he is rejected, and lies there as he did."""
    await load_account(journey)
    await bin_of(journey, BOB["email"])
    before = told((await people(journey))[BOB["email"]])

    async def refuse(*_: object) -> None:
        raise RecordRefused("no")

    monkeypatch.setattr(sending, "upsert_by_id", refuse)
    done = await journey.delta(export(journey, 1, [ANN, {**BOB, "score": "9"}, CYD]), deleted="restore")
    assert (done.loaded.written.rejected, done.undone) == ({"person": 1}, 1)
    assert told((await people(journey))[BOB["email"]]) == before


@pytest.mark.parametrize(
    ("losses", "dead"),
    [
        ([("committed", UPSERT)], False),
        ([("committed", UPSERT)], True),
        ([("committed", b"destroyPeople")], False),
        ([("committed", b"destroyPeople")], True),
        ([("before", b"destroyPeople")], True),
    ],
)
async def test_no_stump_stays_whatever_answer_is_lost(
    journey: Journey, losses: Sequence[tuple[str, bytes]], dead: bool
) -> None:
    """Ann was destroyed between our read and our call: what the call made of her goes, and she is held."""
    await load_account(journey)
    ann = (await people(journey))[ANN["email"]]["id"]
    losing = Losses(journey, *losses, dead=dead)
    gone: list[str] = []

    def destroyed_before(stage: str, body: bytes) -> None:
        if UPSERT in body and not gone:
            gone.append(ann)
            journey.sql("DELETE FROM person WHERE id = ?", ann)
        losing(stage, body)

    journey.settings["on_request"] = destroyed_before
    later = export(journey, 1, [{**ANN, "score": "9"}, {**BOB, "score": "2"}, CYD])
    if dead:
        with pytest.raises(TwentyError):
            await journey.delta(later)
        done = await losing.go_on()
    else:
        done = await journey.delta(later)
    assert isinstance(done, Delta)
    there = await people(journey)
    assert (set(there), there[BOB["email"]]["kartraScore"]) == ({BOB["email"], CYD["email"]}, 2)
    assert [(one.object, one.reason) for one in await holds(journey.options, "open")] == [
        ("person", "deleted_in_twenty")
    ]
    assert done.undone == 1
    assert await journey.events("RecordUpdated") != []


async def test_a_lost_answer_makes_no_edit_of_what_nobody_touched(journey: Journey) -> None:
    """A value that differs is told as such; one that a person changed as that person's edit."""
    Losses(journey, ("committed", b"createPeople(data:$d){"))
    await load_account(journey)
    journey.settings.pop("on_request")
    journey.sql('UPDATE person SET "kartraScore" = 99 WHERE "emailsPrimaryEmail" = ?', ANN["email"])
    journey.sql(
        """UPDATE person SET "kartraScore" = 99, "updatedAt" = '2030-01-01T00:00:00.000Z',
           "updatedBySource" = 'MANUAL' WHERE "emailsPrimaryEmail" = ?""",
        BOB["email"],
    )
    found = await reconcile(journey.options, None, 0, ("person",), None)
    assert sorted((one.source_key, one.kind) for one in found.unlike) == [
        ("contact:1", "value_differs"),
        ("contact:2", "edited_in_twenty"),
    ]


async def test_an_adoption_of_somebody_destroyed_meanwhile_is_held(journey: Journey) -> None:
    """Its call was lost and she is gone when the run goes on: that is told, and nothing is open for ever."""
    record = await theirs(journey)
    losses = Losses(journey, ("before", UPSERT), dead=True)
    with pytest.raises(TwentyError):
        await journey.load(export(journey, 0, ACCOUNT), "leave", existing="adopt")
    journey.sql("DELETE FROM person WHERE id = ?", record)
    done = await losses.go_on()
    assert (done.written.held, done.undone) == ({"person": 1}, 1)
    assert [one.reason for one in await holds(journey.options, "open")] == ["deleted_in_twenty"]
    assert journey.ledger_rows("SELECT count(*) FROM record WHERE state = 'intended'") == [(0,)]
