"""The measuring of starts: real processes, and no time that could fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.ledgers import build
from tests.bench.start import cpu_of, largest, measure, processes


def test_each_start_is_measured_beside_the_floors(tmp_path: Path) -> None:
    """A row for `--help`, one for `status`, with what Python and click alone take; the largest imports first."""
    ledger = tmp_path / "small.db"
    build(ledger, 200)
    rows = measure(ledger, rounds=1)
    assert [row.target for row in rows] == [9, 9]
    assert ["`--help`" in rows[0].what, "`status`" in rows[1].what] == [True, True]
    assert all("python -c pass" in row.measured and "import click" in row.measured for row in rows)
    shown = largest(processes(ledger)["status"], 5)
    sizes = [int(line.split("|")[1]) for line in shown]
    assert (len(sizes), sizes) == (5, sorted(sizes, reverse=True))


def test_a_process_that_fails_is_no_measurement() -> None:
    """How long something takes that does not do its work says nothing."""
    assert cpu_of((sys.executable, "-c", "sum(range(10**6))")) > 0
    with pytest.raises(subprocess.CalledProcessError):
        cpu_of((sys.executable, "-c", "raise SystemExit(3)"))
