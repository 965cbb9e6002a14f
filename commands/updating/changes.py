"""A change ready to be sent: its bodies, its intent and its outcome, as the ledger keeps them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Merge, differences
from commands.storable import storable
from commands.updating.subjects import Subject
from ledger.events import Action, BatchIntended, Event, Intended, RecordAdopted, RecordUpdated, RowHeld
from ledger.hashing import Payload, seal
from ledger.projections.records import RecordState
from ledger.store import Draft


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out for a record, and the bodies of it: what stood there (`before`), and what is sent.

    `created_at` is the record's own; one that Twenty answers otherwise was made anew by our call. `target` is the body
    of what the record should hold then, where the ledger does not have it yet.
    """

    subject: Subject
    merge: Merge
    row: Mapping[str, Any]
    created_at: str
    updated_at: str
    before: Payload
    sent: Payload
    cause: int | None = None
    target: Payload | None = None

    @property
    def id(self) -> str:
        """The record's id in Twenty."""
        return self.subject.id

    @property
    def points_at(self) -> list[tuple[str, str]]:
        """What it is to point at from now on: object and id. A tie, which is nothing else, cannot do without."""
        value = self.subject.work.value
        links = value["links"].items() if value["fields"] else ()
        return [(link["object"], self.row[column]) for column, link in links if self.row.get(column)]

    @property
    def created(self) -> tuple[str, str | None]:
        """When the record was made: by what Twenty told, and by what is sent."""
        return self.created_at, self.row.get("createdAt")

    def landed_in(self, row: Mapping[str, Any]) -> bool:
        """Whether Twenty shows all of the change, and the record out of the bin."""
        sent = {name: value for name, value in self.row.items() if name != "id"}
        return row["deletedAt"] is None and not differences(sent, row)


def change_of(subject: Subject, merge: Merge, theirs: Mapping[str, Any]) -> Change:
    """The change that a merge asks for."""
    touched_at = str(subject.touched_at or theirs["updatedAt"])
    before = {
        "fields": storable(merge.before),
        "createdAt": theirs["createdAt"],
        "updatedAt": touched_at,
        "deletedAt": subject.deleted_at,
    }
    return Change(
        subject=subject,
        merge=merge,
        row={**merge.sent, "id": subject.id},
        created_at=str(theirs["createdAt"]),
        updated_at=touched_at,
        before=seal(subject.stream, before),
        sent=seal(subject.stream, {"fields": merge.sent}),
    )


def without(change: Change, missing: set[str]) -> Change:
    """A change without its relations to records that are not there: none, where there was another."""
    gone = {name for name in change.subject.work.value["links"] if change.row.get(name) in missing}
    if not gone:
        return change
    merge = change.merge
    cleared = {name: None for name in gone if merge.before[name] is not None}
    kept = {name: value for name, value in merge.sent.items() if name not in gone}
    before = {name: value for name, value in merge.before.items() if name in kept or name in cleared}
    subject = msgspec.structs.replace(change.subject, unlinked=tuple(sorted({*change.subject.unlinked, *gone})))
    times = {"createdAt": change.created_at, "updatedAt": change.updated_at}
    return change_of(subject, Merge(sent={**kept, **cleared}, before=before, conflicts=()), times)


def intent(object_name: str, action: Action, changes: Sequence[Change], timeout_s: float) -> BatchIntended:
    """The intent of one call about these changes."""
    items = tuple(
        Intended(
            key=one.subject.stream,
            id=one.id,
            hash=one.subject.work.state.payload_hash,
            generation=one.subject.work.state.generation,
            before_hash=one.before.hash,
            sent_hash=one.sent.hash,
            base_hash=one.subject.base_hash,
            updated_at=one.updated_at,
        )
        for one in changes
    )
    return BatchIntended(object=object_name, action=action, items=items, timeout_s=math.ceil(timeout_s))


def bodies(changes: Iterable[Change]) -> list[Payload]:
    """The bodies that an intent names."""
    return [body for one in changes for body in (one.before, one.sent, one.target) if body is not None]


def outcome(change: Change, updated_at: str) -> Draft:
    """The outcome of a change that Twenty shows."""
    return Draft(_done(change.subject, updated_at, change.before.hash, change.sent.hash), change.cause)


def held(state: RecordState, reason: str, column: str | None = None, body: Payload | None = None) -> RowHeld:
    """The hold of a record on its way to Twenty; its body says what is in the way."""
    return RowHeld(
        object=state.object,
        source_ref=state.source_ref,
        source_key=state.source_key,
        reason=reason,
        stage="write",
        column=column,
        payload_hash=body.hash if body else None,
    )


def nothing_to_send(subject: Subject, theirs: Mapping[str, Any]) -> Draft:
    """The outcome where Twenty holds all of it already. Its time tells of others' edits, not of ours."""
    state = subject.work.state
    untouched = state.updated_at if subject.base_hash else str(theirs["updatedAt"])
    return Draft(_done(subject, untouched or "", None, None))


def _done(subject: Subject, updated_at: str, before_hash: str | None, sent_hash: str | None) -> Event:
    state = subject.work.state
    if subject.base_hash is None:
        return RecordAdopted(
            object=state.object,
            source_key=state.source_key,
            twenty_id=subject.id,
            payload_hash=state.payload_hash,
            updated_at=updated_at,
            before_hash=before_hash,
            sent_hash=sent_hash,
            restored=subject.deleted_at is not None,
            unlinked=subject.unlinked,
        )
    return RecordUpdated(
        object=state.object,
        source_key=state.source_key,
        twenty_id=subject.id,
        payload_hash=state.payload_hash,
        updated_at=updated_at,
        base_hash=subject.base_hash,
        before_hash=before_hash,
        sent_hash=sent_hash,
        unlinked=subject.unlinked,
    )
