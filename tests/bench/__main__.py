"""Benchmarks of real ledgers and real processes, one module each.

uv run python -m tests.bench ledger FILE --events 1000000
"""

from pathlib import Path
from time import perf_counter

import click

from tests.bench import (
    appends,
    calls,
    console,
    delta,
    everything,
    growth,
    making,
    memory,
    overhead,
    preview,
    resuming,
    start,
    verifying,
)
from tests.bench.ledgers import append_slowly, build


@click.group()
def main() -> None:
    """Benchmarks."""


@main.command("ledger")
@click.argument("path", type=click.Path(path_type=Path, exists=False))
@click.option("--events", type=click.IntRange(100), default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def ledger(path: Path, events: int, seed: int) -> None:
    """Write a ledger of about so many events."""
    began = perf_counter()
    count = build(path, events, seed)
    click.echo(f"{path}: {count} events in {perf_counter() - began:.0f} s")


@main.command("append")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--seconds", type=float, default=60, show_default=True)
def append(path: Path, seconds: float) -> None:
    """Go on loading into a ledger, until SIGTERM or for so long; prints how many events were appended."""
    click.echo(append_slowly(path, seconds))


main.add_command(appends.command)
main.add_command(calls.command)
main.add_command(console.command)
main.add_command(delta.command)
main.add_command(everything.command)
main.add_command(growth.command)
main.add_command(making.command)
main.add_command(memory.command)
main.add_command(overhead.command)
main.add_command(preview.command)
main.add_command(resuming.command)
main.add_command(start.command)
main.add_command(verifying.command)

if __name__ == "__main__":
    main()
