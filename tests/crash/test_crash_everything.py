"""Exports of every kind: killed while orders, notes, tasks and objects of our own are made, or taken back."""

import pytest

from tests.crash import checks
from tests.crash.plays import go_on, load_killed_at_random, rollback_killed_at_random
from tests.crash.stage import Stage
from tests.crash.world import DONE, KILLED, Migration

pytestmark = [
    pytest.mark.timeout(1_200),
    pytest.mark.parametrize("everything", [True], indirect=True, ids=["everything"]),
    pytest.mark.parametrize("contacts", [25], indirect=True),
]

WRITING = ["answered:createOneObject:2", "answered:createNoteTargets:1"]
FURTHER = [
    "inside:RowHeld/opportunity:1", "answered:createOpportunities:1", "after:BatchIntended/kartraAffiliate:1",
    "paged:transaction:2", "after:SchemaIntended/kartraSubscription:1", "folded:RecordCreated/taskTarget:1",
    "after:RowSetAside:1", "paged:booking:1", "after:RowTransformed/kartraAffiliate:1", "leaving:createOneObject:1",
    "after:ObjectCreated:1", "after:RelationCreated:2", "after:BatchIntended/opportunity:2",
    "folded:RecordCreated/opportunity:1", "answered:createKartraSubscriptions:1", "after:BatchIntended/noteTarget:1",
    "leaving:createNotes:1", "answered:createTasks:1", "before:RelationCreated:1", "answered:createNotes:2",
]  # fmt: skip
TAKING_BACK = ["answered:deleteOneObject:1"]
FURTHER_BACK = [
    "answered:destroyNoteTargets:1",
    "before:SchemaRemoved/kartraAffiliate:1",
    "after:CompensationIntended/opportunity:1", "after:RemovalIntended/kartraSubscription:1",
    "answered:destroyTaskTargets:1", "answered:destroyKartraSubscriptions:1", "inside:RecordDeleted/note:1",
    "leaving:deleteOneObject:1", "answered:deleteOneObject:2", "folded:SchemaRemoved/kartraSubscription:1",
]  # fmt: skip
HALF_LOADED = ["answered:createOneObject:1"]
FURTHER_HALF_LOADED = ["before:RelationCreated:2", "answered:createNoteTargets:1"]


@pytest.mark.parametrize(
    "moments",
    [pytest.param(WRITING, id="ordinary"), pytest.param(FURTHER, id="further", marks=pytest.mark.soak)],
)
def test_a_load_of_everything_killed_at_a_boundary_goes_on(stage: Stage, moments: list[str]) -> None:
    """Whatever was being made: each record, tie and object is there once, held rows are held once."""
    stage.play(_killed, moments)


@pytest.mark.parametrize(
    ("loaded", "moments"),
    [
        pytest.param("pause", TAKING_BACK, id="ordinary"),
        pytest.param("leave", [*TAKING_BACK, *FURTHER_BACK], id="further", marks=pytest.mark.soak),
    ],
    indirect=["loaded"],
)
def test_a_rollback_of_everything_killed_at_a_boundary_goes_on(loaded_stage: Stage, moments: list[str]) -> None:
    """Whatever was being taken back, the rest goes too: no object, relation or record of ours is left."""
    loaded_stage.play(_rollback_killed, moments)


@pytest.mark.parametrize(
    "moments",
    [pytest.param(HALF_LOADED, id="ordinary"), pytest.param(FURTHER_HALF_LOADED, id="further", marks=pytest.mark.soak)],
)
def test_a_killed_load_of_everything_can_be_taken_back(stage: Stage, moments: list[str]) -> None:
    """Objects and relations whose making had no answer are found, and go as well."""
    stage.play(_taken_back, moments)


@pytest.mark.soak
def test_loads_of_everything_killed_at_random_go_on(stage: Stage) -> None:
    """Killed from outside at random moments, and the resumes too."""
    stage.play(load_killed_at_random, map(str, range(40)))


@pytest.mark.soak
@pytest.mark.parametrize("loaded", ["pause", "leave"], indirect=True)
def test_rollbacks_of_everything_killed_at_random_go_on(loaded_stage: Stage) -> None:
    """Killed from outside at random moments, and begun again by the same command."""
    loaded_stage.play(rollback_killed_at_random, map(str, range(15)))


def _killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.wait(migration.load(point=moment))
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        go_on(migration)


def _rollback_killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.run("rollback", "--yes", point=moment)
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        _taken_back_by(migration, "resume")
    checks.rolled_back(migration)


def _taken_back(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.wait(migration.load(point=moment))
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        _taken_back_by(migration, "rollback", "--yes")
    checks.rolled_back(migration)


def _taken_back_by(migration: Migration, *command: str) -> None:
    ended = migration.run(*command)
    assert ended.code == DONE, ended.out + ended.err
    checks.whole(migration)
    checks.nothing_to_resume(migration)
