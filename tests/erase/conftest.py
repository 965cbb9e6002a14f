"""A journey of its own for each test, and the process that starts those to be killed."""

from tests.crash.conftest import zygote
from tests.journey.conftest import journey, quiet_logs

__all__ = ["journey", "quiet_logs", "zygote"]
