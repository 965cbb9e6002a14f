"""E-mails in later exports: who a contact is, and what may become of her address."""

import pytest

from commands.holds import holds
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def waiting(journey: Journey) -> list[str]:
    """Why rows and records wait for a person."""
    return [one.reason for one in await holds(journey.options, "open")]


async def test_an_emptied_email_is_held_and_leaves_twentys_alone(journey: Journey) -> None:
    """A contact whose address is not there any more waits for a person, until a later export has it again."""
    await journey.load(export(journey, 0, ACCOUNT), "leave")
    rows = [{**ANN, "email": "", "score": "9"}, {**BOB, "score": "3"}, CYD]
    done = await journey.delta(export(journey, 1, rows), "contacts", gone="delete")
    assert await waiting(journey) == ["email_missing"]
    assert (done.undone, done.compared.kinds["contacts"].gone) == (1, 0)
    now = await people(journey)
    assert (now[ANN["email"]]["kartraScore"], now[BOB["email"]]["kartraScore"]) == (5, 3)
    again = await journey.delta(export(journey, 2, [ANN, rows[1], CYD]))
    assert (again.undone, await waiting(journey)) == (0, [])
