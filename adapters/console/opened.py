"""A ledger as the console holds it: connections for pages, what takes longer counted aside, and its pulse."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio import to_thread
from anyio.abc import TaskGroup

from adapters.console.defects import tell_defect
from adapters.console.errors import ConsoleError, NotCounted, Rewriting
from adapters.console.pool import PAGE_S, Pool, Turn, inode_of, stamp_of
from adapters.console.proof import Proof
from adapters.console.slow import Slow
from ledger.books import Books, books
from ledger.erasing import not_carried_out
from ledger.errors import LedgerError, VerificationFailed
from ledger.lock import Holder, holder_of
from ledger.projections import runs
from ledger.pulse import Pulse
from ledger.reader import Head, Reader

_EVERY_S = 1.0
_CHUNK = 20_000
"""Behind by no more events than these, the pulse is counted on while a page is being made."""

_PLANS = 8
"""How many rollbacks that somebody asked about are remembered."""

_REWRITING = ("erase", "close")
"""Commands that write the file anew."""


class At(msgspec.Struct, frozen=True):
    """How far a ledger is: its head, when that was recorded, the run at work, if any is, how far its pulse goes.

    `stamp` changes whenever the file does, which was last at `written_at`.
    """

    head: Head
    recorded_at: str
    stamp: str
    written_at: datetime
    working: str | None
    counted: int

    @property
    def running(self) -> bool:
        """Whether a process is at work on a run."""
        return self.working is not None


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
        self.latest: At | None = None
        self.changed = anyio.Event()
        self.closing = False
        self._rewriting = False
        self._plans: dict[Any, Slow[Any]] = {}
        self._plan_turn = anyio.Lock()
        self._pool = Pool(path)
        self._pulse_turn = anyio.Lock()
        self._known: Head | None = None
        self._inode = inode_of(path)
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["OpenLedger"]:
        """Follow the ledger while the block runs.

        Raises:
            LedgerError: it cannot be read to begin with.
        """
        try:
            async with self.reading() as reader:
                self.latest = await self.at(reader)
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._follow)
                try:
                    yield self
                finally:
                    self._pool.stop(only_long=False)
                    tasks.cancel_scope.cancel()
        finally:
            self._tasks = None
            with anyio.CancelScope(shield=True):
                await self._pool.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """A reader that sees one moment of the ledger, for a page or an answer.

        Raises:
            LedgerError: the ledger cannot be read (any more).
            TooLong: it takes too long.
        """
        async with self._pool.reading(Turn(PAGE_S)) as reader:
            yield reader

    @asynccontextmanager
    async def counting(self, turn: Turn) -> AsyncIterator[Reader]:
        """The same for as long as it takes, or until the ledger is written anew.

        Raises:
            LedgerError: as `reading`.
            Rewriting: the ledger is being written anew.
        """
        if await self.is_rewritten():
            raise Rewriting
        async with self._pool.reading(turn) as reader:
            yield reader

    async def at(self, reader: Reader) -> At:
        """How far the ledger is, as the reader sees it. To be asked before the reader is asked anything else.

        Raises:
            VerificationFailed: it holds no events.
        """
        # These first: what is read thereafter may be newer than they say, and is never older.
        (stamp, written_at), inode = stamp_of(self.path), inode_of(self.path)
        known, pulse = self._known, self.pulse
        rows = await reader.rows("SELECT position, hash, recorded_at FROM event ORDER BY position DESC LIMIT 1")
        if not rows:
            raise VerificationFailed(None, "it holds no events")
        head = Head(rows[0]["position"], rows[0]["hash"])
        if inode != self._inode or not await _continues(reader, head, known):
            self._begin_anew(inode, pulse)
        working = await runs.at_work(reader, await self._holder())
        counted = await self.catch_up(reader, head)
        return At(head, rows[0]["recorded_at"], stamp, written_at, working, counted)

    async def catch_up(self, reader: Reader, head: Head) -> int:
        """Count the pulse on where it is not far behind; answers up to where it goes."""
        async with self._pulse_turn:
            if 0 < head.position - self.pulse.position <= _CHUNK:
                await self._count_chunk(reader, head)
        return self.pulse.position

    def plan(self, wanted: Any, count: Callable[[Reader], Awaitable[Any]]) -> Slow[Any]:
        """What foresees a rollback, and remembers it; one is made at a time.

        Raises:
            NotCounted: too many others wait to be made.
        """
        found = self._plans.pop(wanted, None)
        if found is None:
            self._make_room()
            found = Slow(self, count, self._plan_turn)
        self._plans[wanted] = found
        return found

    def is_late(self, at: At) -> bool:
        """Whether something that was counted is of the file as it was before, although no event came since."""
        return any(one.is_late(at.head, at.stamp) for one in (self.counted, *self._plans.values()))

    def stamp(self) -> str:
        """What changes with the file."""
        return stamp_of(self.path)[0]

    async def is_rewritten(self) -> bool:
        """Whether a command is at work that writes the file anew, so that nothing may be read for long."""
        holder = await self._holder()
        if holder is None:
            return False
        return holder.command in _REWRITING or (holder.command == "resume" and self._rewriting)

    def named(self, text: str) -> str:
        """The same text with this ledger's name in place of where its file is."""
        named = text.replace(str(self.path), self.slug)
        folder = str(self.path.parent)
        return named if folder == self.path.root else named.replace(folder, f"the folder of {self.slug}")

    def close(self) -> None:
        """Let whoever waits for news go."""
        self.closing = True
        self.changed.set()

    def aside(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done while pages go on being answered; its errors are told in the log."""

        async def guarded() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  # it must not take the console with it
                tell_defect("work aside failed", error)

        if self._tasks is not None:
            self._tasks.start_soon(guarded)

    def _make_room(self) -> None:
        while len(self._plans) >= _PLANS:
            idle = next((wanted for wanted, one in self._plans.items() if not one.is_busy), None)
            if idle is None:
                raise NotCounted
            del self._plans[idle]

    def _begin_anew(self, inode: tuple[int, int], pulse: Pulse) -> None:
        """Another file stands under the name: what is known is of the one before."""
        if pulse is not self.pulse:
            return  # another reader has found that out
        self._inode, self._known, self.pulse = inode, None, Pulse()
        self.counted.forget()
        for one in self._plans.values():
            one.forget()
        self._plans.clear()
        self.proof.forget()

    async def _holder(self) -> Holder | None:
        return await to_thread.run_sync(holder_of, self.path)

    async def _follow(self) -> None:
        told = None
        while True:
            try:
                await self._look()
                told = None
            except (LedgerError, ConsoleError):
                pass  # what is wrong with the ledger is told by whoever asks for a page
            except Exception as error:  # noqa: BLE001  # it must not take the console with it
                if type(error) is not told:
                    tell_defect("a ledger cannot be followed", error)
                told = type(error)
            await anyio.sleep(_EVERY_S)

    async def _look(self) -> None:
        if await self.is_rewritten():
            self._give_way()
        async with self.reading() as reader:
            at = await self.at(reader)
            self._rewriting = await _writes_anew(reader, at.working)
        if await self.is_rewritten():
            self._give_way()
        await self._count_on(at.head)
        at = msgspec.structs.replace(at, counted=self.pulse.position)
        if at != self.latest:
            self.latest = at
            self.changed.set()
            self.changed = anyio.Event()

    def _give_way(self) -> None:
        self.proof.stop(str(Rewriting()))
        self._pool.stop(only_long=True)

    async def _count_on(self, head: Head) -> None:
        pulse = self.pulse
        while pulse is self.pulse and pulse.position < head.position:
            async with self.reading() as reader, self._pulse_turn:
                if pulse is self.pulse:
                    await self._count_chunk(reader, head)

    async def _count_chunk(self, reader: Reader, head: Head) -> None:
        pulse = self.pulse
        upto = await pulse.count_on(reader, head)
        hash_ = await reader.scalar("SELECT hash FROM event WHERE position = :upto", upto=upto)
        if pulse is self.pulse:
            self._known = Head(upto, hash_)


async def _continues(reader: Reader, head: Head, known: Head | None) -> bool:
    """Whether what the reader sees is what was known, or goes on from it."""
    if known is None or known == head:
        return True
    if known.position >= head.position:
        return False
    hash_ = await reader.scalar("SELECT hash FROM event WHERE position = :position", position=known.position)
    return bool(hash_ == known.hash)


async def _writes_anew(reader: Reader, working: str | None) -> bool:
    run = await runs.find_run(reader, working) if working is not None else None
    return run is not None and run.command in _REWRITING


async def _count(reader: Reader) -> Counted:
    waits = await runs.unfinished(reader)
    return Counted(await books(reader), await not_carried_out(reader), waits.run_id if waits else None)


__all__ = ["At", "Counted", "OpenLedger"]
