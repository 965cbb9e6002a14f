"""The memory of a load: the command itself as a process, over HTTP, against a stub that answers creates at once.

    uv run python -m tests.bench memory [--contacts 100000 --contacts 1000000] [--seed 1]

The load is without Twenty's pace: a call waits for its turn once one was refused, and the stub refuses none. So a
hundred thousand contacts take some three minutes, and a million half an hour; at Twenty's pace it is over two hours.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import msgspec

from tests.bench.contacts import FILE, write
from tests.bench.measures import Row, table
from tests.bench.processes import ROOT, StartFailed
from tests.bench.stages import ENTRY
from tests.bench.stub import stubbed

_MB = 1_000_000
_ALL = (100_000, 1_000_000)
_REACH = 1.3
_MOST = 200 * _MB


class Load(msgspec.Struct, frozen=True):
    """A load of so many contacts: the peak of each stage in bytes, and the seconds of the whole."""

    contacts: int
    stages: Mapping[str, int]
    wall: float

    @property
    def peak(self) -> int:
        """Of the whole."""
        return max(self.stages.values())


def load(contacts: int, seed: int) -> Load:
    """Load made-up contacts into a new ledger.

    Raises:
        StartFailed: the load did not come to its end.
    """
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as name:
        folder = Path(name)
        exports, told = folder / "exports", folder / "told"
        exports.mkdir()
        write(exports / FILE, contacts, seed)
        with stubbed(folder / "stub", after_s=0) as stub:
            command = [*ENTRY, str(told), "--ledger", str(folder / "ledger.db"), "load", str(exports)]
            command += ["--accept-defaults", "--automations", "leave"]
            began = time.perf_counter()
            done = subprocess.run(
                command, env={**os.environ, **stub.env}, cwd=ROOT, capture_output=True, text=True, check=False
            )
        if done.returncode not in (0, 3):
            raise StartFailed(f"the load ended with {done.returncode}: {done.stderr[-500:]}")
        stages = msgspec.json.decode(told.read_bytes(), type=dict[str, int])
        return Load(contacts, stages, time.perf_counter() - began)


def measure(contacts: Sequence[int] = _ALL, seed: int = 1, say: Callable[[str], None] = print) -> list[Row]:
    """Load accounts of several sizes, the smallest first."""
    loads = []
    for count in sorted(contacts):
        loads.append(load(count, seed))
        _tell(loads[-1], loads[0], say)
    small, large = loads[0], loads[-1]
    ratio = large.peak / small.peak
    slope = _slope(small, large, small.peak, large.peak)
    return [
        Row(
            target=7,
            what=f"peak RSS of loading {large.contacts:,} contacts by {small.contacts:,}, all stages, without pace",
            reach=f"≤ {_REACH} ×, < {_MOST // _MB} MB",
            measured=f"{ratio:.2f} × ({small.peak / _MB:.0f}, {large.peak / _MB:.0f} MB), {slope:.0f} bytes a contact",
            holds=ratio <= _REACH and large.peak < _MOST and large.contacts >= _ALL[-1],
            command="uv run python -m tests.bench memory",
        )
    ]


def _tell(done: Load, least: Load, say: Callable[[str], None]) -> None:
    """Say what each stage took, and by what it grew with the contacts."""
    say(f"{done.contacts:,} contacts: {done.peak / _MB:.0f} MB at most, {done.wall:.0f} s")
    for stage, peak in done.stages.items():
        more = "" if done is least else f", {_slope(least, done, least.stages[stage], peak):4.0f} bytes a contact more"
        say(f"  {stage:10} {peak / _MB:6.1f} MB{more}")


def _slope(small: Load, large: Load, least: int, most: int) -> float:
    return (most - least) / max(large.contacts - small.contacts, 1)


@click.command("memory")
@click.option("--contacts", type=click.IntRange(100), multiple=True, default=_ALL, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def command(contacts: tuple[int, ...], seed: int) -> None:
    """Load accounts of several sizes, and say what memory each took."""
    click.echo(table(measure(contacts, seed, click.echo)))
