"""The command line as processes: started, killed, waited for."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.crash.zygote import Start

ROOT = Path(__file__).parents[2]


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
    """Starts commands; one at a time is asked, several may run."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.crash.zygote"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, start: Start) -> Command:
        """Start a command."""
        return Command(pid=self._ask(start), output=Path(start.output))

    def wait(self, command: Command) -> Ended:
        """Wait for a command's end."""
        code = self._ask(command.pid)
        errors = command.output.with_name(f"{command.output.name}.err")
        return Ended(code=code, out=command.output.read_text("utf-8"), err=errors.read_text("utf-8"))

    def _ask(self, question: Start | int) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(question) + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())
