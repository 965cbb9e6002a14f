"""What a benchmark watches: memory of a process and its children, and which ledgers it may append to."""

import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from ledger.events import WorkspaceBound
from ledger.store import Ledger
from tests.bench.ledgers import append_slowly
from tests.bench.processes import Memory, StartFailed, served

_HOLDING = """
import subprocess, sys
held = bytearray(b"x" * 40_000_000)
child = None
if sys.argv[1] == "parent":
    command = [sys.executable, "-c", sys.argv[2], "child", ""]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
print("ready", flush=True)
sys.stdin.readline()
if child:
    child.communicate()
"""


def test_memory_is_that_of_children_too() -> None:
    """A process of 40 MB with a child as large holds more than 80 MB, and no wild number."""
    command = [sys.executable, "-c", _HOLDING, "parent", _HOLDING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with Memory.of(process.pid) as memory:
            pass
        process.communicate("\n")
    assert 80 < memory.last <= memory.peak < 200


def test_nobody_made_up_goes_into_a_real_ledger(tmp_path: Path) -> None:
    """A ledger bound to another workspace is left as it is."""
    path = tmp_path / "real.db"

    async def bind() -> None:
        async with Ledger.open(path, command="load") as ledger:
            await ledger.append([WorkspaceBound(workspace="11111111-1111-4111-8111-111111111111")])

    anyio.run(bind)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not one of the ledgers made here"):
        append_slowly(path, 1)
    assert path.read_bytes() == before


def test_a_console_that_does_not_start_is_told(tmp_path: Path) -> None:
    """Of a ledger that is not there no address is waited for."""
    with pytest.raises(StartFailed, match="before it said where it serves"), served(tmp_path / "none.db"):
        pass
