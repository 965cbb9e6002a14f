"""How the ledger is read: SQLite's own driver, on connections that cannot write, one session each.

Writing is `ledger.writing`; whoever only reads does not load what that takes.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiosqlite
import anyio

from ledger import failures
from ledger.errors import ReadStopped

Inode = tuple[int, int]
"""A file, by device and inode."""

_OPEN: Counter[Inode] = Counter()
"""How many connections this process has to each file."""

_STEPS = 20_000
"""After how many steps of SQLite's machine a query asks whether it is to go on: some milliseconds of work."""


def _goes_on() -> bool:
    return False


class Session:
    """One connection that `connected` made, used by one task at a time.

    What was begun comes to its end, also while its task is being cancelled: the connection stays usable.
    """

    def __init__(self, path: Path, connection: aiosqlite.Connection, over: Callable[[], bool] = _goes_on) -> None:
        self.path = path
        self._connection = connection
        self._turn = anyio.Lock(fast_acquire=True)
        self._over = over

    async def end_when(self, over: Callable[[], bool]) -> None:
        """Ask `over` before each query, and every now and then within one, from another thread; a yes ends it.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        with failures.translated(self.path):
            await self._connection.set_progress_handler(over, _STEPS)
        self._over = over

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator["Session"]:
        """A session all of whose queries see what was committed when the first of them began.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                await self._connection.execute("BEGIN")
                try:
                    yield _Held(self.path, self._connection, self._over)
                finally:
                    await self._connection.rollback()

    async def rows(self, statement: str, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All rows of one query, which sees one moment.

        Raises:
            ReadStopped: it was to end (`end_when`).
            LedgerError: in place of the driver's errors.
        """
        if self._over():
            raise ReadStopped(self.path)
        found: list[sqlite3.Row] = []
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                found = list(await self._connection.execute_fetchall(statement, params))
        names = found[0].keys() if found else []
        return [dict(zip(names, row, strict=True)) for row in found]


class _Held(Session):
    """The connection of a snapshot that somebody else began and will end."""

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        """The snapshot that is held.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                yield _Held(self.path, self._connection, self._over)


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A connection that cannot write, also to a file on media that cannot be written; closed at the end.

    Raises:
        LedgerError: the file cannot be opened.
    """
    with anyio.CancelScope(shield=True), failures.translated(path):
        connection = await aiosqlite.connect(read_uri(path), uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    async with counted(path, connection.close):
        yield connection


@asynccontextmanager
async def counted(path: Path, close: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Count a connection to a file until it is closed, at the end of the block, also while the task is being cancelled.

    Raises:
        LedgerError: the file cannot be closed.
    """
    with ExitStack() as count:
        try:
            count.enter_context(_count(inode(path)))
            yield
        finally:
            with anyio.CancelScope(shield=True), failures.translated(path):
                await close()


@contextmanager
def _count(file: Inode) -> Iterator[None]:
    _OPEN[file] += 1
    try:
        yield
    finally:
        _OPEN[file] -= 1


def is_open(path: Path) -> bool:
    """Whether this process has a connection to a file that is there.

    Then nothing but SQLite may open it: to close it once more would let go of every lock the connection holds
    (sqlite.org/howtocorrupt.html, section 2.2).
    """
    return _OPEN[inode(path)] > 0


def inode(path: Path) -> Inode:
    """Which file stands at a path."""
    there = path.stat()
    return there.st_dev, there.st_ino


def read_uri(path: Path) -> str:
    """What opens a file for reading only, as SQLite's URI."""
    return f"{file_uri(path)}?{urlencode(read_only(path))}"


def file_uri(path: Path) -> str:
    """A file as SQLite's URIs name it."""
    return f"file:{quote(os.fsencode(path.absolute()))}"


def read_only(path: Path) -> dict[str, str]:
    """What SQLite's URIs are to say so that nothing is written."""
    return {"mode": "ro", "immutable": "1"} if not has_wal(path) and _is_fixed(path) else {"mode": "ro"}


def is_fleeting(path: Path) -> bool:
    """Whether a connection for reading takes the file for one that never changes, although it may.

    So it is read in a folder that this user may not write to, where SQLite has no log's index to go by and can make
    none: what is read so is true for a moment, and such a connection is not to be kept.
    """
    return not has_wal(path) and not _on_read_only_media(path) and _is_fixed(path)


def _is_fixed(path: Path) -> bool:
    if _on_read_only_media(path):
        return True
    indexed = all(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm"))
    return not indexed and not os.access(path.parent, os.W_OK)


def _on_read_only_media(path: Path) -> bool:
    return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)


def has_wal(path: Path) -> bool:
    """Whether something stands in the file's write-ahead log: the file itself then does not say everything."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0
