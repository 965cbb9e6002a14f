"""The command line as processes: started, killed, waited for."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.crash.zygote import Start

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended: exit code (-9 when killed), and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """What it wrote, being one JSON document."""
        return msgspec.json.decode(self.out, type=dict[str, object])


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command under way."""

    pid: int
    output: Path

    def signal(self, number: int) -> None:
        """Send it a signal; one that has ended takes no notice."""
        os.kill(self.pid, number)


class Zygote:
    """Starts commands, several at a time if need be, and sees them end; may be used from several threads."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.crash.zygote"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self._turn = threading.Lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, start: Start) -> Ended:
        """Run a command to its end."""
        return self.wait(self.start(start))

    def start(self, start: Start) -> Command:
        """Start a command."""
        pid = self._ask(start)
        assert pid is not None
        return Command(pid=pid, output=Path(start.output))

    def wait(self, command: Command) -> Ended:
        """Wait for a command's end; one that takes too long is killed, and told so by TimeoutError."""
        until = time.monotonic() + PATIENCE_S
        while (code := self._ask(command.pid)) is None:
            if time.monotonic() > until:
                command.signal(signal.SIGKILL)
                raise TimeoutError(f"{command.output} had not ended after {PATIENCE_S} s")
            time.sleep(0.02)
        errors = command.output.with_name(f"{command.output.name}.err")
        return Ended(code=code, out=command.output.read_text("utf-8"), err=errors.read_text("utf-8"))

    def _ask(self, question: Start | int) -> int | None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(msgspec.json.encode(question) + b"\n")
            self._process.stdin.flush()
            return msgspec.json.decode(self._process.stdout.readline(), type=int | None)


@cache
def shared() -> Zygote:
    """The one of this test process, which ends with it."""
    made = Zygote().__enter__()
    atexit.register(made.__exit__, None, None, None)
    return made


def kill_at(zygote: Zygote, ledger: Path, point: str, *words: str) -> int:
    """Run a command on a ledger that is killed at a moment; its exit code."""
    start = Start(args=["--ledger", str(ledger), *words], env={}, output=f"{ledger}.killed", point=point)
    return zygote.run(start).code
