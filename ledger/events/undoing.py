"""Events of taking back what was done to Twenty. Intents first, outcomes after."""

from typing import Literal

import msgspec

from ledger.events.base import Event
from ledger.events.outside import Element

# --- compensate ------------------------------------------------------------------------------------------------------


class TracesNoted(Event, frozen=True, kw_only=True):
    """Ids of what Twenty wrote about our records by itself; the body lists them."""

    timeline: int
    runs: int
    payload_hash: str


class Compensated(msgspec.Struct, frozen=True, kw_only=True):
    """One record a compensating call is about; `hash` is the body of what is put back or made again, if anything.

    `updated_at` is set where it goes only if it was touched last at just that time.
    """

    key: str
    id: str
    hash: str | None = None
    updated_at: str | None = None


class CompensationIntended(Event, frozen=True, kw_only=True):
    """These records are about to be taken back, unless touched after `unedited_since`."""

    object: str
    action: Literal["destroy", "soft_delete", "restore", "recreate"]
    items: tuple[Compensated, ...]
    unedited_since: str | None = None


class LossNoted(Event, frozen=True, kw_only=True):
    """A record is about to go with more than we put there: edits, records that point at it, or all of it.

    The body has the record as Twenty holds it, what differs, and the `pointing` records. An automation made it for
    ours, or it goes by force.
    """

    object: str
    source_key: str
    twenty_id: str
    why: Literal["edited", "erased", "has_dependents", "made_by_automation"]
    pointing: int
    payload_hash: str


class RecordDeleted(Event, frozen=True, kw_only=True):
    """The record is gone from Twenty, by our call or already before it."""

    object: str
    source_key: str
    twenty_id: str
    outcome: Literal["destroyed", "soft_deleted", "already_gone"]


class RecordRestored(Event, frozen=True, kw_only=True):
    """The record holds again what it held before some changes of ours (`undoes`: the positions of those events).

    `payload_hash` is what was put back; `written_hash` what of ours it holds now: nothing, if it is not ours any more.
    `partly` are changes that stand, and of which only what was put back is undone. `unlinked` names relations it is
    without from now on; None, where that was not looked at.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str
    updated_at: str
    written_hash: str | None = None
    undoes: tuple[int, ...] = ()
    partly: tuple[int, ...] = ()
    unlinked: tuple[str, ...] | None = None


class RecordUnlinked(Event, frozen=True, kw_only=True):
    """The record stays, and what relations of its pointed at is gone: `unlinked` are all it is without by now."""

    object: str
    source_key: str
    twenty_id: str
    unlinked: tuple[str, ...]


class DisplacedReturned(Event, frozen=True, kw_only=True):
    """A record of others that made way for ours, or went with one that did, is there again under its own id.

    Or a record that pointed at such a one points there again: then the body holds what was sent for it.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str


class RecordReturned(Event, frozen=True, kw_only=True):
    """A record of ours that was destroyed since it left Kartra was made again, under the id of its next generation.

    It counts as made where it was made first: in the run `made_in`, at the position `made_at`. `obsolete`: it stands in
    Twenty, and no row of Kartra's makes it any more.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str
    updated_at: str
    made_in: str
    made_at: int
    obsolete: bool
    created_at: str = ""
    unlinked: tuple[str, ...] = ()


class RecordLost(Event, frozen=True, kw_only=True):
    """What was destroyed cannot be put back, or not be linked again as it was, and why; the body says more."""

    object: str
    source_key: str
    twenty_id: str
    why: str
    payload_hash: str | None = None


class TracesRemoved(Event, frozen=True, kw_only=True):
    """The noted traces of records really gone were removed; `noted` is the position of TracesNoted."""

    noted: int
    timeline: int
    runs: int


class RemovalIntended(Event, frozen=True, kw_only=True):
    """An element of the data model made by us is about to be removed; the body has what records still held in it.

    Only a removal by force has one: `records`, a page of them an event.
    """

    object: str
    name: str
    element: Element
    twenty_id: str
    payload_hash: str | None = None


class SchemaRemoved(Event, frozen=True, kw_only=True):
    """An element of the data model made by us is gone again."""

    object: str
    name: str
    element: Element
    twenty_id: str


class CompensationKept(Event, frozen=True, kw_only=True):
    """A record or an element of the data model stays, and why; the body names the differences."""

    object: str
    twenty_id: str
    why: str
    source_key: str | None = None
    name: str | None = None
    payload_hash: str | None = None
