"""Reading a ledger without being able to write to it: SQLite's `mode=ro`, many readers beside one writer."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ledger.connections import Session, connected, has_wal, is_open
from ledger.errors import (
    LedgerBlank,
    LedgerMissing,
    LedgerNewer,
    LedgerOlder,
    LedgerUnwritable,
    NotALedger,
    VerificationFailed,
)
from ledger.events import Event, restore
from ledger.hashing import Envelope, Head, digest, unseal
from ledger.marks import APPLICATION_ID, SCHEMA_VERSION

T = TypeVar("T")

_HEADER = 100
"""Bytes of an SQLite file's header."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the ledger holds it."""

    position: int
    run_id: str
    cause: int | None
    recorded_at: str
    actor: str
    prev_hash: str
    hash: str
    event: Event


def check_header(path: Path) -> None:
    """Refuse what its first bytes show to be something else, or nothing yet, before SQLite opens it.

    SQLite would leave files beside another program's database, and could not read a new one whose first page a kill
    left in a journal.

    Raises:
        LedgerMissing, LedgerBlank, NotALedger, LedgerNewer, LedgerUnwritable: no file, nothing in it, not ours, too
            new, or no right to it.
    """
    if path.exists() and is_open(path):
        return
    header = _header(path)
    if header and not (header.startswith(b"SQLite format 3\0") and len(header) == _HEADER):
        raise NotALedger(path, "it is no SQLite file")
    # Offsets 40, 60 and 68: how often the schema changed, user_version, application_id (sqlite.org/fileformat2.html).
    changes, version, application = (int.from_bytes(header[at : at + 4]) for at in (40, 60, 68))
    if has_wal(path) and application == 0:
        return
    if changes == version == application == 0:
        raise LedgerBlank(path)
    _refuse(path, application, version)


def _header(path: Path) -> bytes:
    # A pipe would never answer, and a device must not be made private.
    if path.exists() and not path.is_file():
        raise NotALedger(path, "it is no file")
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)
    except FileNotFoundError as error:
        raise LedgerMissing(path) from error
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error


def _refuse(path: Path, application: int, version: int) -> None:
    if application != APPLICATION_ID:
        raise NotALedger(path, f"application_id is {application}")
    if version > SCHEMA_VERSION:
        raise LedgerNewer(path, version, SCHEMA_VERSION)


class Reader:
    """Queries on one ledger. Every call sees what was committed when it began; tasks take turns."""

    def __init__(self, session: Session) -> None:
        self.path = session.path
        self._session = session

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator["Reader"]:
        """Open a ledger for reading.

        Raises:
            LedgerMissing, LedgerBlank, NotALedger, LedgerNewer, LedgerDamaged: the file is not one this program can
                read.
            LedgerOlder: it can, once it is brought up to date.
        """
        check_header(path)
        async with connected(path) as connection:
            reader = cls(Session(path, connection))
            await reader.check()
            yield reader

    async def end_when(self, over: Callable[[], bool]) -> None:
        """Have queries end with ReadStopped once `over` says so; it is asked from another thread."""
        await self._session.end_when(over)

    async def check(self) -> None:
        """Refuse a file that is something else, or of another schema version than this program's.

        Raises:
            LedgerBlank: nothing is in it.
            NotALedger, LedgerNewer, LedgerOlder: it was made by another program, or by another version of this one.
        """
        application = await self.scalar("PRAGMA application_id")
        version = await self.scalar("PRAGMA user_version")
        if application == version == 0 and await self.scalar("SELECT count(*) FROM sqlite_master") == 0:
            raise LedgerBlank(self.path)
        _refuse(self.path, application, version)
        if version < SCHEMA_VERSION:
            raise LedgerOlder(self.path, version, SCHEMA_VERSION)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator["Reader"]:
        """A reader all of whose calls see what was committed when the first of them began: counts that must agree.

        The ledger's log cannot be taken into its file as long as it is open.
        """
        async with self._session.snapshot() as held:
            yield Reader(held)

    async def rows(self, statement: str, **params: Any) -> list[Mapping[str, Any]]:
        """All rows of a query, as mappings."""
        return await self._session.rows(statement, params)

    async def fetch(self, kind: type[T], statement: str, **params: Any) -> list[T]:
        """All rows of a query, as structs; columns the struct does not have are passed over."""
        return msgspec.convert(await self.rows(statement, **params), list[kind])  # type: ignore[valid-type]

    async def scalar(self, statement: str, **params: Any) -> Any:
        """The first column of the first row, or None."""
        rows = await self.rows(statement, **params)
        return next(iter(rows[0].values())) if rows else None

    async def head(self) -> Head:
        """The last event.

        Raises:
            VerificationFailed: there is none, and a ledger always has its first.
        """
        rows = await self.rows("SELECT position, hash FROM event ORDER BY position DESC LIMIT 1")
        if not rows:
            raise VerificationFailed(None, "it holds no events")
        return msgspec.convert(rows[0], Head)

    async def read(self, after: int = 0, where: str = "TRUE", **params: Any) -> AsyncIterator[Recorded]:
        """Events in order, in pages: those behind `after` for which the SQL condition `where` holds."""
        page = f"SELECT * FROM event WHERE position > :after AND ({where}) ORDER BY position LIMIT 1000"
        while rows := await self.rows(page, after=after, **params):
            for row in rows:
                yield recorded(row)
            after = rows[-1]["position"]

    async def find(self, position: int) -> Recorded | None:
        """The event at a position."""
        rows = await self.rows("SELECT * FROM event WHERE position = :position", position=position)
        return recorded(rows[0]) if rows else None

    async def envelope(self, payload_hash: str) -> Envelope | None:
        """A body's envelope, or None where the body was erased."""
        body = await self.scalar("SELECT body FROM payload WHERE hash = :hash", hash=payload_hash)
        return None if body is None else unseal(body)

    async def envelopes(self, hashes: list[str]) -> dict[str, Envelope]:
        """Several bodies at once; erased ones are missing from the answer."""
        wanted = "SELECT hash, body FROM payload WHERE hash IN (SELECT value FROM json_each(:hashes))"
        rows = await self.rows(wanted, hashes=msgspec.json.encode(hashes).decode())
        return {row["hash"]: unseal(row["body"]) for row in rows}

    async def namespace(self) -> str:
        """The UUID that the ids of our records derive from."""
        return str(await self.scalar("SELECT json_extract(data, '$.namespace') FROM event WHERE position = 1"))

    async def workspace(self) -> str | None:
        """The id of the one workspace this ledger writes to, once it is bound."""
        found = await self.scalar(
            "SELECT json_extract(data, '$.workspace') FROM event WHERE type = 'WorkspaceBound' LIMIT 1"
        )
        return None if found is None else str(found)

    async def digest(self, text: str) -> str:
        """The keyed digest that stands for a personal identity in this ledger's events."""
        return digest(await self.digest_key(), text)

    async def digest_key(self) -> bytes:
        """The key of this ledger's digests."""
        return bytes.fromhex(str(await self.scalar("SELECT value FROM meta WHERE name = 'digest_key'")))


def recorded(row: Mapping[str, Any]) -> Recorded:
    """A row of `event` as an event.

    Raises:
        VerificationFailed: it cannot be read as one.
    """
    own = {name: row[name] for name in ("position", "run_id", "cause", "recorded_at", "actor", "prev_hash", "hash")}
    return Recorded(**own, event=restore(row))


__all__ = ["Head", "Reader", "Recorded", "recorded"]
