"""Every event type: that it exists, survives the table, and cannot be mistaken for columns or for another."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given

from ledger import events
from ledger.errors import VerificationFailed
from ledger.events import COLUMNS, EVENTS, Event, RecordCreated, bodies, join, restore, split
from ledger.hashing import canonical
from ledger.tables import EventRow
from tests.ledger.histories import any_event, built

CATALOGUE = """
    LedgerCreated WorkspaceBound VerificationMade
    RunStarted RunResumed RunCompleted RunFailed
    ExportRegistered RowExtracted RowHeld RowSetAside HoldCorrected RowReleased HoldAbandoned IdentityLinked ExportRead
    IdentityMoved
    MappingConfirmed RowTransformed
    SchemaIntended ObjectCreated FieldCreated RelationCreated OptionsAdded SchemaAdopted
    AutomationIntended AutomationPaused AutomationResumed
    BatchIntended RecordCreated RecordUpdated RecordAdopted RecordRejected
    TracesNoted CompensationIntended RecordDeleted RecordRestored TracesRemoved SchemaRemoved CompensationKept
    BaselineTaken ReconciliationMade RollbackProven MigrationClosed
    PayloadErased
"""


def test_every_event_of_the_design_exists() -> None:
    """Each name the design knows is an event type; a stage that is not built yet finds its events here."""
    assert set(CATALOGUE.split()) <= set(EVENTS)


def test_every_event_is_exported() -> None:
    """What is an event type is importable from `ledger.events` by its name, and listed there."""
    assert {name for name in EVENTS if getattr(events, name) is EVENTS[name]} == set(EVENTS)
    assert set(EVENTS) <= set(events.__all__)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_own_attributes_never_shadow_columns(kind: type[Event]) -> None:
    """A fold names columns and attributes alike, so no attribute may be called like a column not its own."""
    others = set(EventRow.model_fields) - set(COLUMNS)
    assert not others & set(kind.__struct_fields__)


@given(any_event())
def test_events_come_back_from_their_columns(event: Event) -> None:
    """Any event of any type, parted into columns and data, is put together again as it was."""
    columns, own = split(event)
    assert set(columns) == set(COLUMNS)
    assert join(type(event).__name__, columns, canonical(own).decode()) == event
    assert restore({"position": 1, "type": type(event).__name__, **columns, "data": json.dumps(own)}) == event


@given(any_event())
def test_events_name_their_bodies(event: Event) -> None:
    """Whatever attribute ends in `hash`, also in an item of a batch, names a body that must be there."""

    def hashes(value: Any) -> list[str]:
        if isinstance(value, Mapping):
            own = [inner for name, inner in value.items() if name.endswith("hash") and inner is not None]
            return own + [found for inner in value.values() for found in hashes(inner)]
        return [found for inner in value for found in hashes(inner)] if isinstance(value, list | tuple) else []

    assert sorted(bodies(event)) == sorted(hashes(msgspec.to_builtins(event)))


@given(built(RecordCreated))
def test_events_are_frozen(event: RecordCreated) -> None:
    """An event cannot be changed once made."""
    with pytest.raises(AttributeError):
        event.twenty_id = "another"  # type: ignore[misc]


@pytest.mark.parametrize("row", [
    {"type": "RecordForgotten", "data": "{}"},
    {"type": "RowReleased", "data": "{}"},
    {"type": "RowReleased", "data": '{"hold": "7"}'},
    {"type": "RowReleased", "data": "[]"},
    {"type": "RowReleased", "data": "{"},
    {"type": "IdentityLinked", "data": '{"alias": "contact:2"}'},
], ids=str)  # fmt: skip
def test_a_row_that_is_no_event_is_named_by_its_position(row: dict[str, str]) -> None:
    """An unknown type, a missing or mistyped attribute, or no JSON object at all is a failed verification."""
    with pytest.raises(VerificationFailed) as failure:
        restore({"position": 7, **dict.fromkeys(COLUMNS), **row})
    assert failure.value.position == 7
