"""Ledger: the one writer. Appends events with their bodies and folds them, all in one durable transaction."""

import errno
import getpass
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ledger import appending, creation, folding
from ledger.appending import Author, Draft
from ledger.connections import has_wal
from ledger.errors import LedgerMissing, LedgerOlder, LedgerUnwritable
from ledger.events import Event
from ledger.hashing import Head, Payload
from ledger.identifiers import new_run_id
from ledger.lock import writer_lock
from ledger.reader import Reader, check_header
from ledger.writing import Transactions, opened


class Ledger:
    """A ledger open for writing, its lock held. Reading goes through `reader`, which sees every append at once."""

    def __init__(self, transactions: Transactions, reader: Reader, author: Author, head: Head) -> None:
        self.reader = reader
        self.path = author.path
        self.actor = author.actor
        self.run_id = author.run_id
        self.on_append: Callable[[Sequence[Event]], None] = lambda _events: None
        self._transactions = transactions
        self._head = head

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, *, command: str, actor: str | None = None) -> AsyncIterator["Ledger"]:
        """Take the lock, open the ledger (made if there is none, upgraded if it is older) and close it at the end.

        Raises:
            LedgerInUse: another process writes to it.
            NotALedger, LedgerNewer, LedgerDamaged, LedgerUnwritable: the file cannot be used.
        """
        await _refuse_foreign(path)
        _make_folder(path)
        author = Author(path, actor or default_actor(), new_run_id())
        with writer_lock(path, command):
            _make_private(path)
            async with opened(path) as transactions:
                await transactions.run(creation.prepare, author)
                async with Reader.open(path) as reader:
                    yield cls(transactions, reader, author, await reader.head())

    @property
    def head(self) -> Head:
        """The last event appended."""
        return self._head

    async def append(self, drafts: Iterable[Event | Draft], payloads: Iterable[Payload] = ()) -> list[int]:
        """Append events with the bodies they name, and fold them; durable when this returns. Answers the positions.

        Once begun it comes to its end, also while the task is being cancelled; tasks take turns.

        Raises:
            LedgerUnwritable: nothing was appended (no room, no right).
            AppendRefused: nothing was appended; an event is not what its type says, or the table refused it: a defect.
        """
        caused = [draft if isinstance(draft, Draft) else Draft(draft) for draft in drafts]
        if not caused:
            return []
        author = Author(self.path, self.actor, self.run_id)
        heads = await self._transactions.run(appending.append, author, caused, payloads)
        self._head = heads[-1]
        self.on_append([draft.event for draft in caused])
        return [head.position for head in heads]

    async def rebuild(self) -> int:
        """Make the projections anew from every event; answers how many events there were.

        Raises:
            VerificationFailed: an event cannot be read; the projections stay as they were.
        """
        return await self._transactions.run(folding.rebuild)


def default_actor() -> str:
    """Who acts, where nobody said so: user@host, or the user's number where it has no name (as in containers)."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


async def _refuse_foreign(path: Path) -> None:
    # Before anything is opened for writing: a file of another program is left as it is, its journal mode too.
    with suppress(LedgerMissing, LedgerOlder):
        check_header(path)
        if has_wal(path):
            async with Reader.open(path):
                pass


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnwritable(path.parent, error.strerror or str(error)) from error


def _make_private(path: Path) -> None:
    # SQLite gives -wal and -shm the mode of the file they belong to. A file that is there must not be opened and
    # closed: that lets go of every lock this process holds on it.
    try:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path) from None
            path.chmod(0o600)
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error


__all__ = ["Draft", "Ledger", "default_actor"]
