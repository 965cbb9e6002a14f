"""Fixtures of the tests of the command line's shape."""

from pathlib import Path

import pytest

from tests.hostile.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place."""
    return Place(tmp_path)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with a load behind it: two contacts written, one row held. Tests only read it."""
    place = Place(tmp_path_factory.mktemp("used"))
    place.contacts("ann@x.org", "bob@x.org", "no address")
    assert place.load().code == 3
    return place
