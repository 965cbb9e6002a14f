"""A delta beside the least it could take, and beside csv-diff: the same two files, each in a process of its own."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from tests.bench.contacts import COLUMNS, FILE, write
from tests.bench.delta_parts import Took
from tests.bench.measures import Row, Spread, clocked, table
from tests.bench.processes import CLI, ROOT, StartFailed

_LATER = "contacts_all_01-06-2026_6a1d0c5c4f5f6.csv"
_EVERY = 100
"""One row in so many changes."""
_COMMAND = "uv run python -m tests.bench delta"
_MB = 1_000_000


class Place(msgspec.Struct, frozen=True):
    """Two exports, the second of which changes a hundredth of the first, and a ledger that has read the first."""

    earlier: Path
    later: Path
    ledger: Path

    @classmethod
    def made(cls, folder: Path, contacts: int, seed: int) -> "Place":
        """Write them."""
        place = cls(folder / "one" / FILE, folder / "two" / _LATER, folder / "ledger.db")
        place.earlier.parent.mkdir()
        place.later.parent.mkdir()
        write(place.earlier, contacts, seed)
        with (
            place.earlier.open(encoding="utf-8", newline="") as old,
            place.later.open("w", encoding="utf-8", newline="") as new,
        ):
            csv.writer(new).writerows(_changed(csv.reader(old)))
        _run([*CLI, "--ledger", str(place.ledger), "extract", str(place.earlier.parent)])
        return place


def _changed(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """A later export: scores, tags, phones and names, by turns."""
    columns = [COLUMNS.index(name) for name in ("score", "tags", "phone", "last_name")]
    for number, row in enumerate(rows):
        if number % _EVERY == 1:
            at = columns[number // _EVERY % len(columns)]
            row[at] = f"{row[at]}7" if columns[0] == at else f"{row[at] or 'New'};Later"
        yield row


def measure(contacts: int = 200_000, rounds: int = 3, seed: int = 1, say: Callable[[str], None] = print) -> list[Row]:
    """Run the parts in turn.

    Raises:
        StartFailed: a part failed, or did not find what was changed.
    """
    with tempfile.TemporaryDirectory(prefix="bench-delta-") as folder:
        place = Place.made(Path(folder), contacts, seed)
        taken = [_round(place) for _ in range(rounds)]
        other = _csv_diff(place)
    expected = len(range(1, contacts + 1, _EVERY))
    if {one.changed for pair in taken for one in pair} != {expected}:
        raise StartFailed(f"{expected} rows were changed, found were {taken}")
    ratio = Spread.of(stage.cpu / floor.cpu for stage, floor in taken)
    peak = max(stage.peak for stage, _ in taken)
    for name, parts in (("delta", [stage for stage, _ in taken]), ("floor", [floor for _, floor in taken])):
        say(f"{name}: {Spread.of(one.cpu for one in parts).told('.2f', ' s')} CPU,"
            f" {Spread.of(one.wall for one in parts).told('.2f', ' s')} wall")  # fmt: skip
    say(f"delta by floor: {ratio.told()}; the delta's is all of its process: start, scan, comparison, appends")
    say(f"csv-diff: {_told(other)}")
    reached = ratio.median <= 1.5 and peak < 150 * _MB and (other is None or _median(taken) < other.cpu)
    return [
        Row(
            target=6,
            what=f"delta of {contacts:,} rows, 1 % changed: extract stage and start, against read, hash, look up",
            reach="≤ 1.5 × floor, < 150 MB, faster than csv-diff",
            measured=f"{ratio.told()} × floor, {peak / _MB:.0f} MB, csv-diff {_told(other)}",
            holds=reached,
            command=_COMMAND,
        )
    ]


def _median(taken: Sequence[tuple[Took, Took]]) -> float:
    return Spread.of(stage.cpu for stage, _ in taken).median


def _round(place: Place) -> tuple[Took, Took]:
    """The delta (on a copy of the ledger) and the floor, one after the other."""
    copy = place.ledger.with_name("copy.db")
    for ending in ("", "-wal"):
        part = Path(f"{place.ledger}{ending}")
        if part.exists():
            shutil.copy(part, f"{copy}{ending}")
    stage = _part([sys.executable], "stage", copy, place.later.parent)
    for ending in ("", "-wal", "-shm", ".lock"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
    # A delta is a process, and so is its start: the floor has none but the interpreter's.
    return msgspec.structs.replace(stage, cpu=stage.process), _part(
        [sys.executable], "floor", place.earlier, place.later
    )


def _csv_diff(place: Place) -> Took | None:
    """None where the package cannot be got."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    try:
        return _part([uv, "run", "--quiet", "--with", "csv-diff", "python"], "csv-diff", place.earlier, place.later)
    except StartFailed:
        return None


def _told(other: Took | None) -> str:
    return "could not be had" if other is None else f"{other.cpu:.1f} s, {other.peak / _MB:.0f} MB"


def _part(python: Sequence[str], part: str, one: Path, other: Path) -> Took:
    # By its path: csv-diff brings a package `tests` of its own.
    said = _run([*python, str(ROOT / "tests" / "bench" / "delta_parts.py"), part, str(one), str(other)])
    return msgspec.json.decode(said, type=Took)


def _run(command: Sequence[str], cwd: Path = ROOT) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, check=False)
    if done.returncode != 0:
        raise StartFailed(f"{' '.join(command[-4:])} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def whole(contacts: int, seed: int, say: Callable[[str], None]) -> None:
    """A load, a delta tried out and a delta, all of each command, on the embedded Twenty."""
    with tempfile.TemporaryDirectory(prefix="bench-delta-") as folder:
        place = Place.made(Path(folder), contacts, seed)
        ledger = Path(folder) / "whole.db"
        options = ["--ledger", str(ledger), "--sandbox"]
        for words in (
            ["load", str(place.earlier.parent), "--accept-defaults", "--automations", "leave"],
            ["delta", str(place.later.parent), "--dry-run"],
            ["delta", str(place.later.parent), "--automations", "leave"],
        ):
            with clocked() as clock:
                _run([*CLI, *options, *words], cwd=Path(folder))
            took = f"{clock.cpu:.1f} s CPU, {clock.wall:.1f} s wall"
            say(f"{words[0]}{' --dry-run' * ('--dry-run' in words)} of {contacts:,} contacts: {took}")


@click.command("delta")
@click.option("--contacts", type=click.IntRange(100), default=200_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--whole", "whole_of", type=int, default=2_000, show_default=True, help="Contacts of whole commands.")
@click.option("--seed", type=int, default=1, show_default=True)
def command(contacts: int, rounds: int, whole_of: int, seed: int) -> None:
    """Hold a later export against a ledger, the least that could take, and csv-diff."""
    if whole_of:
        whole(whole_of, seed, click.echo)
    click.echo(table(measure(contacts, rounds, seed, click.echo)))
