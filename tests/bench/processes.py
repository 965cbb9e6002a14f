"""The processes a benchmark watches: a server, a load beside it, and the memory they hold."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[2]
CLI = (sys.executable, "-c", "from commands.main import main; main()")


class StartFailed(click.ClickException):
    """A process did not begin, or did not end, as it should; its own words are on stderr."""


@contextmanager
def served(ledger: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The console on a free port: its address, and its process.

    Raises:
        StartFailed: it ended instead.
    """
    command = [*CLI, "serve", "--port", "0", "--json", "--ledger", str(ledger)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield _first_document(process)["url"], process
        finally:
            process.terminate()
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise StartFailed("the console did not end within 30 s of SIGTERM") from None


def _first_document(process: subprocess.Popen[str]) -> dict[str, Any]:
    said = ""
    for line in process.stdout or ():
        said += line
        try:
            document: dict[str, Any] = json.loads(said)
        except ValueError:
            continue
        if "url" in document:
            return document
    raise StartFailed(f"the console ended with {process.wait()} before it said where it serves")


class Appending:
    """A load into the ledger in a process of its own; `events` are what it appended, once it has ended."""

    def __init__(self) -> None:
        self.events = 0

    @classmethod
    @contextmanager
    def into(cls, ledger: Path) -> Iterator["Appending"]:
        """Begin it, and tell it to stop at the end."""
        command = [sys.executable, "-m", "tests.bench", "append", str(ledger), "--seconds", "86400"]
        appending = cls()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            try:
                yield appending
            finally:
                process.send_signal(signal.SIGTERM)
                said, _ = process.communicate(timeout=60)
        if process.returncode != 0:
            raise StartFailed(f"the load beside the console ended with {process.returncode}")
        appending.events = int(said)


class Memory:
    """What a process and its children hold, in MB: now, and at the most, looked at a few times a second.

    `peak` is the larger of the sums seen and the sum of what the kernel remembers of each that is there.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak = self.last = 0.0
        self._ended = threading.Event()

    @classmethod
    @contextmanager
    def of(cls, pid: int) -> Iterator["Memory"]:
        """Look at it for as long as the block runs."""
        memory = cls(pid)
        thread = threading.Thread(target=memory._watch)
        thread.start()
        try:
            yield memory
        finally:
            memory._ended.set()
            thread.join()

    def _watch(self) -> None:
        self._look()
        while not self._ended.wait(0.25):
            self._look()

    def _look(self) -> None:
        held = [_held(pid) for pid in _family(self._pid)]
        self.last = sum(now for now, _ in held)
        self.peak = max(self.peak, self.last, sum(most for _, most in held))


def _family(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = {int(one) for task in tasks for one in (task / "children").read_text().split()}
    except OSError:
        return [pid]
    return [pid, *(one for child in sorted(children) for one in _family(child))]


def _held(pid: int) -> tuple[float, float]:
    """VmRSS and VmHWM; nothing of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    found = {name: rest for name, _, rest in (line.partition(":") for line in lines)}
    now, most = (int(found.get(name, "0").split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def forget(path: Path) -> None:
    """Ask the kernel to drop what it remembers of a file, so that what reads it next reads the disk."""
    for one in (path, path.with_name(path.name + "-wal")):
        if one.exists():
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)
