"""Every event type by its name, and how a stored event becomes one again."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ledger.errors import VerificationFailed
from ledger.events.base import COLUMNS, Event
from ledger.events.intake import (
    ExportRead,
    ExportRegistered,
    HoldAbandoned,
    HoldCorrected,
    IdentityLinked,
    IdentityMoved,
    MappingConfirmed,
    Note,
    RecordRedacted,
    RecordWithdrawn,
    RowExtracted,
    RowHeld,
    RowRedacted,
    RowReleased,
    RowSetAside,
    RowTransformed,
    StreamGone,
    StreamReturned,
)
from ledger.events.lifecycle import (
    BaselineTaken,
    FileSeen,
    IdentityErased,
    LedgerCreated,
    MigrationClosed,
    PayloadErased,
    ReconciliationMade,
    RollbackProven,
    RunCompleted,
    RunFailed,
    RunResumed,
    RunStarted,
    Setting,
    VerificationMade,
    WorkspaceBound,
)
from ledger.events.outside import (
    Action,
    AutomationIntended,
    AutomationLost,
    AutomationPaused,
    AutomationResumed,
    BatchIntended,
    DisplacementIntended,
    DisplacementSpared,
    Element,
    FieldCreated,
    Intended,
    ObjectCreated,
    OptionsAdded,
    RecordAdopted,
    RecordCreated,
    RecordDisplaced,
    RecordRejected,
    RecordSkipped,
    RecordUpdated,
    RelationCreated,
    SchemaAdopted,
    SchemaIntended,
)
from ledger.events.shapes import shape_of
from ledger.events.undoing import (
    Compensated,
    CompensationIntended,
    CompensationKept,
    DisplacedReturned,
    LossNoted,
    RecordDeleted,
    RecordLost,
    RecordRestored,
    RecordReturned,
    RecordUnlinked,
    RemovalIntended,
    SchemaRemoved,
    TracesNoted,
    TracesRemoved,
)
from ledger.hashing import Chained

EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
"""Every event type by its name."""


def split(event: Event) -> tuple[dict[str, str | None], dict[str, Any]]:
    """Part an event into the values of its columns and its own attributes, plain values all."""
    shape = shape_of(type(event))
    return shape.columns_of(event), msgspec.to_builtins(shape.attributes_of(event))


def bodies(event: Event) -> list[str]:
    """The hash of every body the event names: its own, and those of a batch's items."""
    named = shape_of(type(event)).bodies_of(event)
    body: str | None = getattr(event, "payload_hash", None)
    return named if body is None else [body, *named]


def join(type_name: str, columns: Mapping[str, str | None], data: str) -> Event:
    """Put an event together again from its columns and its `data`.

    Raises:
        KeyError: the type is not known.
        msgspec.MsgspecError: a value is missing or of the wrong type.
    """
    shape = shape_of(EVENTS[type_name])
    shape.check([columns[name] for name in shape.columns])
    own = msgspec.structs.asdict(shape.read(data))
    return shape.kind(**own, **{name: columns[name] for name in shape.columns})


def restore(row: Mapping[str, Any]) -> Event:
    """The event that a row of `event` holds.

    Raises:
        VerificationFailed: its type is not known, or what it holds is not what its type says.
    """
    try:
        return join(row["type"], row, row["data"])
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise _unreadable(row, error) from error


def attributes(row: Chained) -> msgspec.Struct:
    """The own attributes of the event that a row of `event` holds; as `restore`, where no more is wanted of it."""
    try:
        shape = shape_of(EVENTS[row.type])
        shape.check(shape.held(row))
        return shape.read(row.data)
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise _unreadable(msgspec.structs.asdict(row), error) from error


def own_bodies(row: Mapping[str, Any]) -> list[str]:
    """The hash of every body that a row of `event` names in its `data`, beside the one that has a column."""
    if "hash" not in row["data"]:
        return []
    try:
        shape = shape_of(EVENTS[row["type"]])
        return shape.bodies_of(shape.read(row["data"]))
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise _unreadable(row, error) from error


def _unreadable(row: Mapping[str, Any], error: Exception) -> VerificationFailed:
    return VerificationFailed(row["position"], f"the event cannot be read ({type(error).__name__})")


__all__ = [
    "COLUMNS",
    "EVENTS",
    "Action",
    "AutomationIntended",
    "AutomationLost",
    "AutomationPaused",
    "AutomationResumed",
    "BaselineTaken",
    "BatchIntended",
    "Compensated",
    "CompensationIntended",
    "CompensationKept",
    "DisplacedReturned",
    "DisplacementIntended",
    "DisplacementSpared",
    "Element",
    "Event",
    "ExportRead",
    "ExportRegistered",
    "FieldCreated",
    "FileSeen",
    "HoldAbandoned",
    "HoldCorrected",
    "IdentityErased",
    "IdentityLinked",
    "IdentityMoved",
    "Intended",
    "LedgerCreated",
    "LossNoted",
    "MappingConfirmed",
    "MigrationClosed",
    "Note",
    "ObjectCreated",
    "OptionsAdded",
    "PayloadErased",
    "ReconciliationMade",
    "RecordAdopted",
    "RecordCreated",
    "RecordDeleted",
    "RecordDisplaced",
    "RecordLost",
    "RecordRedacted",
    "RecordRejected",
    "RecordRestored",
    "RecordReturned",
    "RecordSkipped",
    "RecordUnlinked",
    "RecordUpdated",
    "RecordWithdrawn",
    "RelationCreated",
    "RemovalIntended",
    "RollbackProven",
    "RowExtracted",
    "RowHeld",
    "RowRedacted",
    "RowReleased",
    "RowSetAside",
    "RowTransformed",
    "RunCompleted",
    "RunFailed",
    "RunResumed",
    "RunStarted",
    "SchemaAdopted",
    "SchemaIntended",
    "SchemaRemoved",
    "Setting",
    "StreamGone",
    "StreamReturned",
    "TracesNoted",
    "TracesRemoved",
    "VerificationMade",
    "WorkspaceBound",
    "attributes",
    "bodies",
    "join",
    "own_bodies",
    "restore",
    "shape_of",
    "split",
]  # fmt: skip
