"""What every command costs in calls on records, counted against an embedded Twenty, beside what it may cost.

uv run python -m tests.bench calls [--people 2100] [--companies 300] [--changed 450]
"""

import tempfile
from collections import Counter
from pathlib import Path

import anyio
import click
import msgspec

from commands.logs import configure
from ledger.events import RecordCreated
from tests.bench.measures import Row, table
from tests.calls.counting import BATCH, CONSTANT, MANY, READ, SMALLER, calls_for
from tests.calls.telling import Sizes, Story, broken_off, tell

_BATCH, _READ, _MANY = BATCH * SMALLER, READ * SMALLER, MANY * SMALLER


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """What a command may cost: exactly so many calls of some kinds, and so many others and 15 at most."""

    what: str
    exactly: int
    kinds: tuple[str, ...]
    others: int

    def held_against(self, calls: Counter[str]) -> Row:
        """The line of the table."""
        click.echo(f"{self.what}: {dict(sorted(calls.items()))}")
        exact = sum(calls[kind] for kind in self.kinds)
        rest = calls.total() - exact
        return Row(
            target=1,
            what=self.what,
            reach=f"{self.exactly} + ≤ {self.others} + {CONSTANT}",
            measured=f"{exact} + {rest}",
            holds=exact == self.exactly and rest <= self.others + CONSTANT,
            command="uv run python -m tests.bench calls",
        )


async def _counted(folder: Path, sizes: Sizes, done: int) -> tuple[Story, Counter[str]]:
    (folder / "story").mkdir()
    _, resumed = await broken_off(folder / "broken", sizes, RecordCreated, done, 1)
    return await tell(folder / "story", sizes, 1), resumed


def measure(people: int = 2_100, companies: int = 300, changed: int = 450) -> list[Row]:
    """A load, a resume, a delta, a reconciliation and a rollback, in the sizes that the program has."""
    configure(0)
    sizes = Sizes(people=people, companies=companies, changed=changed)
    batches = calls_for([people], _BATCH)
    landed = batches // 2
    with tempfile.TemporaryDirectory() as folder:
        # The last batch that landed is not on record.
        story, resumed = anyio.run(_counted, Path(folder), sizes, landed - 1)
    counts = (people, companies)
    creates, reads, many = (calls_for(counts, size) for size in (_BATCH, _READ, _MANY))
    changes, changed_reads = calls_for([changed], _BATCH), calls_for([changed], _READ)
    new = ("create createPeople", "create createCompanies")
    gone = ("destroy destroyPeople", "destroy destroyCompanies")
    of = f"of {people:,} people in {companies:,} companies"
    load = Formula(what=f"first load {of}: creates + others", exactly=creates, kinds=new, others=0)
    resume = Formula(
        what=f"resume behind {landed} of {batches} creates: creates + others", exactly=batches - landed, kinds=new,
        others=1,
    )  # fmt: skip
    delta = Formula(
        what=f"delta, {changed:,} people changed: changes + others", exactly=changes, kinds=("upsert createPeople",),
        others=changed_reads,
    )  # fmt: skip
    reconcile = Formula(what=f"reconciliation {of}: writes + reads", exactly=0, kinds=(), others=reads)
    rollback = Formula(
        what=f"rollback {of}: destroys + others, polls aside", exactly=many, kinds=gone, others=reads + 3 * many
    )
    return [
        load.held_against(story.load),
        resume.held_against(resumed),
        delta.held_against(story.delta),
        reconcile.held_against(story.reconcile),
        rollback.held_against(story.rollback),
    ]


@click.command("calls")
@click.option("--people", type=click.IntRange(400), default=2_100, show_default=True)
@click.option("--companies", type=click.IntRange(1), default=300, show_default=True)
@click.option("--changed", type=click.IntRange(1), default=450, show_default=True)
def command(people: int, companies: int, changed: int) -> None:
    """Count the calls of a load, a resume, a delta, a reconciliation and a rollback."""
    click.echo(table(measure(people, companies, changed)))
