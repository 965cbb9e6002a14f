"""Whether a load grows slow as its ledger grows large, and what a record costs in bytes.

    uv run python -m tests.bench growth [--records 1000000]

People are read, made and written by the program's own Ledger, step after step as a load does it; what is timed is
each append, from its events to the disk. The tenth of the people that came last is held against the first.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import anyio
import click
import msgspec

from ledger.events import Event, RunCompleted, RunStarted
from ledger.hashing import Payload
from ledger.identifiers import new_run_id
from ledger.store import Draft, Ledger
from tests.bench.exports import File, is_held
from tests.bench.ledgers import signed
from tests.bench.madeup import COLUMNS, Person, person
from tests.bench.measures import Row, table
from tests.bench.steps import ROWS, Record, Steps

TENTHS = 10
RATIO = 1.2
COMMAND = "uv run python -m tests.bench growth"


class Spent(msgspec.Struct):
    """Seconds that appends took: of CPU, and by the wall."""

    cpu: float = 0.0
    wall: float = 0.0


class Size(msgspec.Struct, frozen=True):
    """A table or an index in the file: its bytes, and whether it is an index."""

    name: str
    bytes: int
    is_index: bool


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """A load that was measured: what each tenth of it spent, and what the file holds."""

    records: int
    events: int
    tenths: Sequence[Spent]
    sizes: Sequence[Size]

    @property
    def per_tenth(self) -> float:
        """Records in each tenth."""
        return self.records / TENTHS

    @property
    def ratio(self) -> float:
        """CPU time of the last tenth by that of the first."""
        return self.tenths[-1].cpu / self.tenths[0].cpu

    @property
    def bytes(self) -> int:
        """What the whole file takes."""
        return sum(one.bytes for one in self.sizes)


class _Timed(Ledger):
    """A ledger that notes what its appends take."""

    spent = Spent()

    async def append(self, drafts: Iterable[Event | Draft], payloads: Iterable[Payload] = ()) -> list[int]:
        """Append, and note what it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        positions = await super().append(drafts, payloads)
        self.spent.cpu += time.process_time() - cpu
        self.spent.wall += time.perf_counter() - wall
        return positions


def measure(path: Path, records: int, seed: int = 1) -> Grown:
    """Load so many people into a new ledger."""
    return anyio.run(_measure, path, records, seed)


async def _measure(path: Path, people: int, seed: int) -> Grown:
    tenths = [Spent() for _ in range(TENTHS)]
    async with _Timed.open(path, command="load", actor="ann@migration") as ledger:
        assert isinstance(ledger, _Timed)
        steps = await signed(ledger, seed)
        file = File(name="contacts_all.csv", kind="contacts", rows=people, exported_at="2026-03-01T02:01:00+00:00")
        ledger.run_id = new_run_id()
        await ledger.append([RunStarted(command="load", mapping_hash=steps.mapping_hash, files=(file.seen,))])
        event, header = file.registered(COLUMNS)
        await ledger.append([event], [header])
        made: list[list[Record]] = [[] for _ in range(TENTHS)]
        for tenth, (first, last) in enumerate(_parts(people)):
            ledger.spent = tenths[tenth]
            await _extract(steps, file, seed, first, last)
        for tenth, (first, last) in enumerate(_parts(people)):
            ledger.spent = tenths[tenth]
            made[tenth] = await steps.make_people(_placed(file, seed, first, last))
        for tenth, some in enumerate(made):
            ledger.spent = tenths[tenth]
            await steps.create("person", some)
        await ledger.append([RunCompleted()])
        events = ledger.head.position
    return Grown(records=sum(map(len, made)), events=events, tenths=tenths, sizes=sizes_of(path))


def _parts(people: int) -> Iterator[tuple[int, int]]:
    for tenth in range(TENTHS):
        yield people * tenth // TENTHS, people * (tenth + 1) // TENTHS


def _people(seed: int, first: int, last: int) -> Iterator[Person]:
    return (person(seed, index, (last + 70) // 70) for index in range(first, last))


def _placed(file: File, seed: int, first: int, last: int) -> Iterator[tuple[Person, str]]:
    return (
        (one, f"{file.id}:{first + at + 2}") for at, one in enumerate(_people(seed, first, last)) if not is_held(one)
    )


async def _extract(steps: Steps, file: File, seed: int, first: int, last: int) -> None:
    people, line = _people(seed, first, last), first + 2
    while chunk := list(islice(people, ROWS)):
        await steps.extract_rows(file, line, chunk)
        line += len(chunk)


def sizes_of(path: Path) -> list[Size]:
    """What each table and index of a ledger takes in its file, the largest first."""
    statement = """SELECT stat.name, stat.bytes, coalesce(made.type = 'index', 0) AS is_index
      FROM (SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name) AS stat
      LEFT JOIN sqlite_master AS made ON made.name = stat.name ORDER BY stat.bytes DESC, stat.name"""
    with closing(sqlite3.connect(path)) as connection:
        return [Size(name, count, bool(is_index)) for name, count, is_index in connection.execute(statement)]


def rows(found: Grown, command: str = COMMAND) -> list[Row]:
    """The lines of the targets' table."""
    indexes = sum(one.bytes for one in found.sizes if one.is_index)
    slowest = max(one.cpu for one in found.tenths) / found.tenths[0].cpu
    return [
        Row(
            target=10,
            what=f"CPU time of an append, last by first tenth of {found.records} records",
            reach=f"≤ {RATIO}",
            measured=f"{found.ratio:.2f} (the slowest tenth {slowest:.2f})",
            holds=found.ratio <= RATIO,
            command=command,
        ),
        Row(
            target=10,
            what="bytes of the ledger per record (a row read, a record made of it, written)",
            reach="stated",
            measured=f"{found.bytes / found.records:.0f}, of them {indexes / found.records:.0f} indexes;"
            f" {found.events / found.records:.2f} events",
            holds=True,
            command=command,
        ),
    ]


def told(found: Grown) -> str:
    """A measurement as Markdown."""
    lines = ["| tenth | CPU µs a record | by the wall |", "|---:|---:|---:|"]
    for at, one in enumerate(found.tenths, start=1):
        cpu, wall = (1e6 * seconds / found.per_tenth for seconds in (one.cpu, one.wall))
        lines.append(f"| {at} | {cpu:.0f} | {wall:.0f} |")
    lines += ["", "| in the file | | bytes a record | share |", "|---|---|---:|---:|"]
    for size in found.sizes:
        each, share = size.bytes / found.records, 100 * size.bytes / found.bytes
        if share >= 0.05:
            lines.append(f"| {size.name} | {'index' if size.is_index else 'table'} | {each:.0f} | {share:.1f} % |")
    return "\n".join(lines)


@click.command("growth")
@click.option("--records", type=click.IntRange(100), default=1_000_000, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Where the ledger is left; else it is removed.")
def command(records: int, keep: Path | None) -> None:
    """Whether appending grows slow, and the bytes of a record."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(keep or Path(folder) / "grown.db", records)
    click.echo(f"{told(found)}\n\n{table(rows(found, f'{COMMAND} --records {records}'))}")
