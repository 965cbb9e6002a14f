"""How fast the console answers, and what memory it holds, while a load goes on beside it.

    uv run python -m tests.bench console [--events 1000000] [--ledger FILE] [--seconds 60]

A real `kartra-to-twenty serve` over a ledger of so many events, with the file dropped from the kernel's memory before;
each page is asked for once (`first`), then by two clients in turn while another process loads into the ledger. Ends
with 1 where an answer was not 200, a 95th percentile is 200 ms or more, or the server held 200 MB or more.
"""

import os
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

import click
import msgspec

from tests.bench.asking import Times, first_round, rounds, summed
from tests.bench.ledgers import build
from tests.bench.pages import pages, reading, values_of
from tests.bench.processes import Appending, Memory, forget, served

P95_MS = 200
RSS_MB = 200
CLIENTS = 2


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark of the console found."""

    first: Times
    times: Times
    peak_mb: float
    last_mb: float
    before: int
    appended: int
    seconds: float
    left: list[str]

    @property
    def faults(self) -> list[str]:
        """Whatever is not as it should be."""
        wrong = [*self.first.wrong, *self.times.wrong]
        found = [f"{len(wrong)} answers were not 200, among them {'; '.join(wrong[:5])}"] if wrong else []
        slow = {kind: summed(some).p95 for kind, some in self.times.of.items()}
        found += [f"{kind}: p95 is {p95:.0f} ms" for kind, p95 in slow.items() if p95 >= P95_MS]
        found += [f"{kind}: nothing was measured" for kind in self.left]
        return found + ([f"the server held {self.peak_mb:.0f} MB"] if self.peak_mb >= RSS_MB else [])


def measure(ledger: Path, seconds: float) -> Measured:
    """Serve a ledger and ask for its pages while a load goes on."""
    values = values_of(ledger, Random(7))
    every = pages(ledger.stem)
    asked = [page for page in every if page.can_be_asked(values)]
    before = _events(ledger)
    forget(ledger)
    with served(ledger) as (url, process), Memory.of(process.pid) as memory:
        first = first_round(url, asked, values)
        with Appending.into(ledger) as appending:
            begun = perf_counter()
            times = rounds(url, asked, values, seconds, CLIENTS)
            took = perf_counter() - begun
    return Measured(
        first=first,
        times=times,
        peak_mb=memory.peak,
        last_mb=memory.last,
        before=before,
        appended=appending.events,
        seconds=took,
        left=[page.kind for page in every if page.kind not in times.of],
    )


def _events(ledger: Path) -> int:
    with reading(ledger) as connection:
        return int(connection.execute("SELECT max(position) FROM event").fetchone()[0])


def told(found: Measured) -> str:
    """A measurement as Markdown."""
    answers = sum(map(len, found.times.of.values()))
    lines = [
        "| page | count | median ms | p95 ms | max ms | first ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for kind, times in found.times.of.items():
        one, first = summed(times), found.first.of.get(kind)
        cold = f"{first[0]:.0f}" if first else ""
        lines.append(f"| {kind} | {one.count} | {one.median:.1f} | {one.p95:.1f} | {one.max:.1f} | {cold} |")
    lines += [
        "",
        f"{found.before} events at the start; {found.appended} appended meanwhile; {os.cpu_count()} cores."
        f" {answers} answers in {found.seconds:.0f} s to {CLIENTS} clients.",
        f"The server's memory: {found.peak_mb:.0f} MB at the most, {found.last_mb:.0f} MB at the end.",
        "`first`: the first answer after the start, the ledger not in the kernel's memory.",
    ]
    return "\n".join([*lines, *(f"- FAULT {fault}" for fault in found.faults)])


@click.command("console")
@click.option("--events", type=click.IntRange(1000), default=1_000_000, show_default=True)
@click.option(
    "--ledger",
    "given",
    type=click.Path(path_type=Path, exists=True),
    help="One that `ledger` made, instead of a new one; it is appended to.",
)
@click.option("--seconds", type=float, default=60, show_default=True)
def command(events: int, given: Path | None, seconds: float) -> None:
    """Ask the console for every page while a load goes on."""
    if given is not None:
        found = measure(given, seconds)
    else:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            made = Path(folder) / "bench.db"
            click.echo(f"making {events} events ...", err=True)
            build(made, events)
            found = measure(made, seconds)
    click.echo(told(found))
    sys.exit(1 if found.faults else 0)
