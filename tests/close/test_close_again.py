"""A second sign-off behind a purge: only for what was done since, and it brings no body back."""

import pytest

from tests.delta.accounts import ANN, BOB, export
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_a_purge_is_never_forgotten(journey: Journey) -> None:
    """With nothing new to sign it is refused in a line; what is signed behind a rollback is purged all the same."""
    await journey.load(export(journey, 0, [ANN, BOB]), "leave")
    journey.run("--sandbox", "reconcile")
    journey.run("close", "--purge", "--yes")
    for words in (["close"], ["close", "--yes"], ["close", "--purge", "--yes"]):
        refused = journey.told(*words, code=2)["error"]["message"]
        assert ("nothing to sign" in refused, "\n" in refused) == (True, False), words
    assert journey.told("status")["closed"]["purged"] is True
    await journey.roll_back()
    journey.run("close", "--anyway", "taken back", "--yes")
    assert journey.told("status")["closed"]["purged"] is True
    assert "bodies purged" in journey.run("status")
    assert journey.ledger_rows("SELECT count(*) FROM event WHERE type = 'MigrationClosed'") == [(2,)]
