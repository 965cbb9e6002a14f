"""Recomputing a ledger's chain on request: in a process of its own, at low priority, one at a time."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import msgspec
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from adapters.console.defects import tell_defect
from adapters.console.errors import Rewriting
from ledger.reader import Head

if TYPE_CHECKING:
    from adapters.console.opened import OpenLedger

_STOPPED = "the recomputation was stopped; begin it again"
_COMMAND = ("-m", "adapters.console.proving")
_ENVIRONMENT = ("PATH", "LANG")
"""What the process is told of the console's own surroundings, where keys may stand."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told on its stdin: which ledger, and the head to hold it against."""

    ledger: str
    expect: Head | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far which part of it is; and at the end what was found, or what does not add up (`position`: where).

    `against` is the head that it is held against, if any.
    """

    part: str | None = None
    against: str | None = None
    position: int | None = None
    events: int | None = None
    payloads: int | None = None
    erased: int | None = None
    unerased: int | None = None
    head: str | None = None
    code: str | None = None
    message: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing comes behind it."""
        return self.head is not None or self.code is not None


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a recomputation, when it was made, and the head it was held against, if any."""

    step: Step
    at: str
    expected: str | None


class _Recomputation:
    """One that is being made: its steps so far."""

    def __init__(self, expect: Head | None) -> None:
        self.expect = expect
        self.steps: list[Step] = []
        self.moved = anyio.Event()
        self.scope = anyio.CancelScope()
        self.why_stopped = _STOPPED

    def tell(self, step: Step) -> None:
        self.steps.append(step)
        self.moved.set()
        self.moved = anyio.Event()


class Proof:
    """The recomputations of one ledger. They are not on record: the console does not write."""

    def __init__(self, opened: "OpenLedger") -> None:
        self._opened = opened
        self._now: _Recomputation | None = None
        self.last: Proven | None = None

    async def follow(self, expect: Head | None) -> AsyncIterator[Step]:
        """Recompute, or watch the recomputation that is being made, to its end."""
        if await self._opened.is_rewritten():
            yield Step(code="stopped", message=str(Rewriting()))
            return
        now = self._now or self._begin(expect)
        against = str(now.expect) if now.expect else None
        seen = 0
        while True:
            if seen < len(now.steps):
                seen = len(now.steps)
                yield msgspec.structs.replace(now.steps[-1], against=against)
                if now.steps[-1].is_last:
                    return
            else:
                await now.moved.wait()

    def stop(self, why: str = _STOPPED) -> None:
        """End the recomputation that is being made, if there is one; who watches is told why."""
        if self._now is not None:
            self._now.why_stopped = why
            self._now.scope.cancel()

    def forget(self) -> None:
        """Another file stands there: what was found, or is being recomputed, is of no worth."""
        self.stop()
        self.last = None

    def _begin(self, expect: Head | None) -> _Recomputation:
        now = self._now = _Recomputation(expect)
        self._opened.aside(lambda: self._recompute(now))
        return now

    async def _recompute(self, now: _Recomputation) -> None:
        last = None
        try:
            with now.scope:
                async with aclosing(_steps(Asked(ledger=str(self._opened.path), expect=now.expect))) as steps:
                    async for step in steps:
                        last = self._told(step)
                        if last.is_last:
                            self._end(now, last)
                        else:
                            now.tell(last)
        except Exception as error:  # noqa: BLE001  # who watches is told that it was stopped
            tell_defect("a recomputation failed", error)
        finally:
            if last is None or not last.is_last:
                self._end(now, Step(code="stopped", message=now.why_stopped))

    def _end(self, now: _Recomputation, step: Step) -> None:
        # Before the process has gone: whoever asks from now on has a head of their own, and it is for another one.
        expected = str(now.expect) if now.expect else None
        self.last = Proven(step=step, at=datetime.now(UTC).isoformat(timespec="seconds"), expected=expected)
        self._now = None
        now.tell(step)

    def _told(self, step: Step) -> Step:
        message = self._opened.named(step.message) if step.message is not None else None
        return msgspec.structs.replace(step, message=message)


async def _steps(asked: Asked) -> AsyncGenerator[Step, None]:
    # Nothing of it stands on a command line, where everybody on this machine could read it.
    surroundings = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    async with await anyio.open_process(
        [sys.executable, "-I", *_COMMAND],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(os.sep),
        env=surroundings,
    ) as process:
        try:
            async for line in _lines(process, asked):
                yield msgspec.json.decode(line, type=Step)
        finally:
            if process.returncode is None:
                process.kill()


async def _lines(process: Process, asked: Asked) -> AsyncIterator[str]:
    if process.stdin is None or process.stdout is None:
        return
    # It stays open: once it is closed, the process knows that nobody is there any more.
    await process.stdin.send(msgspec.json.encode(asked) + b"\n")
    rest = ""
    async for chunk in TextReceiveStream(process.stdout):
        *lines, rest = (rest + chunk).split("\n")
        for line in lines:
            yield line
