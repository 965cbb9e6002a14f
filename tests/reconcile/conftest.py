"""A journey for the tests of this folder."""

from tests.journey.conftest import journey, quiet_logs

__all__ = ["journey", "quiet_logs"]
