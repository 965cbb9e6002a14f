"""What the program asks of a ledger, and how SQLite goes about it."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.reader import Reader

Queries = dict[str, Mapping[str, Any]]
"""Statements, each with the parameters it came with."""


@contextmanager
def asked() -> Iterator[Queries]:
    """Keeps every query that any reader of this process sends."""
    found: Queries = {}
    send = Reader.rows

    async def rows(self: Reader, statement: str, **params: Any) -> list[Mapping[str, Any]]:
        found.setdefault(statement, params)
        return await send(self, statement, **params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "rows", rows)
        yield found


class _Anything(dict[str, Any]):
    def __missing__(self, _: str) -> None:
        return None


def steps(path: Path, statement: str, params: Mapping[str, Any] | None = None) -> list[str]:
    """The steps SQLite takes for a statement, as EXPLAIN QUERY PLAN words them; what is not said is null."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", _Anything(params or {}))]


def scans(path: Path, table: str, statement: str, params: Mapping[str, Any] | None = None) -> list[str]:
    """The steps that go through the whole of a table, or of an index of it, under whatever name it goes there."""
    names = {table, *re.findall(rf"\b{table}\s+AS\s+(\w+)", statement, re.IGNORECASE)}
    # An automatic index is made of the whole table, for this one query.
    whole = r"(?:SCAN (?=\w+)|SEARCH (?=\w+ USING AUTOMATIC ))(\w+)(?: .*)?"
    found = [re.fullmatch(whole, one) for one in steps(path, statement, params)]
    return [match[0] for match in found if match is not None and match[1] in names]
