"""Ledger: the one writer. Appends events with their bodies and folds them, all in one durable transaction."""

import getpass
import os
import secrets
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from ledger import failures, folding, upgrades
from ledger.errors import LedgerUnwritable
from ledger.events import Event, LedgerCreated, split
from ledger.hashing import GENESIS, Payload, canonical, chain_hash, sha256
from ledger.identifiers import new_run_id
from ledger.lock import writer_lock
from ledger.reader import Head, Reader
from ledger.tables import APPLICATION_ID, INDEXES, SCHEMA_VERSION, TRIGGERS, EventRow, MetaRow, PayloadRow

FORMAT = 1
"""Version of what the events mean, kept in LedgerCreated."""

_NEW_PAYLOAD = (
    "INSERT INTO payload (hash, body) SELECT :hash, :body WHERE NOT EXISTS (SELECT 1 FROM payload WHERE hash = :hash)"
)


class Draft(msgspec.Struct, frozen=True):
    """An event to append, and the position of the event that led to it."""

    event: Event
    cause: int | None = None


class Ledger:
    """A ledger open for writing, its lock held. Reading goes through `reader`, which sees every append at once."""

    def __init__(self, connection: AsyncConnection, reader: Reader, actor: str, run_id: str) -> None:
        self.reader = reader
        self.path = reader.path
        self.actor = actor
        self.run_id = run_id
        self._connection = connection
        self._head = Head(0, GENESIS)
        self.on_append: Callable[[Sequence[Event]], None] = lambda _events: None

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
        with failures.translated(path), writer_lock(path, command):
            _touch(path)
            engine = _write_engine(path)
            try:
                async with engine.connect() as connection:
                    await _prepare(connection, actor or default_actor())
                    async with Reader.open(path) as reader:
                        ledger = cls(connection, reader, actor or default_actor(), new_run_id())
                        ledger._head = await reader.head()
                        yield ledger
            finally:
                await engine.dispose()

    @property
    def head(self) -> Head:
        """The last event appended."""
        return self._head

    async def append(self, drafts: Iterable[Event | Draft], payloads: Iterable[Payload] = ()) -> list[int]:
        """Append events with the bodies they name, and fold them; durable when this returns. Answers the positions.

        Raises:
            LedgerUnwritable: nothing was appended (no room, no right).
            AppendRefused: the table's rules refused it: a defect.
        """
        caused = [draft if isinstance(draft, Draft) else Draft(draft) for draft in drafts]
        if not caused:
            return []
        rows, folded = self._rows(caused)
        bodies = {payload.hash: {"hash": payload.hash, "body": payload.body} for payload in payloads}
        with failures.translated(self.path):
            async with self._connection.begin():
                await self._connection.run_sync(_write, list(bodies.values()), rows, folded)
        self._head = Head(rows[-1]["position"], rows[-1]["hash"])
        self.on_append([draft.event for draft in caused])
        return [row["position"] for row in rows]

    def _rows(self, drafts: Sequence[Draft]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        position, prev_hash = self._head.position, self._head.hash
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        rows: list[dict[str, Any]] = []
        folded: list[dict[str, Any]] = []
        for draft in drafts:
            position += 1
            envelope = {
                "position": position,
                "cause": draft.cause,
                "run_id": self.run_id,
                "recorded_at": now,
                "actor": self.actor,
            }
            row, own = event_row(draft.event, envelope, prev_hash)
            prev_hash = row["hash"]
            rows.append(row)
            folded.append(folding.parameters(row, own))
        return rows, folded

    async def erase_body(self, payload_hash: str) -> None:
        """Take away a body for which PayloadErased was appended; the table refuses any other.

        Raises:
            AppendRefused: there is no such event.
        """
        with failures.translated(self.path):
            async with self._connection.begin():
                await self._connection.exec_driver_sql("DELETE FROM payload WHERE hash = :hash", {"hash": payload_hash})

    async def rebuild(self) -> int:
        """Empty the projections and fold every event again; answers how many events there were."""
        with failures.translated(self.path):
            async with self._connection.begin():
                await self._connection.run_sync(folding.empty)
                return await self._connection.run_sync(folding.refold)


def event_row(event: Event, envelope: Mapping[str, Any], prev_hash: str) -> tuple[dict[str, Any], dict[str, object]]:
    """An event as a row of `event`, hashed into the chain, and its own attributes."""
    columns, own = split(event)
    row = {"type": type(event).__name__, **envelope, **columns, "data": canonical(own).decode()}
    return {**row, "prev_hash": prev_hash, "hash": chain_hash(prev_hash, row)}, own


def default_actor() -> str:
    """Who acts, where nobody said so: user@host."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _write(
    connection: Connection, bodies: list[dict[str, str]], rows: list[dict[str, Any]], folded: list[dict[str, Any]]
) -> None:
    if bodies:
        connection.exec_driver_sql(_NEW_PAYLOAD, bodies)
    connection.execute(insert(EventRow), rows)
    folding.fold(connection, folded)


async def _refuse_foreign(path: Path) -> None:
    # Before anything is opened for writing: a file of another program is left as it is, its journal mode too.
    if not path.exists() or path.stat().st_size == 0:
        return
    async with Reader.open(path, checked=False) as reader:
        if await reader.scalar("SELECT count(*) FROM sqlite_master"):
            await reader.check()


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnwritable(path.parent, error.strerror or str(error)) from error


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error


def _write_engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", poolclass=NullPool)
    sqlalchemy_event.listen(engine.sync_engine, "connect", _configure)
    sqlalchemy_event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _configure(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, and deferred; `begin` does it at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _prepare(connection: AsyncConnection, actor: str) -> None:
    async with connection.begin():
        tables = (await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")).scalar_one()
        if tables == 0:
            await connection.run_sync(create, actor)
        found = (await connection.exec_driver_sql("PRAGMA user_version")).scalar_one()
        if found < SCHEMA_VERSION:
            await connection.run_sync(upgrades.upgrade, found)


def create_schema(connection: Connection) -> None:
    """Make every table, index and trigger of today's schema in an empty database."""
    SQLModel.metadata.create_all(connection)
    for statement in (*INDEXES, *TRIGGERS):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def create(connection: Connection, actor: str) -> None:
    """Make a ledger in an empty database: its schema, its digest key, and event 1."""
    create_schema(connection)
    key = secrets.token_bytes(32)
    connection.execute(insert(MetaRow), [{"name": "digest_key", "value": key.hex()}])
    born = LedgerCreated(namespace=str(uuid.uuid4()), format=FORMAT, key_fingerprint=sha256(key))
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    envelope = {"position": 1, "cause": None, "run_id": new_run_id(), "recorded_at": now, "actor": actor}
    row, own = event_row(born, envelope, GENESIS)
    _write(connection, [], [row], [folding.parameters(row, own)])


__all__ = ["Draft", "Ledger", "PayloadRow", "create", "create_schema", "default_actor"]
