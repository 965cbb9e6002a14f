"""What cannot be compared, since it was erased, is not told as compared: not by reconcile, nor by the sign-off."""

import pytest

from commands.erase import erase
from tests.delta.accounts import ANN, BOB, CYD, export
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_erased_records_are_not_counted_as_compared(journey: Journey) -> None:
    """Of three people one was erased and stays in Twenty: two were compared, and each number says so."""
    await journey.load(export(journey, 0, [ANN, {**BOB, "company": ""}, CYD]), "leave")
    await erase(journey.options, ANN["email"])
    told = journey.told("reconcile", "--sandbox")
    written = sum(one[0] for one in journey.ledger_rows("SELECT 1 FROM record WHERE state = 'written'"))
    assert (told["compared"]["person"], told["erased"]) == (2, written - sum(told["compared"].values()))
    said = journey.run("reconcile", "--sandbox")
    assert "Twenty holds what was written, of what could be compared;" in said
    [*_, event] = await journey.events("ReconciliationMade")
    body = await journey.body(event.event.payload_hash)  # type: ignore[attr-defined]
    assert (event.event.compared, event.event.erased) == (  # type: ignore[attr-defined]
        sum(told["compared"].values()),
        body["erased"],
    )
    compared = journey.told("close")["reconciliation"]
    assert (compared["compared"], compared["erased"]) == (sum(told["compared"].values()), told["erased"])
    assert f"{told['erased']} erased and not compared" in journey.run("close")
