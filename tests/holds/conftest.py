"""A journey of its own for each test, whose Twenty is as quick as those of the journeys."""

from tests.journey.conftest import journey, quiet_logs

__all__ = ["journey", "quiet_logs"]
