"""A ledger outlives its writer: killed at any moment, or out of room, nothing acknowledged is lost or half there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.events import RunResumed
from ledger.hashing import Head
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.verifying import verify

pytestmark = pytest.mark.anyio

CHILD = Path(__file__).with_name("child.py")


def child(what: str, path: Path) -> subprocess.Popen[str]:
    """Start another process on a ledger, talking by lines."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, CHILD, what, path], stdin=pipe, stdout=pipe, text=True, bufsize=1)


def head(text: str) -> Head:
    """A head as it is printed."""
    position, hash_ = text.split(":")
    return Head(int(position), hash_)


def killed(process: subprocess.Popen[str], name: str, *, acknowledgements: int, after: float) -> list[Head]:
    """Have a file appended to, kill the appender some seconds after so many acknowledgements; answer all it gave."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{name}\n")
    pid = int(process.stdout.readline().split()[1])
    acknowledged = [head(process.stdout.readline().split()[1]) for _ in range(acknowledgements)]
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    while not (line := process.stdout.readline()).startswith("dead"):
        acknowledged.append(head(line.split()[1]))
    assert line.split()[1] == str(-signal.SIGKILL)
    return acknowledged


async def test_a_killed_writer_loses_nothing_it_acknowledged(path: Path) -> None:
    """Killed at 20 random moments, the ledger opens each time, is whole, and holds every head it acknowledged."""
    moments = random.Random(4)
    acknowledged: list[Head] = []
    with child("die", path.parent) as process:
        for _ in range(20):
            acknowledged += killed(
                process, path.name, acknowledgements=moments.randint(1, 6), after=moments.uniform(0, 0.01)
            )
            async with Ledger.open(path, command="resume") as ledger:
                await ledger.append([RunResumed()])
                acknowledged.append(ledger.head)
            await verify(path, expect=acknowledged[-1])
        process.communicate()
    assert len(acknowledged) > 40
    async with Reader.open(path) as reader:
        held = {Head(event.position, event.hash) async for event in reader.read()}
    assert set(acknowledged) <= held


async def test_a_ledger_killed_while_it_is_made_is_made_by_the_next(tmp_path: Path) -> None:
    """Killed at 15 moments around its birth, it is nothing or a whole ledger; the next writer completes it."""
    moments = random.Random(5)
    with child("die", tmp_path) as process:
        for birth in range(15):
            path = tmp_path / f"{birth}.db"
            acknowledged = killed(process, path.name, acknowledgements=0, after=moments.uniform(0, 0.06))
            async with Ledger.open(path, command="resume") as ledger:
                await ledger.append([RunResumed()])
            await verify(path, expect=acknowledged[-1] if acknowledged else None)
        process.communicate()


async def test_a_full_disk_stops_the_writer_and_harms_nothing(path: Path) -> None:
    """Out of room is LedgerUnwritable each time; what was acknowledged stays, and given room the ledger goes on."""
    with child("fill", path) as process:
        said = [line.split() for line in process.communicate(timeout=30)[0].splitlines()]
    assert process.returncode == 0
    assert [words[:2] for words in said if words[0] == "refused"] == [["refused", "ledger_unwritable"]] * 2
    last = [words[1] for words in said if words[0] == "appended"]
    refused = [words[2] for words in said if words[0] == "refused"]
    assert refused[0] in last[:-1] and refused[0] == refused[1]
    assert (await verify(path, expect=head(last[-1]))).events == head(last[-1]).position
    assert head(last[-1]).position == head(refused[0]).position + 3
