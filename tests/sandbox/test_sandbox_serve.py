"""Over a real socket: ports, signals, dropped connections, and a server killed in the middle of a batch."""

import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.workspace import Workspace
from tests.sandbox.conftest import CREATE, person

SCRIPT = """
import asyncio, json, sys
from adapters.sandbox.serve import serve
from adapters.sandbox.settings import SandboxSettings
asyncio.run(serve(SandboxSettings(**json.loads(sys.argv[1])), on_ready=lambda port: print(port, flush=True)))
"""
KEY = {"Authorization": "Bearer sandbox-key"}


@contextmanager
def served(db: Path, **changes: object) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A sandbox in a process of its own, and a client of it."""
    arguments = json.dumps({"db": str(db), "rate_limit": None} | changes)
    command = [sys.executable, "-c", SCRIPT, arguments]
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=KEY, timeout=10) as client:
                yield client, process
        finally:
            process.kill()


def test_it_answers_and_ends_in_order(tmp_path: Path) -> None:
    """A free port, a database for its owner only, and SIGTERM ends it with exit code 0 and a closed database."""
    db = tmp_path / "twenty.db"
    with served(db) as (client, process):
        answer = client.post("/graphql", json={"query": "{people{totalCount}}"})
        assert answer.json() == {"data": {"people": {"totalCount": 0}}}
        assert client.get("/healthz").json()["status"] == "ok"
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["twenty.db"]


@pytest.mark.parametrize(("fault", "landed"), [("drop-before", 0), ("drop-after", 1)])
def test_a_drop_closes_the_socket_without_an_answer(tmp_path: Path, fault: str, landed: int) -> None:
    """The client sees its connection break, whether or not the call was done; the next connection is served."""
    db = tmp_path / "twenty.db"
    with served(db, faults={fault: 1.0}) as (client, _):
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError):
                client.post("/graphql", json={"query": CREATE, "variables": {"d": [person("a@x.com")]}})
        assert client.get("/healthz").status_code == 200
    assert _people(db) == landed


def test_a_killed_server_keeps_whole_batches_only(tmp_path: Path) -> None:
    """SIGKILL while batches of 200 come in: what was answered is there, the last batch is there whole or not at all."""
    db = tmp_path / "twenty.db"
    answered = 0
    with served(db) as (client, process):
        while True:
            if answered == 5:
                threading.Timer(0.015, process.kill).start()
            try:
                response = client.post("/graphql", json={"query": CREATE, "variables": {"d": _batch()}})
            except httpx.TransportError:
                break
            assert len(response.json()["data"]["createPeople"]) == 200
            answered += 1
    assert answered >= 5
    assert _people(db) in (answered * 200, (answered + 1) * 200)


def _batch() -> list[dict[str, object]]:
    return [person() for _ in range(200)]


def _people(db: Path) -> int:
    workspace = Workspace(SandboxSettings(db=str(db)))
    try:
        (count,) = workspace.connection.execute("SELECT count(*) FROM person").fetchone()
        return int(count)
    finally:
        workspace.close()
