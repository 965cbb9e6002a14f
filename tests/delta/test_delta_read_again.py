"""A file that a delta has read is loaded: what the delta left unrecorded is recorded then, and counted once."""

import pytest

from tests.delta.accounts import ANN, BOB, export
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_a_file_that_a_delta_has_read_can_be_loaded(journey: Journey) -> None:
    """The books balance, also after a rollback and by the next delta of the file; nothing waits for a `resume`."""
    first = export(journey, 0, [ANN, BOB])
    later = export(journey, 1, [ANN, {**BOB, "score": "9"}])
    await journey.load(first, "leave")
    compared = await journey.delta(later)
    assert compared.loaded.books.rows.unchanged == 1
    loaded = await journey.load(later, "leave")
    assert (loaded.undone, loaded.books.imbalances, loaded.books.rows.unchanged) == (0, (), 0)
    assert (await journey.delta(later)).loaded.books.balanced
    await journey.roll_back(patience_s=2)
    again = await journey.load(later, "leave")
    assert (again.undone, again.books.balanced, sum(again.written.created.values())) == (0, True, 3)
    assert journey.told("status")["unfinished"] is None
