"""A migration of people in companies, and the calls on records that each of its commands made."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from commands.reconcile import reconcile
from ledger.events import Event
from tests.calls.counting import SMALLER, listening
from tests.calls.dying import Died, dies
from tests.delta.accounts import export
from tests.journey.world import Journey


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How many people in how many companies; later, so many have another score, and so many of these another e-mail."""

    people: int
    companies: int
    changed: int
    moved: int = 0

    def rows(self, *, later: bool = False) -> list[dict[str, str]]:
        """The account, at first and later."""
        return [
            {
                "id": str(index),
                "email": f"{'moved' if later and index <= self.moved else 'one'}{index}@kartra.example",
                "first_name": f"Ann {index}",
                "last_name": "One",
                "score": "2" if later and index <= self.changed else "1",
                "company": f"Company {index % self.companies}",
            }
            for index in range(1, self.people + 1)
        ]


class Story(msgspec.Struct, frozen=True):
    """The calls on records of each command, by kind."""

    load: Counter[str]
    delta: Counter[str]
    reconcile: Counter[str]
    rollback: Counter[str]


async def tell(folder: Path, sizes: Sizes, smaller: int = SMALLER) -> Story:
    """A load, a delta, a reconciliation and a rollback of everything, with calls so much smaller than they are."""
    journey = Journey(folder)
    with listening(journey, smaller) as heard:
        assert (await journey.load(export(journey, 1, sizes.rows()), "leave")).undone == 0
        load = heard.counted()
        assert (await journey.delta(export(journey, 2, sizes.rows(later=True)))).loaded.undone == 0
        delta = heard.counted()
        assert (await reconcile(journey.options, None, 0, (), None)).differences == 0
        reconciled = heard.counted()
        assert (await journey.roll_back()).proof.exact
        return Story(load, delta, reconciled, heard.counted())


async def broken_off(
    folder: Path, sizes: Sizes, kind: type[Event] | None, done: int = 0, smaller: int = SMALLER
) -> tuple[Counter[str], Counter[str]]:
    """The calls of a load that died before it recorded this of the batch behind so many, and of going on with it.

    Without a kind it does not die.
    """
    folder.mkdir()
    journey = Journey(folder)
    exports = export(journey, 1, sizes.rows())
    with listening(journey, smaller) as heard:
        if kind is None:
            await journey.load(exports, "leave")
            return heard.counted(), Counter()
        with pytest.MonkeyPatch.context() as patch:
            dies(patch, kind, done + 1)
            with pytest.raises(Died):
                await journey.load(exports, "leave")
        begun = heard.counted()
        assert (await journey.resume()).undone == 0
        resumed = heard.counted()
        assert len(await journey.records("person")) == sizes.people
        return begun, resumed
