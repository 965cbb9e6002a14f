"""Which company every spelling of an account is of. Rules: `companies`; names and keys are on disk where they are many.

What is settled of one folded name hangs on no other, so they are gone through one by one, as a database sorts them.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from adapters.mapping.companies import STREAM, Company, CompanyKey, company_key, company_name
from adapters.mapping.distinct import temporary

_REMEMBERED = 1 << 12
_TABLES = (
    """CREATE TABLE spelling (at INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, base TEXT NOT NULL, form TEXT NOT NULL,
      key TEXT NOT NULL, shown TEXT NOT NULL)""",
    "CREATE TABLE known (at INTEGER PRIMARY KEY, base TEXT NOT NULL, form TEXT NOT NULL, stream TEXT NOT NULL)",
    "CREATE INDEX spelling_base ON spelling (base, form)",
    "CREATE INDEX spelling_key ON spelling (key)",
)
_SPELLED = "INSERT OR IGNORE INTO spelling (name, base, form, key, shown) VALUES (?1, ?2, ?3, ?4, ?1)"
_KNOWN = "INSERT INTO known (base, form, stream) VALUES (?, ?, ?)"
# What the ledger knows stands already. Forms are settled before bare names, so that these see every form there is.
_KEYS = """SELECT base, form, stream, 0 AS rank, at FROM known UNION ALL
  SELECT base, form, NULL, CASE form WHEN '' THEN 2 ELSE 1 END, min(at) FROM spelling GROUP BY base, form
  ORDER BY base, rank, at"""
_JOIN = "UPDATE spelling SET key = ? WHERE base = ? AND form = ?"
_NAME = """UPDATE spelling
  SET shown = (SELECT name FROM spelling AS one WHERE one.key = spelling.key ORDER BY at LIMIT 1)
  WHERE key IN (SELECT key FROM spelling GROUP BY key HAVING count(*) > 1)"""
_RENAME = "UPDATE spelling SET shown = ? WHERE key = ?"


class LookAlike(msgspec.Struct, frozen=True, kw_only=True):
    """Companies that a person may want to look at: one name, several legal forms. Keys in order of first sight."""

    base: str
    keys: tuple[str, ...]


class _Key(NamedTuple):
    """A key with its stream in the ledger, or one that is spelled; its turn to be settled, and where it came first."""

    base: str
    form: str
    stream: str | None
    rank: int
    at: int

    @property
    def alias(self) -> str:
        return f"{STREAM}{CompanyKey(self.base, self.form)}"


class Assignment:
    """Which company every spelling (cleaned, on one line) belongs to, what that teaches, and what looks alike.

    `aliases` maps an alias the ledger has not got to its stream.
    """

    def __init__(self, names: Iterable[str], known: Mapping[str, str]) -> None:
        self._database = temporary(*_TABLES)
        self._found = lru_cache(maxsize=_REMEMBERED)(partial(_found, self._database))
        self._run(_SPELLED, ((name, *(key := company_key(name)), str(key)) for name in names))
        self._run(_KNOWN, ((*_parse(alias), stream) for alias, stream in known.items()))
        self.aliases, self.look_alikes = self._settle(known)

    def of(self, spelling: str) -> Company | None:
        """The company of a spelling among those assigned; None for a cell that names none.

        Raises:
            KeyError: it is not among them.
        """
        name = company_name(spelling)
        return self._found(name) if name else None

    def rename(self, names: Iterable[tuple[str, str]]) -> None:
        """Give companies, by their keys, other names than their first spellings."""
        self._run(_RENAME, ((name, key) for key, name in names))
        self._found.cache_clear()

    @property
    def by_spelling(self) -> dict[str, Company]:
        """The company of every spelling, in order of first sight."""
        rows = self._database.execute("SELECT name, key, shown FROM spelling ORDER BY at")
        return {name: Company(key=key, name=shown) for name, key, shown in rows}

    @property
    def companies(self) -> tuple[Company, ...]:
        """Every company once, in order of first sight."""
        rows = self._database.execute("SELECT key, shown FROM spelling GROUP BY key ORDER BY min(at)")
        return tuple(Company(key=key, name=shown) for key, shown in rows)

    def _settle(self, known: Mapping[str, str]) -> tuple[dict[str, str], tuple[LookAlike, ...]]:
        """Join the spellings of each company; answers what the ledger is to learn, and what is alike."""
        joined: list[tuple[_Key, str]] = []
        several: list[tuple[_Key, dict[str, str]]] = []
        for _base, group in groupby(map(_Key._make, self._database.execute(_KEYS)), attrgetter("base")):
            keys = list(group)
            forms = _settled(keys)
            joined += [(key, forms[key.form]) for key in keys if key.stream is None and forms[key.form] != key.alias]
            several += [(keys[0], forms)] if len(set(forms.values())) > 1 else []
        self._run(_JOIN, ((_key_of(stream), key.base, key.form) for key, stream in joined))
        self._run(_NAME, [()])
        joined.sort(key=lambda one: one[0].at)
        several.sort(key=lambda one: (one[0].rank, one[0].at))
        news = {key.alias: stream for key, stream in joined if key.alias not in known}
        return news, tuple(_look_alike(key.base, forms.values()) for key, forms in several)

    def _run(self, statement: str, rows: Iterable[tuple[str, ...]]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(statement, rows)
        self._database.execute("COMMIT")

    def __del__(self) -> None:
        self._database.close()


def assign_companies(spellings: Iterable[str], known: Mapping[str, str] | None = None) -> Assignment:
    """Assign every spelling, in order of first sight, to a company.

    `known` maps the aliases the ledger has (`company:<key as spelled>`, streams included) to their streams; a
    spelling once assigned stays with its company, whatever forms turn up later.
    """
    names = (company_name(spelling) for spelling in spellings)
    return Assignment((name for name in names if name), known or {})


def _settled(keys: Iterable[_Key]) -> dict[str, str]:
    """The streams of the forms of one folded name."""
    forms: dict[str, str] = {}
    for key in keys:
        if key.stream is not None:
            forms[key.form] = key.stream
        elif key.form not in forms:
            streams = set(forms.values())
            joins = len(streams) == 1 and (not key.form or set(forms) == {""})
            forms[key.form] = streams.pop() if joins else key.alias
    return forms


def _look_alike(base: str, streams: Iterable[str]) -> LookAlike:
    return LookAlike(base=base, keys=tuple(map(_key_of, dict.fromkeys(streams))))


def _found(database: sqlite3.Connection, name: str) -> Company:
    row = database.execute("SELECT key, shown FROM spelling WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise KeyError(name)
    return Company(key=row[0], name=row[1])


def _key_of(stream: str) -> str:
    return stream.removeprefix(STREAM)


def _parse(alias: str) -> CompanyKey:
    base, _, form = _key_of(alias).partition(" ")
    return CompanyKey(base, form)
