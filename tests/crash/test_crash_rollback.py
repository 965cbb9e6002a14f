"""A rollback killed with SIGKILL at any moment goes on to the same end: Twenty as it was before."""

import random
import signal
import time

import pytest

from tests.crash import checks
from tests.crash.stage import Stage
from tests.crash.world import DONE, KILLED, UNDONE, Migration

TAKING_BACK = [
    "after:RunStarted:1", "after:CompensationIntended:1", "leaving:destroy:1", "answered:destroy:1",
    "before:RecordDeleted:1", "inside:RecordDeleted:1", "folded:RecordDeleted:2", "after:RecordDeleted:2",
    "leaving:destroy:3", "answered:destroy:3", "after:RemovalIntended:1", "leaving:metadata_write:1",
    "answered:metadata_write:1", "after:SchemaRemoved:5", "before:RollbackProven:1", "folded:RollbackProven:1",
    "before:RunCompleted:1",
]  # fmt: skip
LEAVING_TRACES = [
    "before:TracesNoted:1", "after:TracesNoted:1", "answered:destroy:4", "before:TracesRemoved:1",
    "after:TracesRemoved:1",
]  # fmt: skip
HALF_LOADED = [
    "after:RunStarted:1", "after:RowTransformed:1", "after:AutomationIntended:1", "answered:delete:1",
    "after:AutomationPaused:1", "after:SchemaIntended:4", "answered:metadata_write:8", "after:BatchIntended:1",
    "answered:create:1", "after:RecordCreated:2", "answered:create:3", "answered:restore:1", "before:RunCompleted:1",
]  # fmt: skip


@pytest.mark.timeout(240)
def test_a_rollback_killed_at_a_boundary_goes_on(loaded_stage: Stage) -> None:
    """Whichever side of an intent, a call or a commit it dies on, resume takes back the rest and proves it."""
    loaded_stage.play(_killed, TAKING_BACK)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("loaded", ["leave"], indirect=True)
def test_a_rollback_killed_among_traces_goes_on(loaded_stage: Stage) -> None:
    """What Twenty wrote by itself is noted before and removed after, also by a rollback that died in between."""
    loaded_stage.play(_killed, LEAVING_TRACES)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("loaded", ["pause"], indirect=True)
def test_a_rollback_killed_at_random_goes_on(loaded_stage: Stage) -> None:
    """Killed from outside at random moments, and begun again by the same command, it comes to the same end."""
    loaded_stage.play(killed_at_random, map(str, range(5)))


@pytest.mark.timeout(240)
def test_a_killed_load_can_be_taken_back(stage: Stage) -> None:
    """Rolled back in place of resumed, a load that died leaves Twenty as it was, and nothing to resume."""
    stage.play(_taken_back, HALF_LOADED)


@pytest.mark.timeout(120)
def test_a_load_after_a_rollback_of_a_killed_one(stage: Stage) -> None:
    """Load, killed; rollback, killed; load again: each record is there once, under a new id."""
    migration = stage.migration()
    with migration.twenty():
        assert migration.wait(migration.load(point="answered:create:3")).code == KILLED
        before = {id_ for (id_,) in migration.told("SELECT id FROM person UNION SELECT id FROM company")}
        assert migration.run("rollback", "--yes", point="answered:destroy:1").code == KILLED
        ended = migration.run("rollback", "--yes")
        assert ended.code == DONE, ended.err
        ended = migration.wait(migration.load())
        assert ended.code == UNDONE, ended.err
        checks.holds_the_truth(migration)
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    after = {id_ for (id_,) in migration.told("SELECT id FROM person UNION SELECT id FROM company")}
    assert before and not before & after


def _killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.run("rollback", "--yes", point=moment)
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        ended = migration.resume()
        assert ended.code == DONE, ended.out + ended.err
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    checks.rolled_back(migration)


def killed_at_random(migration: Migration, seed: str) -> None:
    """Kill a rollback twice, each time after a random while; then let the same command come to its end."""
    moments = random.Random(f"rollback {seed}")
    with migration.twenty():
        for _ in range(2):
            command = migration.start("rollback", "--yes")
            time.sleep(moments.uniform(0.05, 1.2))
            command.signal(signal.SIGKILL)
            assert migration.wait(command).code in (KILLED, DONE)
        ended = migration.run("rollback", "--yes")
        assert ended.code == DONE, ended.out + ended.err
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    checks.rolled_back(migration)


def _taken_back(migration: Migration, moment: str) -> None:
    with migration.twenty():
        assert migration.wait(migration.load(point=moment)).code == KILLED
        ended = migration.run("rollback", "--yes")
        assert ended.code == DONE, ended.out + ended.err
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    checks.rolled_back(migration)
