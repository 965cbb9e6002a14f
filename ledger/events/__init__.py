"""Every event type by its name, and how a stored event becomes one again."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ledger.errors import VerificationFailed
from ledger.events.base import COLUMNS, Event, bodies, split
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

EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
"""Every event type by its name."""


_attributes = msgspec.json.Decoder(dict[str, Any])


def join(type_name: str, columns: Mapping[str, str | None], data: str) -> Event:
    """Put an event together again from its columns and its `data`.

    Raises:
        KeyError: the type is not known.
        msgspec.ValidationError: a value is missing or of the wrong type.
    """
    kind = EVENTS[type_name]
    present = {name: columns[name] for name in COLUMNS if name in kind.__struct_fields__}
    return msgspec.convert({**_attributes.decode(data), **present}, kind)


def restore(row: Mapping[str, Any]) -> Event:
    """The event that a row of `event` holds.

    Raises:
        VerificationFailed: its type is not known, or what it holds is not what its type says.
    """
    try:
        return join(row["type"], row, row["data"])
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise VerificationFailed(row["position"], f"the event cannot be read ({type(error).__name__})") from error


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
    "bodies",
    "join",
    "restore",
    "split",
]  # fmt: skip
