"""The stage of a migration that each event belongs to: for charts and sums that a person takes in at a glance."""

from collections.abc import Mapping

from ledger.events import EVENTS, intake, lifecycle, outside, undoing

STAGES = ("extract", "transform", "schema", "write", "compensate", "check", "privacy", "run")
"""In the order of a migration; `run` is what frames the others."""

_TRANSFORM = frozenset({"MappingConfirmed", "RowTransformed", "RecordWithdrawn"})
_SCHEMA = frozenset(
    {
        "SchemaIntended", "ObjectCreated", "FieldCreated", "RelationCreated", "OptionsAdded", "SchemaAdopted",
        "AutomationIntended", "AutomationPaused", "AutomationLost", "AutomationResumed",
    }
)  # fmt: skip
_CHECK = frozenset({"VerificationMade", "BaselineTaken", "ReconciliationMade", "RollbackProven", "MigrationClosed"})
_PRIVACY = frozenset({"IdentityErased", "PayloadErased", "RowRedacted", "RecordRedacted"})
_OF_MODULE = {
    intake.__name__: "extract",
    outside.__name__: "write",
    undoing.__name__: "compensate",
    lifecycle.__name__: "run",
}


def _stage(name: str) -> str:
    for stage, names in (("transform", _TRANSFORM), ("schema", _SCHEMA), ("check", _CHECK), ("privacy", _PRIVACY)):
        if name in names:
            return stage
    return _OF_MODULE[EVENTS[name].__module__]


STAGE_OF: Mapping[str, str] = {name: _stage(name) for name in EVENTS}
"""The stage of every event type."""
