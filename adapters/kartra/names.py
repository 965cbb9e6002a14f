"""Names and the small numbers they stand for: in memory while they are few, on disk when they are many."""

import sqlite3
from typing import Final

_IN_MEMORY: Final = 20_000
"""Names that are kept in memory: some four megabytes."""

_TABLE = "CREATE TABLE name (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID"


class Names:
    """A dictionary of numbers by name that holds no more than some thousand names in memory.

    The others are in a temporary database of this object's own: a file without a name that only this user can read
    and that is gone with the process. A name costs some microseconds there, and no memory.
    """

    def __init__(self, most: int = _IN_MEMORY) -> None:
        self._most = most
        self._recent: dict[str, int] = {}
        self._table: sqlite3.Connection | None = None

    def get(self, name: str) -> int | None:
        """The number of a name."""
        found = self._recent.get(name)
        if found is None and self._table is not None:
            row = self._table.execute("SELECT value FROM name WHERE name = ?", (name,)).fetchone()
            return None if row is None else int(row[0])
        return found

    def put(self, name: str, value: int) -> None:
        """Give a name a number, or another one."""
        self._recent[name] = value
        if len(self._recent) > self._most:
            self._move_out()

    def without(self, bits: int) -> None:
        """Take some bits out of every number."""
        self._recent = {name: value & ~bits for name, value in self._recent.items()}
        if self._table is not None:
            self._table.execute("UPDATE name SET value = value & ~? WHERE value & ?", (bits, bits))

    def _move_out(self) -> None:
        if self._table is None:
            # One user at a time, whichever thread it is in.
            self._table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._table.execute("PRAGMA journal_mode = OFF")
            self._table.execute(_TABLE)
        # In the order of the table, so that a page of it is written once.
        moved = sorted(self._recent.items())
        self._table.execute("BEGIN")
        self._table.executemany("INSERT OR REPLACE INTO name VALUES (?, ?)", moved)
        self._table.execute("COMMIT")
        self._recent.clear()

    def __del__(self) -> None:
        if self._table is not None:
            self._table.close()
