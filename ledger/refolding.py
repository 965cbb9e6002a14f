"""Projections held against a fold of all events from zero, made in temporary tables beside them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from ledger import folding, recomputing
from ledger.errors import VerificationFailed
from ledger.recomputing import Fault, Over
from ledger.tables import TABLES, ddl

ALL = frozenset(str(table.name) for table in TABLES)

APART = frozenset({"record", "hold"})
"""What another process can fold meanwhile: records take as long as all the others; their folds ask the holds only."""

BESIDE = ALL - {"record"}
"""What is left then. No fold of these asks the records."""


def differing(
    connection: sqlite3.Connection, tables: frozenset[str], progress: Callable[[int], None] = lambda _position: None
) -> Fault | None:
    """Fold events into these tables, and tell which differ from the ledger's own.

    All events are read, save where records are folded apart: then who folds the others reads them.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    make(connection, tables)
    if tables == ALL:
        folding.refold(connection, progress)
    else:
        folding.refold_some(connection, tables, read_all=tables != APART, progress=progress)
    names = [str(table.name) for table in TABLES if table.name in tables and _differ(connection, table.name)]
    if not names:
        return None
    return Fault(None, f"projections differ from a fold of the events: {', '.join(names)}; `ledger rebuild`")


def differing_apart(path: Path, tables: frozenset[str], over: Over) -> Fault | None:
    """The same on a connection of its own."""
    with recomputing.apart(path, over) as connection:
        prepare(connection)
        try:
            return differing(connection, tables)
        except VerificationFailed as failed:
            return Fault(failed.position, failed.what)


def prepare(connection: sqlite3.Connection) -> None:
    """See one moment from here on; what is folded needs no more room in memory than any other table."""
    folding.run(connection, ["PRAGMA temp.cache_size = -64000", "BEGIN"])


def make(connection: sqlite3.Connection, tables: frozenset[str]) -> None:
    """Make temporary tables; unqualified names find them first, so folds fill these and leave the ledger's alone."""
    for table in TABLES:
        if table.name in tables:
            folding.run(connection, [ddl.table(table, "temp"), *ddl.indexes(table, "temp", folding=True)])


def _differ(connection: sqlite3.Connection, table: str) -> bool:
    for one, other in (("main", "temp"), ("temp", "main")):
        query = f"SELECT 1 FROM (SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table}) LIMIT 1"
        if connection.execute(query).fetchone() is not None:
            return True
    return False
