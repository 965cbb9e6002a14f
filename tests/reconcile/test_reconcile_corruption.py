"""Whatever Twenty comes to hold besides what was written is found, and nothing else is."""

import json
from collections import Counter

import pytest

from commands.reconcile import Reconciled, reconcile
from tests.journey.world import Journey, by_email, change_person
from tests.reconcile.corruption import KINDS, corrupt

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]


async def look(journey: Journey, **said: object) -> Reconciled:
    """Reconcile everything."""
    return await reconcile(journey.options, said.get("sample"), 1, (), said.get("report"))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak), pytest.param(3, marks=pytest.mark.soak)])
async def test_two_hundred_corruptions_are_all_found_and_a_clean_load_has_none(journey: Journey, seed: int) -> None:
    """Values, relations, records gone, binned and doubled, of every object: each found as what it is, none besides."""
    loaded = await journey.load(journey.sample(120, seed=seed, everything=True), "leave")
    assert sum(one.created for one in loaded.books.records) > 250
    await journey.settled_dump()
    clean = await look(journey)
    assert (clean.unlike, clean.differences) == ((), 0)
    assert clean.compared == {one.object: one.created for one in loaded.books.records}
    done = corrupt(journey, 200, seed)
    assert {one.kind for one in done} == set(KINDS)
    found = await look(journey)
    told = {(one.kind, one.object, one.id) for one in found.unlike}
    assert told == {tuple(one) for one in done}
    assert found.differences == len(found.unlike) == 200
    [event] = [one for one in await journey.events("ReconciliationMade") if one.event.differences]  # type: ignore[attr-defined]
    assert Counter(one["kind"] for one in (await journey.body(event.event.payload_hash))["unlike"]) == Counter(  # type: ignore[attr-defined]
        one.kind for one in done
    )


async def test_an_edit_by_a_person_is_told_as_such_and_leaves_exit_3(journey: Journey) -> None:
    """The command says who, which field and where the row stands, and writes the sheet to check by eye."""
    await journey.load(journey.sample(6, everything=True), "leave")
    someone = next(iter(by_email(await journey.records("person")).values()))
    async with journey.twenty() as twenty:
        await change_person(twenty.client, data={"name": {"firstName": "=Zoe"}}, record=someone["id"])
    folder = journey.folder / "report"
    told = journey.told("reconcile", "--sandbox", "--report", str(folder), code=3)
    [one] = told["unlike"]
    assert (one["kind"], one["id"], one["path"], one["theirs"]) == (
        "edited_in_twenty", someone["id"], "name.firstName", "=Zoe",
    )  # fmt: skip
    assert one["source"].endswith(tuple("0123456789"))
    assert json.loads((folder / "reconcile.json").read_text())["unlike"] == told["unlike"]
    assert "=Zoe" in (folder / "spot-check.csv").read_text()
    assert "spot-check" not in journey.run("reconcile", "--sandbox", "--sample", "1", "--object", "company")
