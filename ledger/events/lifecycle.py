"""Events of the ledger itself, of runs, of checks and of privacy."""

from collections.abc import Mapping

import msgspec

from ledger.events.base import Event

Setting = str | int | bool | None


# --- ledger ----------------------------------------------------------------------------------------------------------


class LedgerCreated(Event, frozen=True, kw_only=True):
    """Event 1: the namespace Twenty ids derive from, and the fingerprint of the key that e-mails are digested with."""

    namespace: str
    format: int
    key_fingerprint: str


class WorkspaceBound(Event, frozen=True, kw_only=True):
    """The one workspace this ledger writes to, by Twenty's own id."""

    workspace: str


class VerificationMade(Event, frozen=True, kw_only=True):
    """The ledger up to `upto` was recomputed and found whole (only with `verify --record`)."""

    upto: int
    head: str


# --- run -------------------------------------------------------------------------------------------------------------


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was before its first row was read."""

    file: str
    path: str
    kind: str
    size: int
    sha256: str


class RunStarted(Event, frozen=True, kw_only=True):
    """A command began. `mapping_hash` is the mapping's body, if the command needs one."""

    command: str
    settings: Mapping[str, Setting] = {}
    policies: Mapping[str, str] = {}
    mapping_hash: str | None = None
    files: tuple[FileSeen, ...] = ()


class RunResumed(Event, frozen=True, kw_only=True):
    """An interrupted or failed run goes on under the same id."""


class RunCompleted(Event, frozen=True, kw_only=True):
    """The run did all it was asked; `undone` counts what it had to leave (holds, rejects, kept records)."""

    counts: Mapping[str, int] = {}
    undone: int = 0


class RunFailed(Event, frozen=True, kw_only=True):
    """The run stopped by itself; `code` is the error's stable code, the text is the body."""

    code: str
    exit_code: int
    payload_hash: str | None = None


# --- check and privacy -----------------------------------------------------------------------------------------------


class BaselineTaken(Event, frozen=True, kw_only=True):
    """What the workspace held that was not ours, before a run's first record: object → records, the bin included."""

    counts: Mapping[str, int]


class ReconciliationMade(Event, frozen=True, kw_only=True):
    """Ledger and Twenty were compared; the body is the report. Of `erased` records nobody knows what to compare."""

    compared: int
    differences: int
    payload_hash: str
    erased: int = 0


class RollbackProven(Event, frozen=True, kw_only=True):
    """What a rollback (of everything, or of less) left, as read from Twenty afterwards; the body is the report."""

    everything: bool
    exact: bool
    kept: int
    payload_hash: str


class MigrationClosed(Event, frozen=True, kw_only=True):
    """The actor signed the migration off at this head; `reconciled` if it was compared and nothing differed.

    The body, where there is one, says why it was closed in spite of what stood against it. `purged`: every other body
    is erased after this event.
    """

    head: str
    reconciled: bool
    purged: bool = False
    payload_hash: str | None = None


class IdentityErased(Event, frozen=True, kw_only=True):
    """A person's name in the ledger (a number, an e-mail's digest) is suppressed: rows of it are held ever after.

    What her erasure covered stays known, since what led there is gone with her bodies: her `streams`, those of what
    nobody else is of (`alone`), and where rows of hers stood.
    """

    alias: str
    streams: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


class PayloadErased(Event, frozen=True, kw_only=True):
    """A body was erased for a privacy request; its hash, and so the proof, stays."""

    payload_hash: str
