"""What can go wrong with a ledger, each with a stable code and the place it concerns.

LedgerError
├── LedgerTransient          wait or make room, then run the same command again
│   ├── LedgerInUse          another process holds the lock
│   ├── LedgerUnwritable     the disk is full, the file or its folder may not be written
│   └── ReadStopped          whoever asked did not want to wait any longer
└── LedgerTerminal           running again changes nothing
    ├── LedgerMissing        no file there
    │   └── LedgerBlank      a file, and nothing in it
    ├── NotALedger           a file, but not one of ours
    ├── LedgerNewer          written by a newer version of this program
    ├── LedgerOlder          written by an older version, and not brought up to date yet
    ├── LedgerDamaged        SQLite itself cannot read it
    ├── VerificationFailed   chain, payloads or projections do not add up
    └── AppendRefused        the triggers refused an event: a defect of ours
"""

from pathlib import Path
from typing import ClassVar

INTERRUPTED = "interrupted"
"""The code of a run that could still say that somebody stopped it."""


class LedgerError(Exception):
    """Base of every error of the ledger; `code` is stable across releases."""

    code: ClassVar[str] = "ledger_error"


class LedgerTransient(LedgerError):
    """Nothing is lost; the same command can be run again once the cause is gone."""


class LedgerTerminal(LedgerError):
    """Repeating the command cannot help."""


class LedgerInUse(LedgerTransient):
    """Another process writes to this ledger."""

    code = "ledger_in_use"

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is in use by {holder}; wait until that run ends, or stop it, then run this again")
        self.path = path
        self.holder = holder


class LedgerUnwritable(LedgerTransient):
    """The file cannot be written: no room, or no right to."""

    code = "ledger_unwritable"

    def __init__(self, path: Path, why: str, remedy: str = "make room or give the right to write") -> None:
        super().__init__(f"{path} cannot be written ({why}); {remedy}, then `resume`")
        self.path = path
        self.why = why


class ReadStopped(LedgerTransient):
    """A query was ended before its answer was there, as whoever asked had said."""

    code = "read_stopped"

    def __init__(self, path: Path) -> None:
        super().__init__(f"reading {path} was stopped before its end; ask again")
        self.path = path


class LedgerMissing(LedgerTerminal):
    """There is no file at the path."""

    code = "ledger_missing"

    def __init__(self, path: Path) -> None:
        super().__init__(f"no ledger at {path}; `load DIR` makes one, --ledger names another")
        self.path = path


class LedgerBlank(LedgerMissing):
    """There is a file, and nothing is in it."""

    code = "ledger_blank"

    def __init__(self, path: Path) -> None:
        LedgerTerminal.__init__(
            self,
            f"nothing is in {path} (its making was cut short, or it was copied without its -wal);"
            f" `load DIR` begins it, `ledger backup` makes whole copies",
        )
        self.path = path


class NotALedger(LedgerTerminal):
    """The file is something else, and is left as it is."""

    code = "not_a_ledger"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not a ledger of this program ({why}); it was left as it is, name another file")
        self.path = path
        self.why = why


class LedgerNewer(LedgerTerminal):
    """A newer program wrote this file; an older one could misread it."""

    code = "ledger_newer"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(f"{path} has schema version {found}, this program knows up to {known}; use the newer program")
        self.path = path
        self.found = found
        self.known = known


class LedgerOlder(LedgerTerminal):
    """An older program wrote this file; its events are all there, the projections of today are not."""

    code = "ledger_older"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} has schema version {found}, this program reads {known};"
            f" run `kartra-to-twenty ledger rebuild` to bring it, or a copy of it, up to date"
        )
        self.path = path
        self.found = found
        self.known = known


class LedgerDamaged(LedgerTerminal):
    """SQLite cannot read the file."""

    code = "ledger_damaged"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read by SQLite ({why}); restore a backup and check it with `verify`")
        self.path = path
        self.why = why


class VerificationFailed(LedgerTerminal):
    """Something was altered, taken away or added outside this program."""

    code = "verification_failed"

    def __init__(self, position: int | None, what: str) -> None:
        where = "the ledger" if position is None else f"position {position}"
        super().__init__(f"{where}: {what}; do not write to this ledger, compare it with a backup")
        self.position = position
        self.what = what


class AppendRefused(LedgerTerminal):
    """The table's own rules refused the events."""

    code = "append_refused"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} refused an event ({why}); nothing was written, please report this")
        self.path = path
        self.why = why
