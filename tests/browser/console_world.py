"""The console over ledgers that are there already, as a real process; built once, however many workers test."""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import pytest

from tests.browser.console_ledgers import HOSTILE, STORY, Place, build_hostile, build_story
from tests.journey.world import CLI

TWENTY = "https://crm.example.org"
"""Where Twenty is said to be; nothing is ever asked of it."""

_ENDS_S = 10


class Console(NamedTuple):
    """A console that serves: where, and the ledgers it shows."""

    url: str
    story: Place
    hostile: Place

    def at(self, *parts: str, ledger: str = STORY, **query: Any) -> str:
        """An address about a ledger."""
        path = "/".join([self.url, "ledgers", ledger, *parts])
        return f"{path}?{urlencode(query)}" if query else path

    def api(self, *parts: str, ledger: str = STORY, **query: Any) -> Any:
        """What the API answers."""
        answer = httpx.get("/".join([self.url, "api/v1/ledgers", ledger, *parts]), params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both ledgers: the first worker that comes builds them, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "console-ledgers"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            build_story(shared)
            build_hostile(shared)
            (shared / "built").touch()
    return shared


@pytest.fixture(scope="session")
def console(ledgers: Path) -> Iterator[Console]:
    """The console over both ledgers, for as long as tests of this worker run; both files are as before thereafter."""
    story, hostile = Place(ledgers, STORY), Place(ledgers, HOSTILE)
    before = [hashlib.sha256(one.ledger.read_bytes()).digest() for one in (story, hostile)]
    with serving(story.ledger, "--also", str(hostile.ledger), "--twenty-url", TWENTY) as url:
        yield Console(url, story, hostile)
    assert [hashlib.sha256(one.ledger.read_bytes()).digest() for one in (story, hostile)] == before


@contextmanager
def serving(ledger: Path, *words: str) -> Iterator[str]:
    """Serve a ledger in a process of its own while the block runs; yields where."""
    command = [str(CLI), "--ledger", str(ledger), "serve", "--port", "0", "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ledger.parent) as process:
        assert process.stdout is not None
        told = ""
        while not told.endswith("}\n"):
            told += (line := process.stdout.readline())
            assert line, f"the console ended with {process.wait()}"
        try:
            yield str(json.loads(told)["url"])
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(_ENDS_S) in (0, 130, -signal.SIGTERM)
