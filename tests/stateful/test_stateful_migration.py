"""Random histories of loads, deltas, edits, deletes, kills and rollbacks: Twenty is always what the model says."""

import pytest
from hypothesis import HealthCheck, settings

from tests.stateful.machine import Migration

_EVERY = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


class TestFew(Migration.TestCase):
    """A handful of histories, always the same."""

    settings = settings(max_examples=6, stateful_step_count=12, derandomize=True, **_EVERY)
    pytestmark = [pytest.mark.timeout(180)]


class TestMany(Migration.TestCase):
    """Thousands of steps, other ones every time."""

    settings = settings(max_examples=250, stateful_step_count=25, print_blob=True, **_EVERY)
    pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]
