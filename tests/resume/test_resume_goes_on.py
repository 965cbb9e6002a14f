"""A load that was writing goes on writing; whatever was decided or changed meanwhile is taken in first."""

from pathlib import Path
from typing import Any

import pytest

import commands.loading
from adapters.twenty import delete_field
from commands.loading import Loaded
from commands.modelling import NOTHING_MADE
from commands.transform import Transformed
from ledger.events import BatchIntended
from ledger.projections import runs
from ledger.reader import Reader
from tests.calls.dying import Died, dies
from tests.delta.accounts import ANN, BOB, CYD, export, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

NAMELESS = {**BOB, "email": ""}


async def died(journey: Journey, *rows: dict[str, str], before: type = BatchIntended) -> Path:
    """A load that died before its first batch of people; the folder it loaded."""
    folder = export(journey, 0, rows)
    with pytest.MonkeyPatch.context() as patch:
        dies(patch, before, 1)
        with pytest.raises(Died):
            await journey.load(folder, "leave")
    return folder


def count(patch: pytest.MonkeyPatch) -> list[str]:
    """Which of the stages before the write are done from now on, in order."""
    done: list[str] = []
    for name in ("prepare", "transform", "plan_of", "apply"):
        stage = getattr(commands.loading, name)

        async def counted(*args: Any, name: str = name, stage: Any = stage) -> Any:
            done.append(name)
            return await stage(*args)

        patch.setattr(commands.loading, name, counted)
    return done


async def began_to_write(journey: Journey) -> bool:
    """Whether the ledger shows that all but the write of its newest run is done."""
    async with Reader.open(journey.options.ledger) as reader:
        [*_, newest] = await runs.all_runs(reader)
        return await runs.began_to_write(reader, newest.run_id)


def nothing_before_the_write(loaded: Loaded) -> bool:
    """Whether a resume says that it did nothing but write."""
    return (loaded.transformed, loaded.schema) == (Transformed(), NOTHING_MADE)


async def test_what_was_done_before_the_write_is_not_done_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is mapped and no field looked after again; everybody is written, and the books balance."""
    await died(journey, ANN, BOB, CYD)
    done = count(monkeypatch)
    resumed = await journey.resume()
    assert done == []
    assert nothing_before_the_write(resumed)
    assert (resumed.undone, resumed.written.created["person"]) == (0, 3)
    assert set(await people(journey)) == {ANN["email"], BOB["email"], CYD["email"]}
    journey.run("verify")


async def test_a_load_that_had_not_begun_to_write_makes_its_records_first(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died on its way to the data model: what it had mapped is looked through again."""
    folder = export(journey, 0, [ANN, BOB])
    with monkeypatch.context() as patch:
        patch.setattr(commands.loading, "apply", _die)
        with pytest.raises(Died):
            await journey.load(folder, "leave")
    assert not await began_to_write(journey)
    done = count(monkeypatch)
    assert (await journey.resume()).undone == 0
    assert done == ["prepare", "transform", "plan_of", "apply"]


async def _die(*_args: object) -> None:
    raise Died


async def test_a_row_that_was_put_right_meanwhile_is_moved_with_the_rest(journey: Journey) -> None:
    """Between the death and the resume a person gave the e-mail that was missing: his row becomes a record."""
    await died(journey, ANN, NAMELESS, CYD)
    assert await began_to_write(journey)
    [(hold,)] = journey.ledger_rows("SELECT id FROM hold")
    journey.run("holds", "set", str(hold), f"email={BOB['email']}", "--why", "asked him")
    assert not await began_to_write(journey)
    assert (await journey.resume()).undone == 0
    assert set(await people(journey)) == {ANN["email"], BOB["email"], CYD["email"]}


async def test_a_field_that_was_taken_away_meanwhile_is_made_again(journey: Journey) -> None:
    """Somebody deleted a field of ours between the death and the resume: the values are not lost with it."""
    await died(journey, ANN, BOB)
    async with journey.twenty() as twenty:
        await delete_field(twenty.client, twenty.model.object("person").fields["kartraScore"].id)
    resumed = await journey.resume()
    assert resumed.schema["created"] == 1
    assert {email: row["kartraScore"] for email, row in (await people(journey)).items()} == {
        ANN["email"]: 5,
        BOB["email"]: 1,
    }


async def test_another_run_in_between_is_reason_enough_to_look_again(journey: Journey) -> None:
    """The people were rolled back by their object before the resume: the rest of the run is not taken for granted."""
    await died(journey, ANN, BOB)
    journey.run("--sandbox", "rollback", "--object", "company", "--yes")
    assert not await began_to_write(journey)
