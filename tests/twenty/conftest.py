"""Fixtures of the tests of the way to Twenty."""

from collections.abc import AsyncIterator

import pytest

from tests.twenty.loopback import Loopback


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    """A running loopback server."""
    server = Loopback()
    await server.start()
    yield server
    await server.stop()
