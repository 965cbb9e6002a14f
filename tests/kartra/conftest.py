"""What the tests of the Kartra reader share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.kartra import Export, recognise

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write text or bytes as a file of the test's folder."""

    def make(content: str | bytes, name: str = "contacts_x.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


@pytest.fixture
def export(write: Write) -> Callable[..., Export]:
    """Write a file and recognise it."""
    return lambda content, **options: recognise(write(content, **options))
