"""How a console begins, and that it does not where it cannot: real processes, one line, exit 2."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.journey.world import CLI


def begun(*words: str) -> subprocess.CompletedProcess[str]:
    """The console's process, which ends by itself."""
    command = [CLI, "serve", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def is_one_line(done: subprocess.CompletedProcess[str], said: str) -> None:
    """Hold a refusal to its one line."""
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line


def test_a_port_that_is_in_use_is_told(history: Path) -> None:
    """By its address and what to do, before a ledger is followed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = begun("--ledger", str(history / "ledger.db"), "--port", str(port))
    is_one_line(done, f"127.0.0.1:{port} cannot be served (Address already in use); name another --host or --port")


@pytest.mark.parametrize("first", [True, False])
def test_a_ledger_that_is_missing_is_told(history: Path, tmp_path: Path, first: bool) -> None:
    """Whether it is the first one or one more."""
    there, missing = str(history / "ledger.db"), str(tmp_path / "nope.db")
    one, more = (missing, there) if first else (there, missing)
    is_one_line(begun("--ledger", one, "--also", more, "--port", "0"), f"no ledger at {missing}")
