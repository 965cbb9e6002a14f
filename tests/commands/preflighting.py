"""A ground for preflights: a ledger that may not be there yet, and an embedded Twenty of any settings."""

from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.app import SandboxApp, create_app
from adapters.sandbox.settings import KeyState, SandboxSettings
from commands import session
from commands.estimating import estimate
from commands.options import Options
from commands.session import SANDBOX_KEY
from tests.journey.world import Journey


class Ground(Journey):
    """A journey whose Twenty may be given any settings, the key's state among them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        self.settings |= {"timeline_delay_s": 0.0, "rate_limit": None}
        monkeypatch.setattr(session, "_embedded", self.embedded)
        monkeypatch.setenv("COLUMNS", "80")

    def embedded(self, options: Options) -> SandboxApp:
        """The embedded Twenty of the options; settings may name the key too."""
        given: dict[str, Any] = {"db": str(options.sandbox_path), "api_key": SANDBOX_KEY} | self.settings
        return create_app(SandboxSettings(**given))

    def as_key(self, state: KeyState) -> None:
        """Let the key that is used be one of this state, and another one the workspace's own."""
        self.settings |= {"api_key": "an-admin-s", "other_keys": {SANDBOX_KEY: state}}

    @property
    def other_calls(self) -> int:
        """What a load makes besides creates where one automation is paused and nobody is there."""
        return estimate({"person": 1, "company": 1}).current.other
