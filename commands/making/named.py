"""Companies that rows named, in order of first naming, and the rows: in memory while they are few, then on disk."""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from adapters.mapping import Company
from adapters.mapping.distinct import temporary

_IN_MEMORY: Final = 5_000
"""Rows that are kept in memory: they name as many companies at most, which is some three megabytes."""
_PAGE = 500
_TABLES = (
    """CREATE TABLE company (at INTEGER PRIMARY KEY, stream TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
      name TEXT NOT NULL)""",
    "CREATE TABLE naming (company INTEGER NOT NULL, rows BLOB NOT NULL)",
    "CREATE INDEX naming_company ON naming (company)",
)
_COMPANY = "INSERT OR IGNORE INTO company (stream, key, name) VALUES (?, ?, ?)"
_NAMING = "INSERT INTO naming SELECT at, ?2 FROM company WHERE stream = ?1"
_COMPANIES = "SELECT at, stream, key, name FROM company WHERE at > ? ORDER BY at LIMIT ?"
_ROWS = "SELECT company, rows FROM naming WHERE company BETWEEN ? AND ? ORDER BY company, rowid"


class Named(NamedTuple):
    """A company that rows named, and the rows' numbers."""

    company: Company
    rows: "array[int]"


class NamedCompanies:
    """What rows named, by the company's stream; no more than some thousand rows are held in memory."""

    def __init__(self, most: int = _IN_MEMORY) -> None:
        self._most = most
        self._recent: dict[str, Named] = {}
        self._count = 0
        self._database: sqlite3.Connection | None = None

    def add(self, stream: str, company: Company, rows: Iterable[int]) -> None:
        """Take in that rows of these numbers named a company."""
        if self._count > self._most:
            self._move_out()
        named = self._recent.get(stream)
        if named is None:
            named = self._recent[stream] = Named(company, array("Q"))
        before = len(named.rows)
        named.rows.extend(rows)
        self._count += len(named.rows) - before

    def __contains__(self, stream: str) -> bool:
        if stream in self._recent:
            return True
        if self._database is None:
            return False
        return self._database.execute("SELECT 1 FROM company WHERE stream = ?", (stream,)).fetchone() is not None

    def pages(self) -> Iterator[list[tuple[str, Named]]]:
        """The companies by their streams, in order; what was named last has to be so by now."""
        database = self._move_out()
        after = 0
        while found := database.execute(_COMPANIES, (after, _PAGE)).fetchall():
            first, after = found[0][0], found[-1][0]
            rows: dict[int, array[int]] = {at: array("Q") for at, *_ in found}
            for at, some in database.execute(_ROWS, (first, after)):
                rows[at].frombytes(some)
            yield [(stream, Named(Company(key=key, name=name), rows[at])) for at, stream, key, name in found]

    def _move_out(self) -> sqlite3.Connection:
        database = self._database = self._database or temporary(*_TABLES)
        named = [(stream, one.company.key, one.company.name) for stream, one in self._recent.items()]
        database.execute("BEGIN")
        database.executemany(_COMPANY, named)
        database.executemany(_NAMING, ((stream, one.rows.tobytes()) for stream, one in self._recent.items()))
        database.execute("COMMIT")
        self._recent.clear()
        self._count = 0
        return database

    def __del__(self) -> None:
        if self._database is not None:
            self._database.close()
