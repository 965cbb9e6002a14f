"""Loads and rollbacks through a bad network, and beside a Twenty that dies itself."""

import random
import signal
import time
from types import SimpleNamespace

import pytest

from adapters.twenty import OutcomeUnknown
from commands.compensation import unmaking
from tests.crash import checks
from tests.crash.plays import BAD, LOSING, load_through_faults, load_while_twenty_dies, roll_back_through_faults
from tests.crash.stage import Stage
from tests.crash.world import DONE, UNDONE, UNREACHABLE, Migration


@pytest.mark.timeout(240)
def test_a_load_whose_answers_get_lost_comes_to_its_end(stage: Stage) -> None:
    """Faults of every kind mixed (a fifth of the answers lost: soak): after resumes each record is there once."""
    stage.play(load_through_faults, [f"1 {BAD}"])


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.parametrize("loaded", ["leave"], indirect=True)
def test_a_rollback_whose_answers_get_lost_comes_to_its_end(loaded_stage: Stage) -> None:
    """The same for taking back: after resumes Twenty is as before."""
    loaded_stage.play(roll_back_through_faults, [f"1 {LOSING}"])


@pytest.mark.timeout(240)
def test_a_load_outlives_twenty(stage: Stage) -> None:
    """Twenty itself killed in the middle and started anew at once: the load goes on, or ends resumable."""
    stage.play(load_while_twenty_dies, ["0"])


@pytest.mark.timeout(240)
def test_a_load_gives_up_on_a_twenty_that_stays_away(stage: Stage) -> None:
    """Twenty killed, and back only after the load has lost patience: exit 5 in one line, and resumable."""
    stage.play(_load_while_twenty_is_away, ["0.8"])


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.parametrize("loaded", ["pause"], indirect=True)
def test_a_rollback_outlives_twenty(loaded_stage: Stage) -> None:
    """Twenty itself killed in the middle of a rollback and started anew: it goes on, or ends resumable."""
    loaded_stage.play(_roll_back_while_twenty_dies, map(str, range(2)))


@pytest.mark.anyio
async def test_a_removal_whose_answers_never_come_gives_up() -> None:
    """A gateway that answers every removal with its own page is asked a few times, not for ever."""
    asked: list[str] = []

    async def lose(_client: object, field: str) -> None:
        asked.append(field)
        raise OutcomeUnknown("HTTP 502")

    working = SimpleNamespace(twenty=SimpleNamespace(client=None))
    with pytest.raises(OutcomeUnknown):
        await unmaking._delete(working, lose, "a-field")  # type: ignore[arg-type]
    assert 1 < len(asked) < 10


def _load_while_twenty_is_away(migration: Migration, after: str) -> None:
    migration.start_twenty("slow=30")
    command = migration.load()
    time.sleep(float(after))
    migration.stop_twenty(signal.SIGKILL)
    ended = migration.wait(command)
    assert ended.code == UNREACHABLE
    assert ended.err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in ended.err
    with migration.twenty():
        ended = migration.go_on()
        assert ended.code == UNDONE, ended.err
        checks.loaded(migration)


def _roll_back_while_twenty_dies(migration: Migration, seed: str) -> None:
    moments = random.Random(f"twenty back {seed}")
    with migration.twenty("slow=10"):
        command = migration.start("rollback", "--yes")
        time.sleep(moments.uniform(0.2, 1.2))
        migration.stop_twenty(signal.SIGKILL)
        migration.start_twenty()
        ended = migration.wait(command)
        if ended.code == UNREACHABLE:
            ended = migration.run("resume")
        assert ended.code == DONE, ended.out + ended.err
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    checks.rolled_back(migration)
