"""A journey of its own for each test."""

from pathlib import Path

import pytest

from commands import logs, session
from commands.compensation import waiting
from tests.journey.world import QUICK, Journey


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journey:
    """An empty ledger and a new workspace, whose queue is quicker than a real one, and asked more often."""
    made = Journey(tmp_path)
    made.settings |= QUICK
    monkeypatch.setattr(session, "_embedded", made.embedded)
    monkeypatch.setattr(waiting, "POLL_S", 0.05)
    return made


@pytest.fixture(autouse=True, scope="package")
def quiet_logs() -> None:
    """Log what the program logs by itself: warnings."""
    logs.configure(0)
