"""Houses behind a guard."""

from pathlib import Path

import pytest
import structlog

from tests.console_access.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house on loopback: no token is asked for."""
    return House(tmp_path)


@pytest.fixture
def locked(tmp_path: Path) -> House:
    """A house that asks for a token."""
    return House(tmp_path, login=True)


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """Log to stdout, whatever a command that ran before has said."""
    structlog.reset_defaults()
