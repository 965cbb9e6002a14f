"""The whole content of a sandbox's database as text, in an order of its own, for comparing before and after."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from adapters.sandbox.tables import quoted


def dump(path: str | Path) -> str:
    """Schema and rows of the database at `path`: one statement or row a line, sorted by name and by key.

    Left out is what cannot come back after a change of the data model and its undoing: metadataVersion (FACTS section
    8), which lives in the file's header. Jobs the queue has not done yet are rows like others.
    """
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return "\n".join(lines(connection)) + "\n"
    finally:
        connection.close()


def lines(connection: sqlite3.Connection) -> Iterator[str]:
    """The lines of the dump of an open database."""
    sql = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    schema = connection.execute(sql).fetchall()
    yield from (f"{statement};" for _, _, statement in schema)
    for kind, name, _ in schema:
        if kind == "table":
            yield from _rows(connection, name)


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")]
    listed = ", ".join(f"quote({quoted(column)})" for column in columns)
    names = ", ".join(columns)
    order = quoted("id")
    for row in connection.execute(f"SELECT {listed} FROM {quoted(table)} ORDER BY {order}"):
        yield f"INSERT INTO {quoted(table)} ({names}) VALUES ({', '.join(row)});"
