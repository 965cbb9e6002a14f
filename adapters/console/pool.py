"""Connections to one ledger: few, kept, and none that holds a moment of it for longer than it may."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio

from adapters.console.errors import Rewriting, TooLong
from ledger.connections import is_fleeting
from ledger.errors import LedgerError, ReadStopped
from ledger.reader import Reader

PAGE_S = 5.0
"""How long the reading for one page, or one answer of the API, may take."""

_CONNECTIONS = 4
_QUEUE_S = 10.0
"""How long a page waits for a connection before it is told that too many ask."""

Inode = tuple[int, int]


class Turn:
    """How long one reader may go on: `within_s`, or (None) until it is stopped."""

    def __init__(self, within_s: float | None = None) -> None:
        self.is_long = within_s is None
        self.stopped = False
        self._until = float("inf") if within_s is None else time.monotonic() + within_s

    def over(self) -> bool:
        """Whether it has to end. Asked from SQLite's thread."""
        return self.stopped or time.monotonic() > self._until


class _Taken:
    """A connection, of which file it is, and whose turn it is."""

    def __init__(self, stack: AsyncExitStack, reader: Reader, inode: Inode, *, kept: bool) -> None:
        self.stack = stack
        self.reader = reader
        self.inode = inode
        self.kept = kept
        self.turn = Turn()

    def over(self) -> bool:
        return self.turn.over()


class Pool:
    """The connections to a ledger. It is read, never written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places = anyio.CapacityLimiter(_CONNECTIONS)
        self._idle: list[_Taken] = []
        self._turns: set[Turn] = set()

    @asynccontextmanager
    async def reading(self, turn: Turn) -> AsyncIterator[Reader]:
        """A reader that sees one moment of the ledger.

        Raises:
            LedgerError: the ledger cannot be read (any more).
            TooLong: it took longer than its turn, or all connections are taken for long.
            Rewriting: it was stopped, since the file is to be written anew.
        """
        await self._place(turn)
        try:
            taken = await self._take()
            taken.turn = turn
            async with self._lent(taken), taken.reader.snapshot() as seen:
                yield seen
        finally:
            self._places.release()

    def stop(self, *, only_long: bool) -> None:
        """End what is being read: all of it, or what was to take as long as it takes."""
        for turn in self._turns:
            turn.stopped = turn.stopped or turn.is_long or not only_long

    async def close(self) -> None:
        """Let go of every connection."""
        while self._idle:
            await self._idle.pop().stack.aclose()

    async def _place(self, turn: Turn) -> None:
        if turn.is_long:
            await self._places.acquire()
            return
        try:
            with anyio.fail_after(_QUEUE_S):
                await self._places.acquire()
        except TimeoutError:
            raise TooLong from None

    @asynccontextmanager
    async def _lent(self, taken: _Taken) -> AsyncIterator[None]:
        self._turns.add(taken.turn)
        kept = taken.kept
        try:
            yield
        except ReadStopped as why:
            raise (Rewriting() if taken.turn.stopped else TooLong()) from why
        except LedgerError:
            kept = False
            raise
        finally:
            # Where something else was wrong, or nobody waits any more, the connection is as good as before.
            self._turns.discard(taken.turn)
            if kept:
                self._idle.append(taken)
            else:
                await taken.stack.aclose()

    async def _take(self) -> _Taken:
        inode = inode_of(self._path)
        while self._idle:
            taken = self._idle.pop()
            if taken.inode == inode:
                return taken
            # Another file stands there by now: a backup was put back.
            await taken.stack.aclose()
        stack = AsyncExitStack()
        reader = await stack.enter_async_context(Reader.open(self._path))
        taken = _Taken(stack, reader, inode, kept=not is_fleeting(self._path))
        await reader.end_when(taken.over)
        return taken


def inode_of(path: Path) -> Inode:
    """Which file stands there; of none, no file's."""
    try:
        there = path.stat()
    except OSError:
        return 0, 0  # opening it tells what is wrong
    return there.st_dev, there.st_ino


def stamp_of(path: Path) -> tuple[str, datetime]:
    """What changes whenever the file or its log is written to, and when that was last.

    To be taken before what it is to stand for is read.
    """
    # A log with nothing in it is as good as none: readers make and leave such.
    there = [one for one in map(_state, (path, path.with_name(path.name + "-wal"))) if one is not None and one.st_size]
    last = max((one.st_mtime for one in there), default=0.0)
    return " ".join(f"{one.st_ino}.{one.st_mtime_ns}.{one.st_size}" for one in there), datetime.fromtimestamp(last, UTC)


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
