"""What is not moved, or not wholly, stands against a sign-off until a reason is said."""

import pytest

from tests.delta.accounts import ANN, BOB, CYD, export
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_a_sample_is_not_signed_off_without_a_word(journey: Journey) -> None:
    """One of three people was written: preview, JSON and refusal count the rest; nothing is purged before a reason."""
    journey.run("--sandbox", "load", str(export(journey, 0, [ANN, BOB, CYD])), "--accept-defaults", "--automations",
                "leave", "--sample", "1", code=0)  # fmt: skip
    journey.run("--sandbox", "reconcile")
    shown = journey.told("close", "--purge", code=3)
    [(pending,)] = journey.ledger_rows("SELECT count(*) FROM record WHERE state = 'pending'")
    assert (shown["unmoved"], shown["unlike"], pending >= 1) == ({"pending": pending}, [], True)
    words = f"records that were not written to Twenty yet: {pending}"
    assert f"against it: {words}" in journey.run("close", code=3)
    assert words in journey.told("close", "--purge", "--yes", code=3)["error"]["message"]
    assert journey.told("close", "--anyway", "a trial", "--yes")["done"] is True
    [(reconciled,)] = journey.ledger_rows("SELECT data ->> '$.reconciled' FROM event WHERE type = 'MigrationClosed'")
    status = journey.told("status")
    assert (reconciled, status["seconds_left"], status["closed"] is None) == (1, None, False)
    assert " s left" not in journey.run("status")


async def test_rows_of_which_nothing_was_made_are_named(journey: Journey) -> None:
    """Read and not made yet: they wait, and are counted as such."""
    await journey.load(export(journey, 0, [ANN, BOB]), "leave")
    journey.run("--sandbox", "reconcile")
    journey.run("extract", str(export(journey, 1, [{**CYD, "company": ""}])))
    shown = journey.told("close", code=3)
    assert shown["unmoved"] == {"waiting": 1}
    assert "rows of which no record was made: 1" in journey.run("close", code=3)
