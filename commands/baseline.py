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
    """Note what the workspace holds that is not ours, once a run, before its first record."""
    statement = "SELECT 1 FROM event WHERE type = 'BaselineTaken' AND run_id = :run_id"
    if not await ledger.reader.scalar(statement, run_id=ledger.run_id):
        await ledger.append([BaselineTaken(counts=await foreign_counts(twenty, object_names))])


async def foreign_counts(twenty: Twenty, object_names: Sequence[str]) -> dict[str, int]:
    """How many records of each object do not carry our mark, those in the bin included.

    An object that is not in the data model (not made yet, or taken back) holds none.
    """
    objects = _objects(twenty, object_names)
    every = await counts(twenty.client, objects)
    ours = await marked(twenty.client, objects, first=1)
    foreign = {name: count.live + (count.deleted or 0) - ours[name].total for name, count in every.items()}
    return dict.fromkeys(object_names, 0) | foreign


def _objects(twenty: Twenty, object_names: Sequence[str]) -> list[Object]:
    return [twenty.model.objects[name] for name in object_names if name in twenty.model.objects]
