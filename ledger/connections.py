"""How the ledger reaches SQLite: an engine that cannot write, one that can, and a session for one connection."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import anyio
from sqlalchemy import URL
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ledger import failures
from ledger.errors import ReadStopped

_OPEN: Counter[tuple[int, int]] = Counter()
"""How many connections this process has to each file, by device and inode."""

# Hashes come in no order, so that an append touches pages all over the indexes: some 32 MB of them stay in memory, and
# go from the log into the file not after each append but once there are as many.
_WRITER = (
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000", "cache_size = -32768",
    "wal_autocheckpoint = 8000",
)  # fmt: skip


_STEPS = 20_000
"""After how many steps of SQLite's machine a query asks whether it is to go on: some milliseconds of work."""


def _goes_on() -> bool:
    return False


class Session:
    """One connection, used by one task at a time.

    A transaction once begun comes to its end, also while its task is being cancelled: what was committed is known to
    be, and the connection stays usable.
    """

    def __init__(self, path: Path, connection: AsyncConnection, over: Callable[[], bool] = _goes_on) -> None:
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
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            await driver.set_progress_handler(over, _STEPS)
        self._over = over

    def held(self, connection: AsyncConnection) -> "Held":
        """A session within a transaction of this connection."""
        return Held(self.path, connection, self._over)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Run the block in a transaction: committed at its end, rolled back by an error.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                async with self._connection.begin():
                    yield self._connection

    async def rows(self, statement: str, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All rows of one query, which sees one moment; the driver is asked, since no more than a query is wanted.

        Raises:
            ReadStopped: it was to end (`end_when`).
            LedgerError: in place of the driver's errors.
        """
        if self._over():
            raise ReadStopped(self.path)
        found: list[Mapping[str, Any]] = []
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                driver: Any = (await self._connection.get_raw_connection()).driver_connection
                async with driver.execute(statement, params) as cursor:
                    names = [column[0] for column in cursor.description or ()]
                    found = [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
        return found


class Held(Session):
    """The connection of a transaction that somebody else began and will end."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Run the block in the transaction that is held.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self.path):
                yield self._connection


@asynccontextmanager
async def connected(path: Path, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of the engine; both are closed at the end, also while the task is being cancelled.

    Raises:
        LedgerError: the file cannot be opened.
    """
    with anyio.CancelScope(shield=True), failures.translated(path):
        connection = await engine.connect()
    inode = _inode(path)
    _OPEN[inode] += 1
    try:
        yield connection
    finally:
        with anyio.CancelScope(shield=True), failures.translated(path):
            await connection.close()
            await engine.dispose()
        _OPEN[inode] -= 1


def is_open(path: Path) -> bool:
    """Whether this process has a connection to a file that is there.

    Then nothing but SQLite may open it: to close it once more would let go of every lock the connection holds
    (sqlite.org/howtocorrupt.html, section 2.2).
    """
    return _OPEN[_inode(path)] > 0


def _inode(path: Path) -> tuple[int, int]:
    there = path.stat()
    return there.st_dev, there.st_ino


def read_engine(path: Path) -> AsyncEngine:
    """An engine whose connections cannot write, also from media that cannot be written."""
    return _engine(_name(path), {**_read_only(path), "uri": "true"}, "BEGIN", ())


def read_uri(path: Path) -> str:
    """The same for SQLite's own driver."""
    return f"{_name(path)}?{urlencode(_read_only(path))}"


def _name(path: Path) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}"


def _read_only(path: Path) -> dict[str, str]:
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


def write_engine(path: Path) -> AsyncEngine:
    """An engine for the one writer: every commit is on the disk before it returns."""
    return _engine(str(path.absolute()), {}, "BEGIN IMMEDIATE", _WRITER)


def has_wal(path: Path) -> bool:
    """Whether something stands in the file's write-ahead log: the file itself then does not say everything."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _engine(database: str, query: dict[str, str], begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    def configure(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, and deferred; SQLAlchemy's `begin` event does it here.
        connection.isolation_level = None
        try:
            _set(connection, pragmas)
        except BaseException:
            connection.close()
            raise

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    url = URL.create("sqlite+aiosqlite", database=database, query=query)
    # Parameters are bodies of people: they stay out of the driver's error texts.
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    sqlalchemy_event.listen(engine.sync_engine, "connect", configure)
    sqlalchemy_event.listen(engine.sync_engine, "begin", begin_transaction)
    return engine


def _set(connection: Any, pragmas: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    try:
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()
