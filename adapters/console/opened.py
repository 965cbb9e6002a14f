"""A ledger as the console holds it: connections for pages, what takes longer counted aside, and its pulse."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio import to_thread
from anyio.abc import TaskGroup

from adapters.console.proof import Proof
from adapters.console.slow import Kept, Slow
from ledger.books import Books, books
from ledger.erasing import not_carried_out
from ledger.errors import LedgerError
from ledger.lock import is_held
from ledger.projections import runs
from ledger.pulse import Pulse
from ledger.reader import Head, Reader

_CONNECTIONS = 4
_EVERY_S = 1.0
_PLANS = 8
"""How many rollbacks that somebody asked about are remembered."""


class At(msgspec.Struct, frozen=True):
    """How far a ledger is: its head, when that was recorded, and whether a process is writing to it."""

    head: Head
    recorded_at: str
    running: bool


class Counted(msgspec.Struct, frozen=True):
    """What takes a look at everything: the books, erasures not carried out, the run that `resume` would go on with."""

    books: Books
    not_erased: int
    unfinished: str | None


class OpenLedger:
    """One ledger that is shown, under its `slug`. It is read, never written."""

    def __init__(self, slug: str, path: Path) -> None:
        self.slug = slug
        self.path = path
        self.pulse = Pulse()
        self.counted: Slow[Counted] = Slow(self, _count)
        self.proof = Proof(self)
        self.changed = anyio.Event()
        self.closing = False
        self._plans: dict[Any, Slow[Any]] = {}
        self._turns = anyio.CapacityLimiter(_CONNECTIONS)
        self._idle: list[tuple[AsyncExitStack, Reader, tuple[int, int]]] = []
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["OpenLedger"]:
        """Follow the ledger while the block runs.

        Raises:
            LedgerError: it cannot be read to begin with.
        """
        async with self.reading() as reader:
            await reader.head()
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._follow)
                yield self
                tasks.cancel_scope.cancel()
        finally:
            self._tasks = None
            with anyio.CancelScope(shield=True):
                await self._let_go()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """A reader that sees one moment of the ledger.

        Raises:
            LedgerError: the ledger cannot be read (any more).
        """
        async with self._turns:
            taken = await self._take()
            try:
                async with taken[1].snapshot() as seen:
                    yield seen
            except LedgerError:
                await taken[0].aclose()
                raise
            except BaseException:
                # Something else was wrong, or nobody waits any more: the connection is as good as before.
                self._idle.append(taken)
                raise
            self._idle.append(taken)

    async def at(self, reader: Reader) -> At:
        """How far the ledger is, as the reader sees it."""
        [row] = await reader.rows("SELECT position, hash, recorded_at FROM event ORDER BY position DESC LIMIT 1")
        return At(Head(row["position"], row["hash"]), row["recorded_at"], await to_thread.run_sync(is_held, self.path))

    def plan(self, wanted: Any, count: Callable[[Reader], Awaitable[Any]]) -> Slow[Any]:
        """What foresees a rollback, and remembers it."""
        found = self._plans.pop(wanted, None) or Slow(self, count)
        self._plans[wanted] = found
        while len(self._plans) > _PLANS:
            self._plans.pop(next(iter(self._plans)))
        return found

    def close(self) -> None:
        """Let whoever waits for news go."""
        self.closing = True
        self.changed.set()

    def aside(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done while pages go on being answered."""
        if self._tasks is not None:
            self._tasks.start_soon(work)

    async def _take(self) -> tuple[AsyncExitStack, Reader, tuple[int, int]]:
        inode = _inode(self.path)
        while self._idle:
            taken = self._idle.pop()
            if taken[2] == inode:
                return taken
            # Another file stands there by now: a backup was put back.
            await taken[0].aclose()
        stack = AsyncExitStack()
        return stack, await stack.enter_async_context(Reader.open(self.path)), inode

    async def _let_go(self) -> None:
        while self._idle:
            await self._idle.pop()[0].aclose()

    async def _follow(self) -> None:
        while True:
            # What is wrong with the ledger is told by whoever asks for a page.
            with suppress(LedgerError):
                await self._count_on()
            await anyio.sleep(_EVERY_S)

    async def _count_on(self) -> None:
        async with self.reading() as reader:
            head = await reader.head()
        if head.position < self.pulse.position:
            self.pulse = Pulse()
        if head.position > self.pulse.position:
            async for _ in self._beats(head):
                await anyio.lowlevel.checkpoint()
            self.changed.set()
            self.changed = anyio.Event()

    async def _beats(self, head: Head) -> AsyncIterator[int]:
        while self.pulse.position < head.position:
            async with self.reading() as reader:
                yield await self.pulse.count_on(reader, head)


def _inode(path: Path) -> tuple[int, int]:
    try:
        there = path.stat()
    except OSError:
        return 0, 0  # opening it tells what is wrong
    return there.st_dev, there.st_ino


async def _count(reader: Reader) -> Counted:
    waits = await runs.unfinished(reader)
    return Counted(await books(reader), await not_carried_out(reader), waits.run_id if waits else None)


__all__ = ["At", "Counted", "Kept", "OpenLedger"]
