"""The long runs: many random moments, with more data. Left out of the ordinary suite; run with `pytest -m soak`."""

import pytest

from tests.crash.plays import (
    BAD,
    LOSING,
    load_killed_at_random,
    load_through_faults,
    load_while_twenty_dies,
    roll_back_through_faults,
    rollback_killed_at_random,
)
from tests.crash.stage import Stage

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600), pytest.mark.parametrize("contacts", [300], indirect=True)]


def test_loads_killed_at_many_random_moments(stage: Stage) -> None:
    """150 loads of 300 contacts, each killed up to three times, all come to the same end."""
    stage.play(load_killed_at_random, map(str, range(100, 250)))


@pytest.mark.parametrize("loaded", ["pause", "leave"], indirect=True)
def test_rollbacks_killed_at_many_random_moments(loaded_stage: Stage) -> None:
    """60 rollbacks of 300 contacts, each killed twice, leave Twenty as it was."""
    loaded_stage.play(rollback_killed_at_random, map(str, range(100, 160)))


def test_loads_through_many_faults(stage: Stage) -> None:
    """60 loads of 300 contacts through lost answers and faults of every kind come to the same end."""
    stage.play(load_through_faults, [f"{seed} {fault}" for seed in range(100, 130) for fault in (LOSING, BAD)])


@pytest.mark.parametrize("loaded", ["leave"], indirect=True)
def test_rollbacks_through_many_faults(loaded_stage: Stage) -> None:
    """40 rollbacks of 300 contacts through lost answers and faults of every kind leave Twenty as it was."""
    loaded_stage.play(roll_back_through_faults, [f"{seed} {fault}" for seed in range(20) for fault in (LOSING, BAD)])


def test_loads_that_outlive_twenty_many_times(stage: Stage) -> None:
    """60 loads of 300 contacts, beside a Twenty that is killed and started anew, come to the same end."""
    stage.play(load_while_twenty_dies, map(str, range(100, 160)))
