"""A rollback killed with SIGKILL at any moment goes on to the same end: Twenty as it was before."""

import pytest

from tests.crash import checks
from tests.crash.plays import rollback_killed_at_random
from tests.crash.stage import Stage
from tests.crash.world import DONE, KILLED, UNDONE, Migration

TAKING_BACK = [
    "after:CompensationIntended:1", "answered:destroy:1", "inside:RecordDeleted:1", "answered:metadata_write:1",
]  # fmt: skip
FURTHER = [
    "before:RecordDeleted:1", "after:RecordDeleted:2", "answered:destroy:3", "after:SchemaRemoved:5",
    "after:RemovalIntended:1", "before:RollbackProven:1", "before:RunCompleted:1", "after:RunStarted:1",
    "leaving:destroy:1", "folded:RecordDeleted:2", "leaving:destroy:3",
    "leaving:metadata_write:1", "inside:SchemaRemoved:3", "answered:metadata_write:15", "folded:RollbackProven:1",
    "after:RunCompleted:1",
]  # fmt: skip
AMONG_TRACES = ["after:TracesNoted:1", "answered:destroy:3"]
FURTHER_AMONG_TRACES = ["before:TracesRemoved:1", "after:RecordDeleted:1", "answered:destroy:4"]
HALF_LOADED = ["answered:delete:1", "answered:metadata_write:8", "answered:create:3"]
FURTHER_HALF_LOADED = ["after:RunStarted:1", "after:BatchIntended:1", "answered:create:1", "answered:restore:1"]


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("loaded", "moments"),
    [
        pytest.param("pause", TAKING_BACK, id="ordinary"),
        pytest.param("leave", AMONG_TRACES, id="among traces"),
        pytest.param("pause", FURTHER, id="further", marks=pytest.mark.soak),
        pytest.param(
            "leave", [*TAKING_BACK, *FURTHER, *FURTHER_AMONG_TRACES], id="further among traces", marks=pytest.mark.soak
        ),
    ],
    indirect=["loaded"],
)
def test_a_rollback_killed_at_a_boundary_goes_on(loaded_stage: Stage, moments: list[str]) -> None:
    """Whichever side of an intent, a call or a commit it dies on, resume takes back the rest and proves it."""
    loaded_stage.play(_killed, moments)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("loaded", ["pause"], indirect=True)
def test_a_rollback_killed_at_random_goes_on(loaded_stage: Stage) -> None:
    """Killed from outside at random moments, and begun again by the same command, it comes to the same end."""
    loaded_stage.play(rollback_killed_at_random, ["0"])


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    "moments",
    [pytest.param(HALF_LOADED, id="ordinary"), pytest.param(FURTHER_HALF_LOADED, id="further", marks=pytest.mark.soak)],
)
def test_a_killed_load_can_be_taken_back(stage: Stage, moments: list[str]) -> None:
    """Rolled back in place of resumed, a load that died leaves Twenty as it was, and nothing to resume."""
    stage.play(_taken_back, moments)


@pytest.mark.soak
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


@pytest.mark.timeout(120)
def test_a_trigger_paused_by_a_killed_load_comes_back_whole(stage: Stage) -> None:
    """Load, killed while automations are paused; rollback, killed in the middle of putting them back; and again."""
    stage.play(_killed_putting_back, ["answered:restore:1", "leaving:update:1"])


def _killed_putting_back(migration: Migration, moment: str) -> None:
    with migration.twenty():
        assert migration.wait(migration.load(point="after:RecordCreated:1")).code == KILLED
        assert migration.run("rollback", "--yes", point=moment).code == KILLED
        assert migration.run("resume").code == DONE
    checks.rolled_back(migration)


def _killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.run("rollback", "--yes", point=moment)
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        ended = migration.run("resume")
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
