"""Distinct texts in order of first sight: in memory while they are few, on disk when they are many."""

import sqlite3
from collections.abc import Iterator
from typing import Final

_IN_MEMORY: Final = 20_000
"""Texts that are kept in memory: some three megabytes."""

_TABLE = "CREATE TABLE seen (at INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE)"
_ANYTHING: Final = ("utf-8", "surrogatepass")
"""A text may be no Unicode, before anybody looked at it."""


def temporary(*statements: str) -> sqlite3.Connection:
    """A database of one owner's own: a file without a name that only this user can read, gone with the process.

    It is written to disk once it is larger than two megabytes.
    """
    # One user at a time, whichever thread it is in.
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    for statement in statements:
        database.execute(statement)
    return database


class Distinct:
    """The keys of a dictionary, in order, of which no more than some thousand are held in memory."""

    def __init__(self, most: int = _IN_MEMORY) -> None:
        self._most = most
        self._recent: dict[str, None] = {}
        self._database: sqlite3.Connection | None = None

    def add(self, text: str) -> None:
        """Take in a text, if it is new."""
        if text in self._recent:
            return
        self._recent[text] = None
        if len(self._recent) > self._most:
            self._move_out()

    def __iter__(self) -> Iterator[str]:
        """Every text once. None may be added meanwhile."""
        if self._database is None:
            return iter(self._recent)
        self._move_out()
        return (text.decode(*_ANYTHING) for (text,) in self._database.execute("SELECT text FROM seen ORDER BY at"))

    def _move_out(self) -> None:
        if self._database is None:
            self._database = temporary(_TABLE)
        self._database.execute("BEGIN")
        texts = ((text.encode(*_ANYTHING),) for text in self._recent)
        self._database.executemany("INSERT OR IGNORE INTO seen (text) VALUES (?)", texts)
        self._database.execute("COMMIT")
        self._recent.clear()

    def __del__(self) -> None:
        if self._database is not None:
            self._database.close()
