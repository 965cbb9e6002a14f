"""What going on costs: as many creates as were left, and one read for all that is not known to have landed."""

from collections import Counter
from pathlib import Path

import anyio
import pytest

from commands import collisions
from ledger.events import BatchIntended, Event, RecordCreated
from tests.calls.counting import BATCH, CONSTANT, calls_for, listening
from tests.calls.dying import Died, dies
from tests.delta.accounts import export
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(180)

PEOPLE, COMPANIES = 230, 20
DONE = 12
"""Batches of people that are on record when the load dies."""


def rows() -> list[dict[str, str]]:
    """An account."""
    return [
        {"id": str(index), "email": f"one{index}@kartra.example", "company": f"Company {index % COMPANIES}"}
        for index in range(1, PEOPLE + 1)
    ]


async def costs(folder: Path, kind: type[Event] | None) -> tuple[Counter[str], Counter[str]]:
    """The calls of a load that died before it recorded this of a batch, and of going on with it."""
    folder.mkdir()
    journey = Journey(folder)
    exports = export(journey, 1, rows())
    with listening(journey) as heard, pytest.MonkeyPatch.context() as smaller:
        # So few that looking for what is left among what is there would take many reads.
        smaller.setattr(collisions, "KEYS_A_READ", BATCH)
        if kind is None:
            await journey.load(exports, "leave")
            return heard.counted(), Counter()
        with pytest.MonkeyPatch.context() as patch:
            dies(patch, kind, DONE + 1)
            with pytest.raises(Died):
                await journey.load(exports, "leave")
        begun = heard.counted()
        resumed = await journey.resume()
        assert resumed.undone == 0
        assert len(await journey.records("person")) == PEOPLE
        return begun, heard.counted()


def test_a_resume_makes_the_creates_that_were_left_and_one_read_more(tmp_path: Path) -> None:
    """Killed after 12 batches, one more having landed unknown to anybody: one read settles it, nothing is doubled."""

    async def three() -> list[tuple[Counter[str], Counter[str]]]:
        kinds: list[tuple[str, type[Event] | None]] = [
            ("whole", None), ("unknown", RecordCreated), ("known", BatchIntended)
        ]  # fmt: skip
        return [await costs(tmp_path / name, kind) for name, kind in kinds]

    (whole, _), (_, unknown), (begun, known) = anyio.run(three)
    every = calls_for([PEOPLE], BATCH)
    assert whole["create createPeople"] == every
    assert unknown["create createPeople"] == every - DONE - 1
    assert begun["create createPeople"] + known["create createPeople"] == every
    assert begun["create createCompanies"] == whole["create createCompanies"] == calls_for([COMPANIES], BATCH)
    assert unknown["read"] == known["read"] + 1
    # The constant does not grow with what is left: nothing is looked for among records that are all ours.
    assert unknown["read"] <= whole["read"] <= CONSTANT
    assert set(unknown) == set(known) == {"read", "create createPeople"}
