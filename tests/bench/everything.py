"""Every benchmark of the ten targets, each in a process of its own, and one table of what they found.

    uv run python -m tests.bench all [--quick] [--only making --only appends]

In full it takes an hour or two, since a million contacts are loaded several times; `TMPDIR=/dev/shm` spares a slow
disk. `--quick` is the same at sizes of some minutes in all, to see that everything runs; its figures say little.
Nothing else should run on the machine.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence

import click

from tests.bench.measures import HEADER
from tests.bench.processes import ROOT

QUICK: Mapping[str, Sequence[str]] = {
    "calls": ("--people", "600", "--companies", "50", "--changed", "220"),
    "overhead": ("--records", "2000", "--rounds", "1"),
    "appends": ("--contacts", "2000", "--rounds", "1"),
    "making": ("--contacts", "1000", "--rounds", "1"),
    "resume": ("--events", "30000", "--rounds", "1"),
    "delta": ("--contacts", "5000", "--rounds", "1", "--whole", "200"),
    "memory": ("--contacts", "500", "--contacts", "2000"),
    "verify": ("--events", "20000", "--rounds", "1"),
    "preview": ("--records", "3000"),
    "start": ("--rounds", "3", "--imports", "0"),
    "growth": ("--records", "10000"),
}
"""The benchmarks by name, and what makes each of them short."""


@click.command("all")
@click.option("--quick", is_flag=True, help="At small sizes, to see that everything runs.")
@click.option("--only", "names", type=click.Choice(list(QUICK)), multiple=True, help="These alone.")
def command(quick: bool, names: tuple[str, ...]) -> None:
    """Measure all ten targets, and print one table."""
    lines = [line for name in names or QUICK for line in _lines(name, QUICK[name] if quick else ())]
    click.echo("\n".join([*HEADER, *sorted(lines, key=_target)]))


def _lines(name: str, options: Sequence[str]) -> list[str]:
    """The lines of the table that a benchmark ends with; all it says goes to stderr."""
    command = [sys.executable, "-m", "tests.bench", name, *options]
    click.echo(f"{name} {' '.join(options)} ...", err=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    click.echo(done.stdout, err=True)
    found = [line for line in done.stdout.splitlines() if line.startswith("| ") and line not in HEADER]
    lines = [line for line in found if line.split("|")[1].strip().isdigit() and line.count("|") == HEADER[0].count("|")]
    if not lines:
        raise click.ClickException(f"{name} ended with {done.returncode} and without a line of the table")
    return lines


def _target(line: str) -> int:
    return int(line.split("|")[1])
