"""What it takes to start: CPU time of `--help` and `status` as whole processes, beside Python itself and click.

    uv run python -m tests.bench start [--rounds 15] [--events 2000] [--imports 12]

The processes run in turn, each compiled before; what is measured is what the kernel counts of each, user and system.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tests.bench.ledgers import build
from tests.bench.measures import Row, Spread, table

REACH_S = 0.250
_PROGRAM = str(Path(sys.executable).with_name("kartra-to-twenty"))

Words = Sequence[str]


def processes(ledger: Path) -> Mapping[str, Words]:
    """What is started, by name: the floors first."""
    return {
        "python -c pass": (sys.executable, "-c", "pass"),
        "python -c 'import click'": (sys.executable, "-c", "import click"),
        "--help": (sys.executable, _PROGRAM, "--help"),
        "status": (sys.executable, _PROGRAM, "status", "--ledger", str(ledger)),
    }


def cpu_of(words: Words) -> float:
    """Seconds of CPU that a process takes, from its start to its end.

    Raises:
        CalledProcessError: it ended otherwise than with 0.
    """
    # What was compiled is kept, as it is wherever the program is installed.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(words, env=kept, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(words))
    return used.ru_utime + used.ru_stime


def times(started: Mapping[str, Words], rounds: int) -> Mapping[str, Spread]:
    """The CPU of each process, started in turn; a first round that compiles is not counted."""
    every = [{name: cpu_of(words) for name, words in started.items()} for _ in range(1 + rounds)]
    return {name: Spread.of(one[name] for one in every[1:]) for name in started}


def measure(ledger: Path, rounds: int) -> list[Row]:
    """Target 9."""
    found = times(processes(ledger), rounds)
    beside = ", ".join(f"{name} {_ms(found[name])}" for name in ("python -c pass", "python -c 'import click'"))
    return [
        Row(
            target=9,
            what=f"CPU of `{name}`, the whole process, median of {rounds}",
            reach=f"≤ {REACH_S * 1000:.0f} ms",
            measured=f"{_ms(found[name])}; {beside}",
            holds=found[name].median <= REACH_S,
            command="uv run python -m tests.bench start",
        )
        for name in ("--help", "status")
    ]


def _ms(seconds: Spread) -> str:
    return Spread(*(1000 * one for one in (seconds.median, seconds.least, seconds.most))).told(".0f", " ms")


def largest(words: Words, number: int) -> list[str]:
    """The imports of a process that take the longest, with all that they import: lines of `-X importtime`."""
    told = subprocess.run([words[0], "-X", "importtime", *words[1:]], capture_output=True, text=True, check=True)
    lines = [line for line in told.stderr.splitlines() if line.startswith("import time:") and "self [us]" not in line]
    return sorted(lines, key=lambda line: int(line.split("|")[1]), reverse=True)[:number]


@click.command("start")
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True)
@click.option("--events", type=click.IntRange(100), default=2000, show_default=True, help="Of the ledger of `status`.")
@click.option("--imports", type=click.IntRange(0), default=12, show_default=True, help="Of the largest, to list.")
def command(rounds: int, events: int, imports: int) -> None:
    """What it takes to start."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ledger = Path(folder) / "bench.db"
        build(ledger, events)
        rows = measure(ledger, rounds)
        for name, words in list(processes(ledger).items())[2:] if imports else ():
            click.echo(f"The largest imports of {name} (microseconds: itself, and with what it imports):")
            click.echo("\n".join([*largest(words, imports), ""]))
    click.echo(table(rows))
