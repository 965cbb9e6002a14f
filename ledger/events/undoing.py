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
    """One record a compensating call is about; `hash` is the body of what is put back, where anything is."""

    key: str
    id: str
    hash: str | None = None


class CompensationIntended(Event, frozen=True, kw_only=True):
    """These records are about to be taken back, unless touched after `unedited_since`."""

    object: str
    action: Literal["destroy", "soft_delete", "restore"]
    items: tuple[Compensated, ...]
    unedited_since: str | None = None


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
