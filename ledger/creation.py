"""How a ledger comes to be: today's schema in an empty database, its digest key, and event 1."""

import secrets
import uuid

from sqlalchemy import insert
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from ledger import appending, folding, upgrades, views
from ledger.appending import Author, Draft
from ledger.events import LedgerCreated
from ledger.hashing import sha256
from ledger.tables import APPLICATION_ID, INDEXES, LEDGER_TABLES, SCHEMA_VERSION, TABLES, TRIGGERS, MetaRow

FORMAT = 1
"""Version of what the events mean, kept in LedgerCreated."""


def prepare(connection: Connection, author: Author) -> None:
    """Make a ledger in an empty database, or bring an older one to today's schema."""
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0:
        create_schema(connection)
        _give_birth(connection, author)
    found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if upgrades.upgrade(connection, found) > found:
        folding.recreate(connection)
        folding.refold(connection)


def create_schema(connection: Connection) -> None:
    """Make every table, index, trigger and view of today's schema in an empty database."""
    SQLModel.metadata.create_all(connection, tables=[*LEDGER_TABLES, *TABLES])
    for statement in (*INDEXES, *TRIGGERS):
        connection.exec_driver_sql(statement)
    views.make(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _give_birth(connection: Connection, author: Author) -> None:
    key = secrets.token_bytes(32)
    connection.execute(insert(MetaRow), [{"name": "digest_key", "value": key.hex()}])
    born = LedgerCreated(namespace=str(uuid.uuid4()), format=FORMAT, key_fingerprint=sha256(key))
    appending.append(connection, author, [Draft(born)])
