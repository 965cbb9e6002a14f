"""A journey whose Twenty is served over a socket, so that there is something to wait for."""

from pathlib import Path

import pytest

import commands.write
from adapters.twenty.batches import BatchSize
from commands.session import SANDBOX_KEY
from tests.journey.conftest import quiet_logs
from tests.journey.world import Journey
from tests.writing.served import BATCH

__all__ = ["journey", "quiet_logs"]


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journey:
    """An empty ledger, and a workspace that is reached over HTTP; batches are small."""
    made = Journey(tmp_path)
    made.options.sandbox = False
    made.settings |= {"rate_limit": None, "timeline_delay_s": 0.05}
    monkeypatch.setenv("TWENTY_API_KEY", SANDBOX_KEY)
    monkeypatch.setattr(commands.write, "BatchSize", lambda: BatchSize(BATCH))
    return made
