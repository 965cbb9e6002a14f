"""What takes longer to count than a page may take to come: counted aside, kept with what it was counted of."""

import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar

import anyio
import msgspec

from adapters.console.defects import tell_defect
from adapters.console.errors import ConsoleError, Rewriting
from adapters.console.pool import Turn
from ledger.reader import Head, Reader

T = TypeVar("T")

_WAIT_S = 0.1
"""How long a page waits for a count that was quick the last time, or may be."""

_SHARE = 9
"""A count that took a second is made again nine seconds later at the earliest: it takes a tenth of a core at most."""


class Counter(Protocol):
    """Whose numbers are counted."""

    def counting(self, turn: Turn) -> AbstractAsyncContextManager[Reader]:
        """A reader that sees one moment, for as long as it takes; not while the file is written anew (Rewriting)."""

    def stamp(self) -> str:
        """What changes with the file."""

    def aside(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done while pages go on being answered."""


class Kept(msgspec.Struct, Generic[T], frozen=True):
    """A count, and the head of the ledger and the stamp of its file that it was made at."""

    head: Head
    value: T
    stamp: str = ""


class _Attempt:
    """A count that is being made: `error` is what became of it, where it has failed."""

    def __init__(self) -> None:
        self.turn = Turn()
        self.done = anyio.Event()
        self.error: Exception | None = None


class Slow(Generic[T]):
    """A count that is made when somebody asks for it and the ledger has moved on, one at a time.

    Several that share a `turn` are made one behind the other.
    """

    def __init__(self, whose: Counter, count: Callable[[Reader], Awaitable[T]], turn: anyio.Lock | None = None) -> None:
        self._whose = whose
        self._count = count
        self._one = turn or anyio.Lock()
        self._kept: Kept[T] | None = None
        self._failed: Exception | None = None
        self._attempt: _Attempt | None = None
        self._not_before = 0.0
        self._took_s = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether it is being made, or waits for its turn."""
        return self._attempt is not None

    def is_late(self, head: Head, stamp: str) -> bool:
        """Whether what is kept was counted at this head, but of the file as it was before."""
        return self._kept is not None and self._kept.head == head and self._kept.stamp != stamp

    async def get(self, head: Head) -> Kept[T] | None:
        """The count at this head, or the last there was, while another is being made; None while the first one is.

        Raises:
            LedgerError, ConsoleError: it could not be made; whoever waits for it is told, and who asks before the next
                time it is tried.
        """
        if self._kept is not None and self._kept.head == head and self._kept.stamp == self._whose.stamp():
            return self._kept
        attempt = self._attempt or self._begin()
        if attempt is not None and (self._kept is None or self._took_s < _WAIT_S):
            with anyio.move_on_after(_WAIT_S):
                await attempt.done.wait()
        failed = attempt.error if attempt is not None else self._failed
        if failed is not None:
            raise failed
        return self._kept

    def forget(self) -> None:
        """Keep nothing of what was counted, nor of what is being counted: it is of another file."""
        if self._attempt is not None:
            self._attempt.turn.stopped = True
        self._attempt = self._kept = self._failed = None
        self._not_before = self._took_s = 0.0

    def _begin(self) -> _Attempt | None:
        if time.monotonic() < self._not_before:
            return None
        attempt = self._attempt = _Attempt()
        self._failed = None
        self._whose.aside(lambda: self._make(attempt))
        return attempt

    async def _make(self, attempt: _Attempt) -> None:
        took_s = 0.0
        try:
            async with self._one:
                began = time.monotonic()
                try:
                    kept = await self._counted(attempt.turn)
                finally:
                    took_s = time.monotonic() - began
            if attempt is self._attempt:
                self._kept = kept
        except Rewriting:
            pass  # asked for again, it is begun again
        except Exception as error:  # noqa: BLE001  # told to those who wait
            attempt.error = error
            if not isinstance(error, ConsoleError):
                tell_defect("a count failed", error)
        finally:
            self._end(attempt, took_s)

    async def _counted(self, turn: Turn) -> Kept[T]:
        async with self._whose.counting(turn) as reader:
            stamp = self._whose.stamp()
            head = await reader.head()
            return Kept(head, await self._count(reader), stamp)

    def _end(self, attempt: _Attempt, took_s: float) -> None:
        attempt.done.set()
        if attempt is self._attempt:
            self._attempt, self._failed, self._took_s = None, attempt.error, took_s
            self._not_before = time.monotonic() + _SHARE * took_s
