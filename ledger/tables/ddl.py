"""What makes the tables, as SQLite's own statements."""

from collections.abc import Iterator

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

_DIALECT = sqlite.dialect(paramstyle="qmark")

_FOLDING = frozenset({"record_stream", "change_record"})
"""The indexes by which folds find rows; a table that is filled from zero does without the others until it is full."""


def table(made: Table, schema: str = "") -> str:
    """The statement that makes a table, in another schema where one is named."""
    return _placed(str(CreateTable(made).compile(dialect=_DIALECT)), "TABLE", schema)


def indexes(made: Table, schema: str = "", *, folding: bool | None = None) -> Iterator[str]:
    """The statements that make a table's indexes: all, those that folds need, or the others."""
    for index in sorted(made.indexes, key=str):
        if folding is None or folding == (index.name in _FOLDING):
            yield _placed(str(CreateIndex(index).compile(dialect=_DIALECT)), "INDEX", schema)


def _placed(statement: str, kind: str, schema: str) -> str:
    return statement.strip().replace(f"CREATE {kind} ", f"CREATE {kind} {schema}." if schema else f"CREATE {kind} ", 1)
