"""Fixtures of the tests with hostile input, a hostile Twenty, and secrets."""

from pathlib import Path

import pytest

from tests.hostile.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path)
