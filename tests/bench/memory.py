"""The memory of a load: real processes over HTTP against a stub that answers creates at once."""

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec

from tests.bench.contacts import FILE, write
from tests.bench.measures import Row, table
from tests.bench.processes import CLI, ROOT, StartFailed
from tests.bench.stub import stubbed

_MB = 1_000_000
_ALL = (100_000, 1_000_000)
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Load(msgspec.Struct, frozen=True):
    """A load of so many contacts: its peak in bytes, and its seconds."""

    contacts: int
    peak: int
    wall: float


def load(contacts: int, seed: int) -> Load:
    """Load made-up contacts into a new ledger.

    Raises:
        StartFailed: the load did not come to its end.
    """
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as name:
        folder = Path(name)
        exports = folder / "exports"
        exports.mkdir()
        write(exports / FILE, contacts, seed)
        with stubbed(folder / "stub", after_s=0) as stub:
            command = [*CLI, "--ledger", str(folder / "ledger.db"), "load", str(exports), "--accept-defaults"]
            command += ["--automations", "leave"]
            began = time.perf_counter()
            with subprocess.Popen(command, env={**os.environ, **stub.env}, cwd=ROOT, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
                watch = _Watch(process.pid)
                watch.start()
                _, said = process.communicate()
            watch.join()
        if process.returncode not in (0, 3):
            raise StartFailed(f"the load ended with {process.returncode}: {said[-500:]}")
        return Load(contacts, watch.peak, time.perf_counter() - began)


class _Watch(threading.Thread):
    """Asks the kernel for a process's peak until it is gone."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.peak = 0
        self._status = Path(f"/proc/{pid}/status")

    def run(self) -> None:
        """Until there is no such process any more."""
        while (found := self._peak()) is not None:
            self.peak = max(self.peak, found)
            time.sleep(0.1)

    def _peak(self) -> int | None:
        try:
            found = _PEAK.search(self._status.read_text(encoding="ascii"))
        except OSError:
            return None
        return int(found[1]) * 1024 if found else None


def measure(contacts: Sequence[int] = _ALL, seed: int = 1, say: Callable[[str], None] = print) -> list[Row]:
    """Load accounts of several sizes, the smallest first."""
    loads = []
    for count in sorted(contacts):
        done = load(count, seed)
        loads.append(done)
        say(f"{count:,} contacts: {done.peak / _MB:.0f} MB at most, {done.wall:.0f} s")
    small, large = loads[0], loads[-1]
    ratio = large.peak / small.peak
    slope = (large.peak - small.peak) / max(large.contacts - small.contacts, 1)
    say(f"{slope:.0f} bytes a contact more")
    return [
        Row(
            target=7,
            what=f"peak RSS of loading {large.contacts:,} contacts against {small.contacts:,}, every stage",
            reach="≤ 1.3 ×, < 200 MB",
            measured=f"{ratio:.2f} × ({small.peak / _MB:.0f}, {large.peak / _MB:.0f} MB), {slope:.0f} bytes a contact",
            holds=ratio <= 1.3 and large.peak < 200 * _MB and large.contacts >= _ALL[-1],
            command="uv run python -m tests.bench memory",
        )
    ]


@click.command("memory")
@click.option("--contacts", type=click.IntRange(100), multiple=True, default=_ALL, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def command(contacts: tuple[int, ...], seed: int) -> None:
    """Load accounts of several sizes, and say what memory each took."""
    click.echo(table(measure(contacts, seed, click.echo)))
