"""What going on costs: as many creates as were left, and one read for all that is not known to have landed."""

from collections import Counter
from pathlib import Path

import anyio
import pytest

from commands import collisions
from ledger.events import BatchIntended, Event, RecordCreated
from tests.calls.counting import BATCH, CONSTANT, SMALLER, calls_for
from tests.calls.telling import Sizes, broken_off

pytestmark = pytest.mark.timeout(180)

SIZES = Sizes(people=230, companies=20, changed=0)
DONE = 12
"""Batches of people that are on record when the load dies."""


def test_a_resume_makes_the_creates_that_were_left_and_one_read_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after 12 batches, one more having landed unknown to anybody: one read settles it, nothing is doubled."""

    async def three() -> list[tuple[Counter[str], Counter[str]]]:
        kinds: list[tuple[str, type[Event] | None]] = [
            ("whole", None), ("unknown", RecordCreated), ("known", BatchIntended)
        ]  # fmt: skip
        return [await broken_off(tmp_path / name, SIZES, kind, DONE) for name, kind in kinds]

    # So few that looking for what is left among what is there would take many reads.
    monkeypatch.setattr(collisions, "KEYS_A_READ", BATCH * SMALLER)
    (whole, _), (_, unknown), (begun, known) = anyio.run(three)
    every = calls_for([SIZES.people], BATCH)
    assert whole["create createPeople"] == every
    assert unknown["create createPeople"] == every - DONE - 1
    assert begun["create createPeople"] + known["create createPeople"] == every
    assert begun["create createCompanies"] == whole["create createCompanies"] == calls_for([SIZES.companies], BATCH)
    assert unknown["read"] == known["read"] + 1
    # The constant does not grow with what is left: nothing is looked for among records that are all ours.
    assert unknown["read"] <= whole["read"] <= CONSTANT
    assert set(unknown) == set(known) == {"read", "create createPeople"}
