"""Folds of what comes back with a rollback, row by row: what an event changes, and no more."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ledger.events import DisplacedReturned, RecordDeleted, RecordLost, RecordReturned, RollbackProven
from ledger.store import Ledger
from tests.ledger.crowded import NOW, A, B, effect, made, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ledger(crowded: Path, path: Path) -> AsyncIterator[Ledger]:
    """The crowded ledger, open in a third run."""
    async with opened(crowded, path) as ledger:
        yield ledger


def returned(body: str = A, *, obsolete: bool = False) -> RecordReturned:
    """A record was made again, whose payload is or is not what it should hold."""
    return RecordReturned(
        object="person", source_key="written", twenty_id="id again", payload_hash=body, updated_at="then",
        made_in="r1", made_at=7, obsolete=obsolete,
    )  # fmt: skip


async def test_a_record_is_made_again(ledger: Ledger) -> None:
    """It is written under its new id and counts as made where it was first; it may be changed or obsolete by now."""
    await ledger.append(
        [RecordDeleted(object="person", source_key="written", twenty_id="id written", outcome="destroyed")]
    )
    row = {
        "state": "written", "written_hash": A, "twenty_id": "id again", "updated_at": "then", "origin": "created",
        "run_id": "r1", "since": 7,
    }  # fmt: skip
    found = await effect(ledger, returned())
    assert found["record"] == {("person", "written"): row}
    assert set(found) == {"record", "compensation"}
    await ledger.append([made("person", "written", B)])
    assert (await effect(ledger, returned()))["compensation"] == {("r3", "person", "id again"): {"position": NOW}}
    assert (await effect(ledger, returned(B)))["record"] == {
        ("person", "written"): {"state": "written", "written_hash": B}
    }
    obsolete = (await effect(ledger, returned(B, obsolete=True)))["record"]
    assert obsolete == {("person", "written"): {"state": "obsolete"}}


async def test_a_record_of_others_comes_back_or_is_lost(ledger: Ledger) -> None:
    """A row of the rollback's own; no record of ours is touched."""
    key = ("r3", "person", "theirs")
    row: dict[str, Any] = {
        "run_id": "r3", "object": "person", "twenty_id": "theirs", "source_key": "written", "state": "lost",
        "detail": "value_taken", "payload_hash": B, "position": NOW,
    }  # fmt: skip
    named = {"object": "person", "source_key": "written", "twenty_id": "theirs", "payload_hash": B}
    assert await effect(ledger, RecordLost(why="value_taken", **named)) == {"compensation": {key: row}}
    back = {"state": "done", "detail": "returned", "position": NOW}
    assert await effect(ledger, DisplacedReturned(**named)) == {"compensation": {key: back}}


async def test_after_a_rollback_of_everything_nobody_is_gone(ledger: Ledger) -> None:
    """What later exports said of streams goes with it; a rollback of less changes nothing of that."""
    less = RollbackProven(everything=False, exact=True, kept=0, payload_hash=A)
    assert await effect(ledger, less) == {}
    whole = RollbackProven(everything=True, exact=True, kept=0, payload_hash=A)
    assert await effect(ledger, whole) == {"gone": {("left",): None, ("pending",): None}}
