"""What is looked at before the first record call of a run: the workspace, other ledgers' records, and the baseline."""

from collections.abc import Sequence

from adapters.twenty import Mark, Object, counts, marked
from commands.errors import WrongUse
from commands.session import Twenty, check_workspace
from ledger.events import BaselineTaken
from ledger.store import Ledger


async def before_writing(ledger: Ledger, twenty: Twenty, object_names: Sequence[str], *, beside: bool) -> None:
    """Refuse a workspace that is not this ledger's, or one that another ledger writes to.

    Raises:
        OtherWorkspace: the ledger is bound to another one.
        WrongUse: records of another ledger are there, and `beside` was not said.
    """
    await check_workspace(ledger.reader, twenty)
    if beside or await ledger.reader.workspace() is not None:
        return
    found = await marked(twenty.client, _objects(twenty, object_names), first=1)
    marks: list[Mark] = [mark for marks in found.values() for mark in marks.first]
    if marks:
        raise WrongUse(
            f"the workspace holds records of another ledger (run {marks[0].run}); use that ledger, or say --beside"
        )


async def take_baseline(ledger: Ledger, twenty: Twenty, object_names: Sequence[str]) -> None:
    """Note what the workspace holds before this run's first record, the bin included."""
    found = await counts(twenty.client, _objects(twenty, object_names))
    totals = {name: count.live + (count.deleted or 0) for name, count in found.items()}
    await ledger.append([BaselineTaken(counts=totals)])


def _objects(twenty: Twenty, object_names: Sequence[str]) -> list[Object]:
    return [twenty.model.object(name) for name in object_names]
