"""A load killed with SIGKILL at any moment is gone on with by resume, and ends as if nothing had happened."""

import pytest

from tests.crash.plays import go_on, load_killed_at_random
from tests.crash.stage import Stage
from tests.crash.world import KILLED, Migration

BOUNDARIES = [
    "inside:RunStarted:1", "inside:RowExtracted:1", "paged:contact:2", "answered:delete:1",
    "answered:metadata_write:1", "after:BatchIntended:1", "leaving:create:3", "answered:create:2",
    "folded:RecordCreated:3", "answered:restore:1",
]  # fmt: skip
FURTHER = [
    "after:RunStarted:1", "before:ExportRead:1", "after:ExportRead:5", "after:AutomationIntended:1",
    "after:AutomationPaused:1", "after:SchemaIntended:1", "leaving:metadata_write:2", "answered:metadata_write:14",
    "after:BaselineTaken:1", "inside:BatchIntended:1", "answered:create:1", "before:RecordCreated:2",
    "inside:RecordCreated:1", "answered:update:1", "after:AutomationResumed:1", "after:RunCompleted:1",
    "after:AutomationIntended:2", "after:RecordCreated:4", "folded:RowTransformed:2", "after:RowExtracted:3",
    "before:RunStarted:1", "folded:WorkspaceBound:1", "after:MappingConfirmed:1", "folded:RowExtracted:2",
    "after:ExportRead:1", "paged:contact:1", "inside:RowTransformed:2", "after:RowTransformed:1",
    "after:RowTransformed:3", "before:AutomationIntended:1", "leaving:delete:1", "folded:AutomationPaused:1",
    "answered:metadata_write:8", "folded:OptionsAdded:1", "after:OptionsAdded:2", "after:BatchIntended:3",
    "leaving:create:1", "answered:create:4", "before:AutomationIntended:2", "leaving:restore:1", "leaving:update:1",
    "folded:AutomationResumed:1", "inside:RunCompleted:1", "after:ExportRegistered:1", "after:RowTransformed:4",
    "inside:FieldCreated:3", "before:BaselineTaken:1", "before:RunCompleted:1",
]  # fmt: skip
RESUMING = ["inside:RecordCreated:1", "answered:create:1"]
RESUMING_FURTHER = ["after:RunResumed:1", "before:BatchIntended:1", "answered:restore:1", "folded:RunCompleted:1"]


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    "moments",
    [pytest.param(BOUNDARIES, id="ordinary"), pytest.param(FURTHER, id="further", marks=pytest.mark.soak)],
)
def test_a_load_killed_at_a_boundary_goes_on(stage: Stage, moments: list[str]) -> None:
    """Whichever side of an intent, a call or a commit the load dies on: each record once, all of them on record."""
    stage.play(_killed, moments)


@pytest.mark.timeout(1_200)
def test_a_load_killed_at_random_goes_on(stage: Stage) -> None:
    """Killed from outside at random moments, and its resumes too: each record once, all of them on record."""
    stage.play(load_killed_at_random, ["0"])


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    "moments",
    [pytest.param(RESUMING, id="ordinary"), pytest.param(RESUMING_FURTHER, id="further", marks=pytest.mark.soak)],
)
def test_a_resume_killed_at_a_boundary_goes_on(stage: Stage, moments: list[str]) -> None:
    """A resume is as mortal as a load, and the next one goes on from there."""
    stage.play(_killed_twice, moments)


def _killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.wait(migration.load(point=moment))
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        go_on(migration)


def _killed_twice(migration: Migration, moment: str) -> None:
    with migration.twenty():
        assert migration.wait(migration.load(point="answered:create:3")).code == KILLED
        ended = migration.run("resume", point=moment)
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        go_on(migration)
