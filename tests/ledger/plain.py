"""A plain SQLite client, as anybody has one: it knows nothing of the ledger's code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any


def query(path: Path, statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """All rows of a statement that reads."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, params).fetchall()


def execute(path: Path, statement: str, *params: Any) -> None:
    """Run one statement that writes, in its own transaction."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, params)


def take_away(path: Path, *hashes: str) -> None:
    """Delete bodies, as the ledger does once their erasure is on record; its trigger refuses before."""
    for one in hashes:
        execute(path, "DELETE FROM payload WHERE hash = ?", one)


def dump(path: Path, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of some tables, or of all, in the order of the table."""
    names = tables or tuple(row[0] for row in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'"))
    return {name: query(path, f"SELECT * FROM {name} ORDER BY 1, 2") for name in names}


@contextmanager
def forced(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose owner dropped every trigger, and puts them back afterwards so that nothing shows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
