"""A change ready to be sent: its bodies, its intent and its outcome, as the ledger keeps them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Difference, Merge, differences
from commands.storable import storable
from commands.updating.subjects import Subject
from ledger.events import Action, BatchIntended, Event, Intended, RecordAdopted, RecordUpdated
from ledger.hashing import Payload, seal
from ledger.store import Draft


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out for a record, and the bodies of it: what stood there (`before`), and what is sent.

    `created_at` is the record's own; one that Twenty answers otherwise was made anew by our call. `target` is the body
    of what the record should hold then, where the ledger does not have it yet.
    """

    subject: Subject
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

    def missing_in(self, row: Mapping[str, Any]) -> list[Difference]:
        """What of the change Twenty does not show."""
        return differences({name: value for name, value in self.row.items() if name != "id"}, row)


def change_of(subject: Subject, merge: Merge, theirs: Mapping[str, Any]) -> Change:
    """The change that a merge asks for."""
    before = {
        "fields": storable(merge.before),
        "updatedAt": theirs["updatedAt"],
        "deletedAt": subject.deleted_at,
    }
    return Change(
        subject=subject,
        row={**merge.sent, "id": subject.id},
        created_at=str(theirs["createdAt"]),
        updated_at=str(theirs["updatedAt"]),
        before=seal(subject.stream, before),
        sent=seal(subject.stream, {"fields": merge.sent}),
    )


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
