"""Fixtures every part shares."""

import gc
import os
import sys

import pytest

# The suite starts hundreds of processes. Where an environment forbids Python to keep what it compiled, each would
# compile everything anew, which is most of what it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
gc.set_threshold(100_000, 50, 100)  # a tenth of the suite's time would go into looking for garbage


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the program runs on."""
    return "asyncio"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers more than there are processors: much of what tests do is wait, for processes, sockets and clocks."""
    return (os.cpu_count() or 1) + 2
