"""The rows of a person who was erased wait for nobody: they say so everywhere, with the same numbers."""

import pytest

from commands.erase import erase
from tests.delta.accounts import ANN, BOB, export
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_erased_rows_are_open_nowhere(journey: Journey) -> None:
    """Held back by a delta, hers count as set aside; no list of what is open has them, and nothing decides of them."""
    await journey.load(export(journey, 0, [ANN, BOB]), "leave")
    await erase(journey.options, ANN["email"])
    nameless = {**BOB, "id": "3", "email": ""}
    done = await journey.delta(export(journey, 1, [{**ANN, "score": "8"}, BOB, nameless]))
    rows = done.compared.rows
    assert (rows.held, rows.set_aside, done.undone) == (1, 1, 1)
    status = journey.told("status")
    counted = status["books"]["rows"]
    assert (counted["held"], counted["set_aside"], status["open_holds"], done.loaded.books.balanced) == (1, 1, 1, True)
    listed = journey.told("holds", "--state", "open")["holds"]
    assert [one["reason"] for one in listed] == ["email_missing"]
    assert journey.ledger_rows("SELECT count(*) FROM holds_open") == [(1,)]
    [hers] = journey.told("holds", "--state", "erased")["holds"]
    assert (hers["reason"], hers["state"]) == ("erased", "erased")
    refused = journey.told("holds", "release", str(hers["id"]), code=2)["error"]["message"]
    assert "is erased" in refused
