"""Numbered SQL, one file a schema version: the way from any older ledger to today's tables.

A new ledger is made from the tables themselves; a test holds that both ways give the same schema.
"""

import sqlite3
from importlib import resources


def scripts(after: int) -> list[tuple[int, str]]:
    """The upgrades behind a schema version, in order."""
    files = (item for item in resources.files(__name__).iterdir() if item.name.endswith(".sql"))
    numbered = sorted((int(item.name.split("_")[0]), item.read_text(encoding="utf-8")) for item in files)
    return [(version, text) for version, text in numbered if version > after]


def upgrade(connection: sqlite3.Connection, found: int) -> int:
    """Bring a ledger's schema to the newest version; answers that version."""
    for version, text in scripts(found):
        for statement in filter(None, map(str.strip, text.split("\n\n"))):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        found = version
    return found
