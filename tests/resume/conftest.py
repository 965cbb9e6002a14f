"""A journey of its own for each test."""

from tests.journey.conftest import journey, quiet_logs

__all__ = ["journey", "quiet_logs"]
