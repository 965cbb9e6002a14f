"""A history made once, and a console that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console_api.world import Shown, made_once, showing
from tests.journey.conftest import quiet_logs

__all__ = ["quiet_logs"]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a history that real commands made; for reading only."""
    base = tmp_path_factory.getbasetemp()
    return made_once(base if worker_id == "master" else base.parent)


@pytest.fixture(scope="session")
def shown(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A console over that history."""
    with showing(history / "ledger.db", tokens=tmp_path_factory.mktemp("tokens") / "console.toml") as console:
        yield console
