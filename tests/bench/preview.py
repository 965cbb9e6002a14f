"""How long a rollback's preview takes, and `status`, of a large ledger: as processes, from their start to their end.

    uv run python -m tests.bench preview [--records 100000] [--ledger FILE]

Neither asks Twenty for anything (`rollback --check` does); both count what they tell anew.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from tests.bench.growth import measure as load
from tests.bench.measures import Row, Spread, clocked, table
from tests.bench.processes import CLI, ROOT

PREVIEW_S = 3.0
COMMAND = "uv run python -m tests.bench preview"


class Took(msgspec.Struct, frozen=True):
    """Runs of one command: CPU and wall seconds, and what it said."""

    cpu: Spread
    wall: Spread
    said: Any


def took(ledger: Path, *arguments: str, rounds: int = 3) -> Took:
    """Run a command so many times."""
    clocks, said = [], ""
    for _ in range(rounds):
        with clocked() as clock:
            said = subprocess.run(
                (*CLI, "--json", "--ledger", str(ledger), *arguments),
                capture_output=True, text=True, check=True, cwd=ROOT,
            ).stdout  # fmt: skip
        clocks.append(clock)
    return Took(Spread.of(one.cpu for one in clocks), Spread.of(one.wall for one in clocks), json.loads(said))


def rows(ledger: Path, command: str = COMMAND, rounds: int = 3) -> list[Row]:
    """The lines of the targets' table; every record of the ledger is counted by what is measured."""
    started = took(ledger, "head", rounds=rounds)
    previewed, told = took(ledger, "rollback", rounds=rounds), took(ledger, "status", rounds=rounds)
    records = sum(previewed.said["plan"]["records"].values())
    assert records == sum(one["created"] for one in told.said["books"]["records"])
    assert told.said["books"]["imbalances"] == []
    beside = told.cpu.median - started.cpu.median
    return [
        Row(
            target=8,
            what=f"preview of a rollback of {records} records, a process",
            reach=f"< {PREVIEW_S:.0f} s",
            measured=f"{previewed.wall.told(unit=' s')}, CPU {previewed.cpu.told(unit=' s')}",
            holds=previewed.wall.median < PREVIEW_S,
            command=command,
        ),
        Row(
            target=9,
            what=f"`status` with all books made up anew, {records} records",
            reach="stated",
            measured=f"CPU {told.cpu.told(unit=' s')}, {beside:.2f} s more than `head`",
            holds=True,
            command=command,
        ),
    ]


@click.command("preview")
@click.option("--records", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--ledger", type=click.Path(path_type=Path, exists=True), help="One that is there, instead of a new one.")
def command(records: int, ledger: Path | None) -> None:
    """How long the preview of a rollback takes, and `status`."""
    with tempfile.TemporaryDirectory() as folder:
        path = ledger or Path(folder) / "loaded.db"
        if ledger is None:
            load(path, records + records // 400 + 1)
        said = f"--ledger {ledger}" if ledger else f"--records {records}"
        click.echo(table(rows(path, f"{COMMAND} {said}")))
