"""Stops that are asked for, and disks that are full: the run ends by itself, in order, and can be gone on with."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.crash import checks
from tests.crash.processes import ROOT
from tests.crash.stage import Stage
from tests.crash.world import DONE, INTERRUPTED, KEY, UNDONE, UNWRITABLE, Migration

INTERRUPTED_AT = ["SIGINT after:RowExtracted:2", "SIGTERM after:BatchIntended:1", "SIGINT answered:create:2"]
FURTHER_INTERRUPTED_AT = ["SIGTERM after:AutomationIntended:1", "SIGINT after:SchemaIntended:3"]
TAKEN_BACK_AT = ["answered:destroy:2"]
FURTHER_TAKEN_BACK_AT = ["after:RemovalIntended:3"]
STRUCK = ["SIGTERM SIGTERM"]
FURTHER_STRUCK = ["SIGINT"]


def _moments(few: list[str], further: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "moments", [pytest.param(few, id="ordinary"), pytest.param(further, id="further", marks=pytest.mark.soak)]
    )


@pytest.mark.timeout(240)
@_moments(INTERRUPTED_AT, FURTHER_INTERRUPTED_AT)
def test_an_interrupted_load_ends_in_order(stage: Stage, moments: list[str]) -> None:
    """Ctrl-C or SIGTERM: exit 130 in one line, on record, automations put back at once, and resumable."""

    def interrupted(migration: Migration, moment: str) -> None:
        name, point = moment.split()
        with migration.twenty():
            ended = migration.wait(migration.load(point=point, strikes=signal.Signals[name]))
            assert ended.code == INTERRUPTED, ended.err
            assert ended.err.splitlines()[-1] == "error: interrupted; nothing is lost, `resume` goes on"
            assert "Traceback" not in ended.err
            failed = migration.asked("SELECT json_extract(data, '$.code') FROM event WHERE type = 'RunFailed'")
            assert failed == [("interrupted",)]
            checks.automations_are_back(migration)
            assert migration.go_on().code == UNDONE
            checks.loaded(migration)

    stage.play(interrupted, moments)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("loaded", ["pause"], indirect=True)
@_moments(TAKEN_BACK_AT, FURTHER_TAKEN_BACK_AT)
def test_an_interrupted_rollback_ends_in_order(loaded_stage: Stage, moments: list[str]) -> None:
    """Ctrl-C while taking back: exit 130, on record, and the next resume comes to the same end."""

    def interrupted(migration: Migration, moment: str) -> None:
        with migration.twenty():
            ended = migration.run("rollback", "--yes", point=moment, strikes=signal.SIGINT)
            assert ended.code == INTERRUPTED, ended.err
            assert migration.run("resume").code == DONE
            checks.nothing_to_resume(migration)
        checks.rolled_back(migration)

    loaded_stage.play(interrupted, moments)


@pytest.mark.timeout(240)
@_moments(STRUCK, FURTHER_STRUCK)
def test_an_impatient_operator_harms_nothing(stage: Stage, moments: list[str]) -> None:
    """Struck once or twice, in an interpreter of its own: it ends at once, whole, and can be gone on with."""
    stage.play(_struck, moments)


def _struck(migration: Migration, signals: str) -> None:
    struck = [signal.Signals[name] for name in signals.split()]
    with migration.twenty("slow=20"):
        with _load_as_installed(migration) as process:
            while not _has(migration, "FieldCreated"):
                assert process.poll() is None
                time.sleep(0.02)
            for number in struck:
                process.send_signal(number)
                time.sleep(0.01)
            _, errors = process.communicate(timeout=20)
        assert process.returncode in ((INTERRUPTED,) if len(struck) == 1 else (INTERRUPTED, -signal.SIGTERM)), errors
        assert "Traceback" not in errors
        checks.whole(migration)
        assert migration.go_on().code == UNDONE
        checks.loaded(migration)


@pytest.mark.timeout(240)
def test_a_full_disk_ends_a_load_in_order(stage: Stage) -> None:
    """No room for the ledger: exit 8 in one line, the ledger whole; given room, resume goes on."""

    def filled(migration: Migration, size: str) -> None:
        with migration.twenty():
            ended = migration.wait(migration.load(largest_file=int(size)))
            assert ended.code == UNWRITABLE, ended.err
            assert ended.err.splitlines()[-1].startswith("error: ")
            assert "Traceback" not in ended.err
            checks.whole(migration)
            assert migration.go_on().code == UNDONE
            checks.loaded(migration)

    stage.play(filled, ["200000", "700000"])


def _load_as_installed(migration: Migration) -> "subprocess.Popen[str]":
    args = ["--ledger", str(migration.ledger), "load", str(migration.template.exports), "--accept-defaults"]
    return subprocess.Popen(
        [sys.executable, "-c", "from commands.main import main; main()", *args, "--automations", "pause"],
        cwd=ROOT,
        env={**os.environ, "TWENTY_URL": migration.url, "TWENTY_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _has(migration: Migration, event: str) -> bool:
    if not migration.ledger.exists():
        return False
    try:
        return bool(migration.asked("SELECT 1 FROM event WHERE type = ? LIMIT 1", event))
    except sqlite3.OperationalError:
        # The file is there and its tables are just being made.
        return False
