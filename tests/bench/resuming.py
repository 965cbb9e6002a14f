"""How soon a resume is at work: from the start of its process to its first call, on a large ledger and a small one.

    uv run python -m tests.bench resume [--events 1000000] [--small 10000] [--keep FOLDER]

Both are made by real loads of made-up contacts that were killed among the people, with a batch on its way.
"""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from time import monotonic, sleep

import click
import msgspec

from adapters.kartra.sample import write_sample
from tests.bench.measures import Row, Spread, table
from tests.bench.processes import CLI, ROOT, StartFailed
from tests.bench.stub import Seen, Stubbed, stubbed

REACH, REACH_S = 1.5, 2.0
_EVENTS_A_CONTACT = 4.6
_BATCH = 200
_PATIENCE_S = 3_600.0


class Interrupted(msgspec.Struct, frozen=True):
    """A folder with a ledger whose load was killed, and the workspace it was written to."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """The ledger."""
        return self.folder / "ledger.db"

    @property
    def workspace(self) -> Path:
        """What the stub knows of the data model."""
        return self.folder / "workspace.db"

    @property
    def events(self) -> int:
        """How many events the ledger holds."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT max(position) FROM event").fetchone()[0])


class Begun(msgspec.Struct, frozen=True):
    """Seconds from the start of a resume to its first call, its first call on records, and its first create."""

    call: float
    records: float
    create: float


def interrupted(folder: Path, events: int) -> Interrupted:
    """A load of made-up contacts into about so many events, killed with half of the people written."""
    made = Interrupted(folder)
    if made.ledger.exists():
        return made
    folder.mkdir(parents=True)
    contacts = int(events / _EVENTS_A_CONTACT)
    write_sample(folder / "exports", contacts, 1, dirty=False)
    load = ["load", str(folder / "exports"), "--accept-defaults", "--automations", "leave"]
    answered = contacts // _BATCH // 2
    with _stub(made, stop_after=answered) as stub, _running(made, stub, load):
        _until(stub, lambda seen: sum(map(_is_create, seen)) > answered)
    return made


def begin(made: Interrupted) -> Begun:
    """Resume, and kill it once its first batch is on its way."""
    with _stub(made, stop_after=0) as stub:
        began = monotonic()
        with _running(made, stub, ["resume"]):
            seen = _until(stub, lambda seen: any(map(_is_create, seen)))
    records = next(one for one in seen if one.path == "/graphql")
    create = next(filter(_is_create, seen))
    return Begun(seen[0].at - began, records.at - began, create.at - began)


def _is_create(seen: Seen) -> bool:
    return seen.root.startswith("create") and seen.path == "/graphql"


@contextmanager
def _stub(made: Interrupted, stop_after: int) -> Iterator[Stubbed]:
    with (
        tempfile.TemporaryDirectory() as folder,
        stubbed(Path(folder) / "stub", 0.0, db=made.workspace, stop_after=stop_after) as stub,
    ):
        yield stub


@contextmanager
def _running(made: Interrupted, stub: Stubbed, words: Sequence[str]) -> Iterator[None]:
    """The program at work, killed at the end of the block."""
    command = [*CLI, *words, "--ledger", str(made.ledger)]
    with subprocess.Popen(command, env={**os.environ, **stub.env}, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def _until(stub: Stubbed, reached: Callable[[list[Seen]], bool]) -> list[Seen]:
    until = monotonic() + _PATIENCE_S
    while not reached(seen := stub.seen):
        if monotonic() > until:
            raise StartFailed("the program did not come as far as its first batch")
        sleep(0.02)
    return seen


def measure(events: int = 1_000_000, small: int = 10_000, rounds: int = 5, keep: Path | None = None) -> list[Row]:
    """Resume both in turn, as often as there are rounds."""
    with nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory() as folder:
        large, little = (interrupted(Path(folder) / str(count), count) for count in (events, small))
        told = f"{large.events:,} and {little.events:,} events"
        begin(large), begin(little)  # the first of each finds nothing in the machine's memory
        pairs = [(begin(large), begin(little)) for _ in range(rounds)]
    rows = []
    for name, what in (("call", "first call"), ("records", "first call on records"), ("create", "first create")):
        ours, theirs = zip(*[(getattr(one, name), getattr(other, name)) for one, other in pairs], strict=True)
        ratio = Spread.of(one / other for one, other in zip(ours, theirs, strict=True))
        took = f"{Spread.of(ours).told('.2f', ' s')} and {Spread.of(theirs).told('.2f', ' s')}"
        click.echo(f"{what}: {took}, {ratio.told('.2f', ' ×')}")
        rows.append(
            Row(
                target=5,
                what=f"resume, from the start of its process to its {what}: ledgers of {told}",
                reach=f"≤ {REACH} ×, < {REACH_S:.0f} s",
                measured=f"{took}: {ratio.told('.2f', ' ×')}",
                holds=ratio.median <= REACH and max(ours) < REACH_S,
                command=f"uv run python -m tests.bench resume --events {events} --small {small}",
            )
        )
    return rows


@click.command("resume")
@click.option("--events", type=click.IntRange(5_000), default=1_000_000, show_default=True)
@click.option("--small", type=click.IntRange(5_000), default=10_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder where both ledgers stay, and are found again.")
def command(events: int, small: int, rounds: int, keep: Path | None) -> None:
    """Time the beginning of a resume on a large ledger and on a small one."""
    click.echo(table(measure(events, small, rounds, keep)))
