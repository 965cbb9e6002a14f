"""Recomputing a ledger's chain on request: in a process of its own, at low priority, one at a time."""

import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import msgspec
from anyio.streams.text import TextReceiveStream

from ledger.reader import Head

if TYPE_CHECKING:
    from adapters.console.opened import OpenLedger


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far which part of it is; and at the end what was found, or what does not add up (`position`: where)."""

    part: str | None = None
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


class Proof:
    """The recomputations of one ledger. They are not on record: the console does not write."""

    def __init__(self, opened: "OpenLedger") -> None:
        self._opened = opened
        self._steps: list[Step] = []
        self._moved = anyio.Event()
        self._busy = False
        self._expected: str | None = None
        self.last: Proven | None = None

    async def follow(self, expect: Head | None) -> AsyncIterator[Step]:
        """Recompute, or watch the recomputation that is being made, to its end."""
        if not self._busy:
            self._busy, self._steps, self._expected = True, [], str(expect) if expect else None
            self._opened.aside(self._recompute)
        seen, steps = 0, self._steps
        while True:
            if seen < len(steps):
                seen = len(steps)
                yield steps[-1]
                if steps[-1].is_last:
                    return
            else:
                await self._moved.wait()

    @property
    def expected(self) -> str | None:
        """The head that the recomputation being made is held against."""
        return self._expected

    async def _recompute(self) -> None:
        command = [sys.executable, "-I", "-m", "adapters.console.proving", str(self._opened.path)]
        last = None
        try:
            async for step in _steps([*command, *([self._expected] if self._expected else [])]):
                last = step
                if step.is_last:
                    self._end(step)
                else:
                    self._tell(step)
        finally:
            if last is None or not last.is_last:
                self._end(Step(code="stopped", message="the recomputation was stopped; begin it again"))

    def _end(self, step: Step) -> None:
        # Before the process has gone: whoever asks from now on has a head of their own, and it is for another one.
        self.last = Proven(step=step, at=datetime.now(UTC).isoformat(timespec="seconds"), expected=self._expected)
        self._busy = False
        self._tell(step)

    def _tell(self, step: Step) -> None:
        self._steps.append(step)
        self._moved.set()
        self._moved = anyio.Event()


async def _steps(command: list[str]) -> AsyncIterator[Step]:
    async with await anyio.open_process(command, stderr=None, cwd=Path(os.sep)) as process:
        if process.stdout is None:
            return
        rest = ""
        async for chunk in TextReceiveStream(process.stdout):
            *lines, rest = (rest + chunk).split("\n")
            for line in lines:
                yield msgspec.json.decode(line, type=Step)
