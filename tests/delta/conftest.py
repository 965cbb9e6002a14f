"""A journey of its own for each test, with what a delta needs beside it."""

from tests.journey.conftest import journey, quiet_logs

__all__ = ["journey", "quiet_logs"]
