"""Random histories of loads, deltas, edits, deletes, kills and rollbacks: Twenty is always what the model says."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import Migration

_QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.mark.timeout(180)
def test_a_few_histories() -> None:
    """A handful, always the same."""
    run_state_machine_as_test(
        Migration, settings=settings(_QUIET, max_examples=6, stateful_step_count=12, derandomize=True)
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_thousands_of_steps() -> None:
    """250 histories of up to 25 steps, other ones every time."""
    run_state_machine_as_test(
        Migration, settings=settings(_QUIET, max_examples=250, stateful_step_count=25, print_blob=True)
    )
