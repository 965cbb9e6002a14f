"""How the ledger is written: transactions on a connection of SQLite's driver, each a plain function in a thread.

So a transaction leaves the event loop once, however many statements it has, and calls go on beside it.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import anyio

from ledger import failures
from ledger.connections import counted

P = ParamSpec("P")
T = TypeVar("T")

# Keys are hashes and ids, so a batch touches pages all over the indexes: 32 MB of them are kept at hand, and a page
# that many batches touch goes from the log into the file once in 4,000 (16 MB), not once in 1,000.
_WRITER = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "busy_timeout = 5000",
    "cache_size = -32000",
    "wal_autocheckpoint = 4000",
)


class Transactions:
    """The transactions of one connection, one at a time.

    One that began comes to its end, also while its task is being cancelled: what was committed is known to be, and the
    connection stays usable.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._turn = anyio.Lock(fast_acquire=True)

    async def run(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **options: P.kwargs
    ) -> T:
        """Run a function in a transaction, in a thread: committed at its end, rolled back by an error.

        Raises:
            LedgerError: in place of the driver's errors.
        """
        async with self._turn:
            with failures.translated(self._path):
                # Shielded: what runs in a thread is waited for.
                return await anyio.to_thread.run_sync(lambda: self._transact(function, *args, **options))

    def _transact(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **options: P.kwargs
    ) -> T:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = function(self._connection, *args, **options)
            self._connection.execute("COMMIT")
        except BaseException:
            # Some errors (no room, no disk) have SQLite roll back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return result


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Transactions]:
    """The transactions of the one writer, every commit on the disk before it returns; closed at the end.

    Raises:
        LedgerError: the file cannot be opened.
    """
    with anyio.CancelScope(shield=True), failures.translated(path):
        connection = await anyio.to_thread.run_sync(_connect, path)

    async def close() -> None:
        await anyio.to_thread.run_sync(connection.close)

    async with counted(path, close):
        yield Transactions(path, connection)


def _connect(path: Path) -> sqlite3.Connection:
    # The driver would begin transactions by itself, and deferred. Threads take turns, held by a lock.
    connection = sqlite3.connect(path.absolute(), isolation_level=None, check_same_thread=False)
    try:
        for pragma in _WRITER:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
