"""Events of what is done to Twenty: data model, automations, writing. Intents first, outcomes after."""

from typing import Literal

import msgspec

from ledger.events.base import Event

# --- schema ----------------------------------------------------------------------------------------------------------

Element = Literal["object", "field", "relation", "options"]


class SchemaIntended(Event, frozen=True, kw_only=True):
    """An element of Twenty's data model is about to be made; `absent` is what was read just before."""

    object: str
    name: str
    element: Element
    absent: bool
    payload_hash: str


class ObjectCreated(Event, frozen=True, kw_only=True):
    """A custom object of ours exists."""

    object: str
    twenty_id: str


class FieldCreated(Event, frozen=True, kw_only=True):
    """A custom field of ours exists."""

    object: str
    name: str
    twenty_id: str


class RelationCreated(Event, frozen=True, kw_only=True):
    """A relation field of ours exists."""

    object: str
    name: str
    twenty_id: str


class OptionsAdded(Event, frozen=True, kw_only=True):
    """Options were added to a field (also with the field itself); the body maps value to label.

    A tag may be named after a person: `values` are digests, and each option has an event, so a body, of its own.
    """

    object: str
    name: str
    twenty_id: str
    values: tuple[str, ...]
    payload_hash: str


class SchemaAdopted(Event, frozen=True, kw_only=True):
    """An equal element was there before; it is used and never removed by us."""

    object: str
    name: str
    element: Element
    twenty_id: str


# --- automations -----------------------------------------------------------------------------------------------------


class AutomationIntended(Event, frozen=True, kw_only=True):
    """An automation's trigger is about to be paused or put back; the body is its whole row as read."""

    twenty_id: str
    action: Literal["pause", "resume"]
    payload_hash: str


class AutomationPaused(Event, frozen=True, kw_only=True):
    """Twenty's trash takes the paused trigger for good on `trash_on`, unless it is put back before."""

    twenty_id: str
    trash_on: str
    payload_hash: str


class AutomationLost(Event, frozen=True, kw_only=True):
    """The trigger cannot be put back: Twenty's trash, or somebody, has taken it for good."""

    twenty_id: str


class AutomationResumed(Event, frozen=True, kw_only=True):
    """The trigger is back."""

    twenty_id: str


# --- write -----------------------------------------------------------------------------------------------------------

Action = Literal["create", "update", "adopt", "restore"]


class Intended(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a batch, and what it should hold (`hash`).

    A change of a record that is there also keeps what stood in the fields it touches (`before_hash`), what goes out for
    them (`sent_hash`), what we wrote last (`base_hash`; nothing, if it was not ours), and when it was last touched.
    """

    key: str
    id: str
    hash: str
    generation: int = 0
    before_hash: str | None = None
    sent_hash: str | None = None
    base_hash: str | None = None
    updated_at: str | None = None


class BatchIntended(Event, frozen=True, kw_only=True):
    """These records are about to be sent in one call, which leaves only after this is durable.

    `timeout_s` bounds the call: until it has passed, one without an answer may still land.
    """

    object: str
    action: Action
    items: tuple[Intended, ...]
    timeout_s: int


class RecordCreated(Event, frozen=True, kw_only=True):
    """Twenty holds the record.

    `updated_at` is empty where the answer was lost: who touched the record since it was made is not known then.
    `created_at` is what Twenty says, empty where the answer was lost. `unlinked` names relations left out since their
    target was not there.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str
    updated_at: str
    created_at: str = ""
    unlinked: tuple[str, ...] = ()


class RecordUpdated(Event, frozen=True, kw_only=True):
    """A record of ours holds the new values.

    `payload_hash` is what it should hold now, `base_hash` what it should have held before. `sent_hash` is what went
    out, field by field, and `before_hash` what stood in the same fields; both are empty where nothing had to be sent.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str
    updated_at: str
    base_hash: str
    before_hash: str | None = None
    sent_hash: str | None = None
    unlinked: tuple[str, ...] = ()


class RecordAdopted(Event, frozen=True, kw_only=True):
    """The record existed before us; it is ours to update, never to delete. Bodies as for RecordUpdated.

    `restored` says that it was taken out of the bin for this.
    """

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str
    updated_at: str
    before_hash: str | None = None
    sent_hash: str | None = None
    restored: bool = False
    unlinked: tuple[str, ...] = ()


class RecordSkipped(Event, frozen=True, kw_only=True):
    """A record that existed before us stands for ours: it is left as it is, and others of ours may point at it."""

    object: str
    source_key: str
    twenty_id: str


class DisplacementIntended(Event, frozen=True, kw_only=True):
    """A record in Twenty's bin, not ours, that bars ours the way is about to be destroyed; the body is all of it."""

    object: str
    source_key: str
    twenty_id: str
    payload_hash: str


class RecordDisplaced(Event, frozen=True, kw_only=True):
    """The record that barred ours the way is gone for good."""

    object: str
    source_key: str
    twenty_id: str


class DisplacementSpared(Event, frozen=True, kw_only=True):
    """The record that was about to make way stays: somebody took it out of the bin, or changed it, before our call."""

    object: str
    source_key: str
    twenty_id: str


class RecordRejected(Event, frozen=True, kw_only=True):
    """Twenty refused the record's content; the body holds what it said."""

    object: str
    source_key: str
    code: str
    payload_hash: str
