"""The one place where errors of the database driver become the ledger's own."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import (
    AppendRefused,
    LedgerDamaged,
    LedgerError,
    LedgerInUse,
    LedgerUnwritable,
    NotALedger,
    ReadStopped,
)

_UNWRITABLE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")


def translate(path: Path, error: sqlite3.Error) -> LedgerError:
    """The ledger's error for one of SQLite's, told by SQLite's own error name."""
    name = getattr(error, "sqlite_errorname", None)
    if name is None:
        # Raised by the driver, not by SQLite; its text may quote a value.
        return LedgerDamaged(path, "it holds a value that cannot be read")
    if name.startswith(_UNWRITABLE):
        return LedgerUnwritable(path, str(error))
    if name == "SQLITE_INTERRUPT":
        return ReadStopped(path)
    if name == "SQLITE_NOTADB":
        return NotALedger(path, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LedgerInUse(path, "another program that writes to the file")
    if name.startswith(("SQLITE_CONSTRAINT", "SQLITE_TOOBIG")):
        return AppendRefused(path, str(error))
    return LedgerDamaged(path, str(error))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise the ledger's errors in place of the driver's, with the original as cause."""
    try:
        yield
    except Exception as error:
        # SQLAlchemy's errors carry the driver's own as `orig`; whoever only reads has not loaded SQLAlchemy.
        driver = getattr(error, "orig", error)
        if isinstance(driver, sqlite3.Error):
            raise translate(path, driver) from error
        raise
