"""What a whole account costs: every object in full batches of its own."""

from pathlib import Path

import anyio
import pytest

from commands.loading import Loaded
from tests.calls.counting import BATCH, CONSTANT, Heard, calls_for, listening
from tests.journey.world import Journey, to_come

pytestmark = pytest.mark.timeout(180)


def test_every_object_is_created_in_full_batches(tmp_path: Path) -> None:
    """⌈n/200⌉ creates an object exactly, for nine objects, and 15 other calls at most for all of them together."""
    journey = Journey(tmp_path)
    exports = journey.sample(95, dirty=False, transactions=120, everything=True)

    async def load() -> tuple[Loaded, Heard]:
        with listening(journey) as heard:
            return await journey.load(exports, "leave"), heard

    loaded, heard = anyio.run(load)
    made = {one.object: one.created for one in loaded.books.records}
    assert made == to_come(exports)
    assert len(made) == 9
    calls = heard.counted()
    creates = {kind: count for kind, count in calls.items() if kind.startswith("create ")}
    assert sum(creates.values()) == calls_for(made.values(), BATCH)
    assert len(creates) == len(made)
    assert calls.total() - sum(creates.values()) <= CONSTANT
