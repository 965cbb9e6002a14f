"""How every error ends: one line, an exit code, and the tree of what commands themselves refuse.

    CommandError
    ├── WrongUse                 2    arguments, settings, or a state that the command is not for
    │   ├── UnfinishedRun             a run has to be resumed or rolled back first
    │   ├── OtherWorkspace            the ledger belongs to another workspace
    │   ├── ExportGone                a file of the run to resume is gone or changed
    │   └── AutomationsWouldFire      neither asked nor told what to do with automations
    │   ├── Purged                    the bodies were given up when the migration was closed
    ├── StandsAgainst            3    something speaks against signing the migration off
    ├── SchemaConflict           4    Twenty's data model holds something unequal under a name we need
    ├── ElementRefused           4    Twenty refuses to make a field or object that we need
    ├── PreflightRefused         4    key, permission or expiry: a load would be refused half-way (checks/report.py)
    ├── BooksDoNotBalance        1    counts that must add up do not: a defect
    └── Interrupted            130    Ctrl-C or SIGTERM; resumable

Exit codes: 0 done · 1 a defect of ours · 2 wrong use · 3 something left undone · 4 Twenty refused · 5 Twenty
unreachable · 6 verification failed · 7 ledger in use · 8 ledger cannot be written · 130 interrupted.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ledger import errors as ledger_errors

DONE, DEFECT, WRONG_USE, UNDONE, REFUSED, UNREACHABLE, UNVERIFIED, IN_USE, UNWRITABLE, INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    130,
)


class CommandError(Exception):
    """Something a command refuses or cannot finish; `code` is stable."""

    code: ClassVar[str] = "command_error"
    exit_code: ClassVar[int] = DEFECT


class WrongUse(CommandError):
    """The command cannot be run like this, or not now."""

    code = "wrong_use"
    exit_code = WRONG_USE


class UnfinishedRun(WrongUse):
    """Another run was begun and not ended."""

    code = "unfinished_run"

    def __init__(self, run_id: str, command: str) -> None:
        back = "" if command in ("erase", "close") else ", `rollback` takes it back"
        super().__init__(f"run {run_id} ({command}) is unfinished; `resume` goes on with it{back}")
        self.run_id = run_id


class OtherWorkspace(WrongUse):
    """The key opens a workspace this ledger was not made for."""

    code = "other_workspace"

    def __init__(self, bound: str, found: str) -> None:
        super().__init__(
            f"the ledger belongs to workspace {bound}, the key opens {found}; use that workspace's key, or --ledger"
        )
        self.bound = bound
        self.found = found


class ExportGone(WrongUse):
    """A file the run was started with, and has not fully read, is not there as it was."""

    code = "export_gone"

    def __init__(self, path: str, state: str) -> None:
        super().__init__(f"{path} {state} since the run began; put it back as it was, then `resume`")
        self.path = path


class AutomationsWouldFire(WrongUse):
    """Active automations would act on what is created, and nobody said what to do about it."""

    code = "automations_would_fire"

    def __init__(self, names: list[str]) -> None:
        listed = ", ".join(names)
        super().__init__(f"Twenty would act on the created records ({listed}); say --automations pause or leave")
        self.names = names


class Purged(WrongUse):
    """The ledger's bodies were given up: it proves what was done, and takes it back, and moves nothing any more."""

    code = "purged"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"{command}: this migration was closed and its bodies were purged, so nothing can be held against them;"
            " history, verify and rollback still work; another migration needs a new --ledger"
        )


class StandsAgainst(CommandError):
    """The migration is not to be signed off like this; `reasons` say why."""

    code = "stands_against"
    exit_code = UNDONE

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"not signed off: {'; '.join(reasons)}")
        self.reasons = reasons


class SchemaConflict(CommandError):
    """A field or object of a needed name is there and is not what is needed."""

    code = "schema_conflict"
    exit_code = REFUSED

    def __init__(self, name: str, differences: list[str]) -> None:
        what = "; ".join(differences)
        super().__init__(f"Twenty has {name} already, and it differs ({what}); rename it there, or in the mapping")
        self.name = name
        self.differences = differences


class ElementRefused(CommandError):
    """Twenty refuses to make a field or object; `codes` are its reasons."""

    code = "element_refused"
    exit_code = REFUSED

    def __init__(self, name: str, codes: tuple[str, ...]) -> None:
        super().__init__(f"Twenty refuses to make {name} ({', '.join(codes)}); name it otherwise in the mapping")
        self.name = name
        self.codes = codes


class BooksDoNotBalance(CommandError):
    """Rows or records are unaccounted for."""

    code = "books_do_not_balance"

    def __init__(self, imbalances: tuple[str, ...]) -> None:
        super().__init__(f"the books do not balance: {'; '.join(imbalances)}; run `verify`, and report this")
        self.imbalances = imbalances


class Interrupted(CommandError):
    """The operator, or the system, asked the process to stop."""

    code = ledger_errors.INTERRUPTED
    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("interrupted; nothing is lost, `resume` goes on")


def exit_code(error: BaseException) -> int:
    """The exit code an error ends the process with."""
    if isinstance(error, CommandError):
        return error.exit_code
    return next((code for kind, code in _of_neighbours() if isinstance(error, kind)), DEFECT)


def is_ours(error: BaseException) -> bool:
    """Whether the error is one that is told in a line (anything else is a defect)."""
    return isinstance(error, CommandError) or any(isinstance(error, kind) for kind, _ in _of_neighbours())


def error_code(error: BaseException) -> str:
    """The stable code of an error."""
    return str(getattr(error, "code", "defect"))


def _of_neighbours() -> Iterable[tuple[type[Exception], int]]:
    # Every neighbour is loaded to know its errors, so they are asked for where there is one, and not before.
    from commands.exits import EXIT_CODES

    return EXIT_CODES.items()
