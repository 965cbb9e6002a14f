"""The driver's errors, each as the ledger's own: by SQLite's name for it, never by its text."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.errors import AppendRefused, LedgerDamaged, LedgerError, LedgerInUse, LedgerUnwritable, NotALedger
from ledger.failures import translate, translated

HERE = Path("ledger.db")
NAMES = {
    "SQLITE_FULL": LedgerUnwritable,
    "SQLITE_READONLY_DBMOVED": LedgerUnwritable,
    "SQLITE_IOERR_WRITE": LedgerUnwritable,
    "SQLITE_CANTOPEN_ISDIR": LedgerUnwritable,
    "SQLITE_PERM": LedgerUnwritable,
    "SQLITE_NOTADB": NotALedger,
    "SQLITE_BUSY_SNAPSHOT": LedgerInUse,
    "SQLITE_LOCKED": LedgerInUse,
    "SQLITE_CONSTRAINT_TRIGGER": AppendRefused,
    "SQLITE_TOOBIG": AppendRefused,
    "SQLITE_CORRUPT_VTAB": LedgerDamaged,
    "SQLITE_ERROR": LedgerDamaged,
}


def of(name: str | None) -> sqlite3.Error:
    """An error of the driver's under one of SQLite's names, or raised by the driver itself."""
    error = sqlite3.OperationalError("it went wrong")
    if name is not None:
        error.sqlite_errorname = name
    return error


@pytest.mark.parametrize("name", NAMES)
def test_each_name_has_its_error(name: str) -> None:
    """What SQLite calls it decides, extended codes too; the place and its words are kept."""
    told = translate(HERE, of(name))
    assert type(told) is NAMES[name]
    assert getattr(told, "path", None) == HERE
    if isinstance(told, LedgerInUse):
        assert told.holder == "another program that writes to the file"
    else:
        assert getattr(told, "why", None) == "it went wrong"


def test_a_value_is_never_quoted() -> None:
    """Errors of the driver itself quote what they could not read: those words are left out."""
    told = translate(HERE, of(None))
    assert isinstance(told, LedgerDamaged)
    assert (told.path, told.why) == (HERE, "it holds a value that cannot be read")


def test_the_driver_shows_only_as_the_cause() -> None:
    """Raised by the driver or through SQLAlchemy, it is the ledger's error that goes on; other errors go on as such."""
    plain, wrapped = of("SQLITE_FULL"), OperationalError("SELECT 1", {}, of("SQLITE_BUSY"))
    for raised, kind in ((plain, LedgerUnwritable), (wrapped, LedgerInUse)):
        with pytest.raises(kind) as failure, translated(HERE):
            raise raised
        assert failure.value.__cause__ is raised
        assert isinstance(failure.value, LedgerError)
    for other in (DBAPIError("SELECT 1", {}, RuntimeError("no")), KeyError("x")):
        with pytest.raises(type(other)) as kept, translated(HERE):
            raise other
        assert kept.value is other
