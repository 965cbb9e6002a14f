"""Fixtures every part shares, and what makes the suite of thousands of tests light."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.sandbox.born import as_copies

# The suite starts hundreds of processes. Where an environment forbids Python to keep what it compiled, each would
# compile everything anew, which is most of what it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
gc.set_threshold(100_000, 50, 100)  # a tenth of the suite's time would go into looking for garbage

# What says nothing of its own number of examples; `--hypothesis-profile=thorough` is for a night.
settings.register_profile("ordinary", max_examples=40)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile("ordinary")

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory where there is room: no test pulls the plug, and none need wait for a disk."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        for name in ("PYTEST_DEBUG_TEMPROOT", "TMPDIR"):
            os.environ.setdefault(name, str(_MEMORY))


def pytest_collection_finish() -> None:
    """Look no more at what is there for good, five thousand tests among it, when looking for garbage."""
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the program runs on."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def births() -> Iterator[None]:
    """Make new embedded workspaces as copies of one another."""
    with as_copies():
        yield


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers more than there are processors: much of what tests do is wait, for processes, sockets and clocks."""
    return (os.cpu_count() or 1) + 2
