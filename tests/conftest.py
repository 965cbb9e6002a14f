"""Fixtures every part shares."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the program runs on."""
    return "asyncio"
