"""How the ledger is written: an engine of SQLAlchemy's on SQLite, and its transactions, one at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ledger import failures
from ledger.connections import counted, file_uri, read_only

_WRITER = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000")


class Transactions:
    """The transactions of one connection, used by one task at a time.

    One that began comes to its end, also while its task is being cancelled: what was committed is known to be, and the
    connection stays usable.
    """

    def __init__(self, path: Path, connection: AsyncConnection) -> None:
        self._path = path
        self._connection = connection
        self._turn = anyio.Lock(fast_acquire=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Run the block in a transaction: committed at its end, rolled back by an error.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with anyio.CancelScope(shield=True), failures.translated(self._path):
                async with self._connection.begin():
                    yield self._connection


@asynccontextmanager
async def connected(path: Path, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of the engine; both are closed at the end, also while the task is being cancelled.

    Raises:
        LedgerError: the file cannot be opened.
    """
    with anyio.CancelScope(shield=True), failures.translated(path):
        connection = await engine.connect()

    async def close() -> None:
        await connection.close()
        await engine.dispose()

    async with counted(path, close):
        yield connection


def read_engine(path: Path) -> AsyncEngine:
    """An engine whose connections cannot write, also from media that cannot be written."""
    return _engine(file_uri(path), {**read_only(path), "uri": "true"}, "BEGIN", ())


def write_engine(path: Path) -> AsyncEngine:
    """An engine for the one writer: every commit is on the disk before it returns."""
    return _engine(str(path.absolute()), {}, "BEGIN IMMEDIATE", _WRITER)


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
    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin_transaction)
    return engine


def _set(connection: Any, pragmas: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    try:
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()
