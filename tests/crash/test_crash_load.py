"""A load killed with SIGKILL at any moment is gone on with by resume, and ends as if nothing had happened."""

import random
import signal
import time

import pytest

from tests.crash import checks
from tests.crash.stage import Stage
from tests.crash.world import DONE, KILLED, UNDONE, Migration

BEGINNING = [
    "before:RunStarted:1", "inside:RunStarted:1", "after:RunStarted:1", "after:MappingConfirmed:1",
    "folded:WorkspaceBound:1", "after:ExportRegistered:1", "inside:RowExtracted:1", "folded:RowExtracted:2",
    "after:RowExtracted:3", "before:ExportRead:1", "after:ExportRead:1", "after:ExportRead:5", "paged:people:1",
    "paged:people:2", "inside:RowTransformed:2", "after:RowTransformed:1", "after:RowTransformed:3",
    "after:RowTransformed:4",
]  # fmt: skip
AUTOMATIONS = [
    "before:AutomationIntended:1", "after:AutomationIntended:1", "leaving:delete:1", "answered:delete:1",
    "folded:AutomationPaused:1", "after:AutomationPaused:1", "before:AutomationIntended:2",
    "after:AutomationIntended:2", "leaving:restore:1", "answered:restore:1", "leaving:update:1", "answered:update:1",
    "folded:AutomationResumed:1", "after:AutomationResumed:1",
]  # fmt: skip
SCHEMA = [
    "after:SchemaIntended:1", "leaving:metadata_write:2", "answered:metadata_write:1", "answered:metadata_write:8",
    "answered:metadata_write:14", "inside:FieldCreated:3", "folded:OptionsAdded:1", "after:OptionsAdded:2",
]  # fmt: skip
WRITING = [
    "before:BaselineTaken:1", "after:BaselineTaken:1", "inside:BatchIntended:1", "after:BatchIntended:1",
    "after:BatchIntended:3", "leaving:create:1", "leaving:create:3", "answered:create:1", "answered:create:2",
    "answered:create:4", "before:RecordCreated:2", "inside:RecordCreated:1", "folded:RecordCreated:3",
    "after:RecordCreated:4", "before:RunCompleted:1", "inside:RunCompleted:1", "after:RunCompleted:1",
]  # fmt: skip
RESUMING = [
    "before:RunResumed:1", "after:RunResumed:1", "inside:RecordCreated:1", "before:BatchIntended:1",
    "answered:create:1", "answered:restore:1", "folded:RunCompleted:1",
]  # fmt: skip


@pytest.mark.timeout(240)
@pytest.mark.parametrize("moments", [BEGINNING, AUTOMATIONS, SCHEMA, WRITING], ids=lambda some: some[0])
def test_a_load_killed_at_a_boundary_goes_on(stage: Stage, moments: list[str]) -> None:
    """Whichever side of an intent, a call or a commit the load dies on: each record once, all of them on record."""
    stage.play(_killed, moments)


@pytest.mark.timeout(240)
def test_a_load_killed_at_random_goes_on(stage: Stage) -> None:
    """Killed from outside at random moments, and its resumes too: each record once, all of them on record."""
    stage.play(killed_at_random, map(str, range(10)))


@pytest.mark.timeout(240)
def test_a_resume_killed_at_a_boundary_goes_on(stage: Stage) -> None:
    """A resume is as mortal as a load, and the next one goes on from there."""
    stage.play(_killed_twice, RESUMING)


def _killed(migration: Migration, moment: str) -> None:
    with migration.twenty():
        ended = migration.wait(migration.load(point=moment))
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        _go_on(migration)


def _killed_twice(migration: Migration, moment: str) -> None:
    with migration.twenty():
        assert migration.wait(migration.load(point="answered:create:3")).code == KILLED
        ended = migration.run("resume", point=moment)
        assert ended.code == KILLED, f"it never came to {moment}: {ended.err}"
        _go_on(migration)


def killed_at_random(migration: Migration, seed: str) -> None:
    """Kill a load, and up to two resumes, each after a random time; then go on to the end."""
    moments = random.Random(f"load {seed}")
    with migration.twenty():
        command = migration.load()
        for _ in range(3):
            time.sleep(moments.uniform(0.05, 1.5))
            command.signal(signal.SIGKILL)
            if migration.wait(command).code != KILLED:
                break
            command = migration.start("resume")
        else:
            migration.wait(command)
        _go_on(migration)


def _go_on(migration: Migration) -> None:
    """Resume; a load that died before it was on record is begun again."""
    ended = migration.resume()
    if (ended.code, ended.out) == (DONE, "nothing to resume\n") and not migration.asked("SELECT * FROM run"):
        ended = migration.wait(migration.load())
    assert ended.code in (DONE, UNDONE), ended.err
    checks.loaded(migration)
