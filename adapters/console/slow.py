"""What takes longer to count than a page may take to come: counted aside, kept with the head it was counted at."""

import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar

import anyio
import msgspec

from ledger.reader import Head, Reader

T = TypeVar("T")

_WAIT_S = 0.1
"""How long a page waits for a count that was quick the last time, or may be."""

_SHARE = 9
"""A count that took a second is made again nine seconds later at the earliest: it takes a tenth of a core at most."""


class Counter(Protocol):
    """Whose numbers are counted."""

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A reader that sees one moment."""

    def aside(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done while pages go on being answered."""


class Kept(msgspec.Struct, Generic[T], frozen=True):
    """A count, and the head of the ledger it was made at."""

    head: Head
    value: T


class Slow(Generic[T]):
    """A count that is made when somebody asks for it and the ledger has moved on, one at a time."""

    def __init__(self, whose: Counter, count: Callable[[Reader], Awaitable[T]]) -> None:
        self._whose = whose
        self._count = count
        self._kept: Kept[T] | None = None
        self._error: Exception | None = None
        self._done: anyio.Event | None = None
        self._not_before = 0.0
        self._took_s = 0.0

    async def get(self, head: Head) -> Kept[T] | None:
        """The count at this head, or the last there was, while another is being made; None while the first one is.

        Raises:
            LedgerError, ConsoleError: it could not be made.
        """
        if self._kept is not None and self._kept.head == head:
            return self._kept
        if self._done is None and time.monotonic() >= self._not_before:
            self._done = anyio.Event()
            self._whose.aside(self._make)
        if self._done is not None and (self._kept is None or self._took_s < _WAIT_S):
            with anyio.move_on_after(_WAIT_S):
                await self._done.wait()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self._kept

    async def _make(self) -> None:
        began = time.monotonic()
        try:
            async with self._whose.reading() as reader:
                head = await reader.head()
                self._kept = Kept(head, await self._count(reader))
        except Exception as error:  # noqa: BLE001  # told to whoever asks next
            self._error = error
        finally:
            ended = time.monotonic()
            self._took_s = ended - began
            self._not_before = ended + _SHARE * self._took_s
            if self._done is not None:
                self._done.set()
            self._done = None
