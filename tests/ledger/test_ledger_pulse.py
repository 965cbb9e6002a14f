"""The pulse: events counted by run, type and minute, on from where it was; and the stage of every type."""

from collections import Counter
from pathlib import Path

import pytest

from ledger.events import EVENTS, RunFailed, RunResumed
from ledger.pulse import Pulse
from ledger.reader import Reader
from ledger.stages import STAGE_OF, STAGES
from ledger.store import Ledger

pytestmark = pytest.mark.anyio


async def _caught_up(pulse: Pulse, path: Path) -> Pulse:
    async with Reader.open(path) as reader:
        head = await reader.head()
        while pulse.position < head.position:
            await pulse.count_on(reader, head)
    return pulse


async def test_every_event_is_counted_once(story: Path) -> None:
    """By run, by type and by minute it is the same number: the ledger's length."""
    pulse = await _caught_up(Pulse(), story)
    assert pulse.by_run().total() == pulse.by_type().total() == pulse.position
    assert sum(types.total() for types in pulse.by_minute().values()) == pulse.position
    [run, *_] = pulse.by_run()
    assert pulse.by_type(run).total() == pulse.by_run()[run]


async def test_it_counts_on(path: Path) -> None:
    """What comes later is added to what was counted, and nothing twice."""
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append([RunResumed()] * 3)
    pulse = await _caught_up(Pulse(), path)
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append([RunFailed(code="x", exit_code=1)] * 2)
    await _caught_up(pulse, path)
    await _caught_up(pulse, path)
    assert pulse.by_type() == Counter(LedgerCreated=1, RunResumed=3, RunFailed=2)
    assert list(pulse.by_minute()) == sorted(pulse.by_minute())


def test_every_type_has_a_stage() -> None:
    """And every stage has a type, so that no chart has an empty colour."""
    assert set(STAGE_OF) == set(EVENTS)
    assert set(STAGE_OF.values()) == set(STAGES)
    assert STAGE_OF["RecordCreated"] == "write"
    assert STAGE_OF["PayloadErased"] == "privacy"
    assert STAGE_OF["RecordDeleted"] == "compensate"
