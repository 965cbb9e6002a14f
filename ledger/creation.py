"""How a ledger comes to be: today's schema in an empty database, its digest key, and event 1."""

import secrets
import sqlite3
import uuid

from ledger import appending, folding, upgrades, views
from ledger.appending import Author, Draft
from ledger.events import LedgerCreated
from ledger.hashing import sha256
from ledger.marks import APPLICATION_ID, SCHEMA_VERSION

FORMAT = 1
"""Version of what the events mean, kept in LedgerCreated."""


def prepare(connection: sqlite3.Connection, author: Author) -> None:
    """Make a ledger in an empty database, or bring an older one to today's schema."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        create_schema(connection)
        _give_birth(connection, author)
    [found] = connection.execute("PRAGMA user_version").fetchone()
    if upgrades.upgrade(connection, found) > found:
        folding.rebuild(connection)


def create_schema(connection: sqlite3.Connection) -> None:
    """Make every table, index, trigger and view of today's schema in an empty database."""
    # Loaded by who makes a ledger: who writes to one that is there does without SQLModel.
    from ledger.tables import INDEXES, LEDGER_TABLES, TABLES, TRIGGERS, ddl

    for table in (*LEDGER_TABLES, *TABLES):
        folding.run(connection, [ddl.table(table), *ddl.indexes(table)])
    folding.run(connection, [*INDEXES, *TRIGGERS])
    views.make(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _give_birth(connection: sqlite3.Connection, author: Author) -> None:
    key = secrets.token_bytes(32)
    connection.execute("INSERT INTO meta (name, value) VALUES ('digest_key', ?)", (key.hex(),))
    born = LedgerCreated(namespace=str(uuid.uuid4()), format=FORMAT, key_fingerprint=sha256(key))
    appending.append(connection, author, [Draft(born)])
