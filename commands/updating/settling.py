"""Changes whose outcome is not known: one read an object tells which of them landed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Ask, Ids, differences, read_many
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from commands.updating.changes import held
from commands.updating.stumps import TIMES, destroy_stumps, is_stump, last_touched
from commands.updating.subjects import Subject
from ledger import work
from ledger.events import BatchIntended, Compensated, Event, Intended, RecordAdopted, RecordUpdated
from ledger.store import Draft
from ledger.work import Work

CHANGING = frozenset({"update", "adopt", "restore"})
"""What a call may have been about that was not to make a record."""


class _Open(msgspec.Struct, frozen=True, kw_only=True):
    """A change of unknown outcome: its intent, its bodies, and the record as Twenty holds it now."""

    work: Work
    item: Intended
    before: Mapping[str, Any]
    sent: Mapping[str, Any]
    row: Mapping[str, Any]

    @property
    def is_stump(self) -> bool:
        """Whether the call made the record anew, since somebody had destroyed it."""
        known = self.before.get("createdAt")
        return known is not None and is_stump(self.row, known, self.sent.get("createdAt"))

    @property
    def landed(self) -> bool:
        """Whether Twenty shows the change."""
        return self.row["deletedAt"] is None and not differences(self.sent, self.row)


async def settle_changes(working: Working) -> None:
    """Record the outcome of every change that landed although its answer was lost. The others stay as they are.

    Nothing is sent, save that stumps go. A change that did not land is made anew by the next write, from what Twenty
    holds then.
    """
    unsettled: dict[str, list[Work]] = {}
    for one in await work.intended(working.ledger.reader):
        if one.state.action in CHANGING:
            unsettled.setdefault(one.state.object, []).append(one)
    for object_name, records in unsettled.items():
        found = await _open(working, object_name, records)
        await _unmake(working, object_name, [one for one in found if one.is_stump])
        landed = [one for one in found if one.landed and not one.is_stump]
        await working.ledger.append([Draft(_landed(one), one.work.state.intent) for one in landed])


async def _open(working: Working, object_name: str, records: Sequence[Work]) -> list[_Open]:
    """The changes whose bodies are known, of records that are there."""
    pairs = [(one, await intended_change(working, one)) for one in records]
    hashes = {hash_ for _, item in pairs for hash_ in (item.before_hash, item.sent_hash) if hash_}
    bodies = {hash_: body.value for hash_, body in (await working.ledger.reader.envelopes(list(hashes))).items()}
    names = {name for _, item in pairs for name in bodies.get(item.sent_hash or "", {"fields": ()})["fields"]}
    rows = await _rows(working, object_name, records, names | {name for one in records for name in _links(one)})
    return [
        _Open(
            work=one,
            item=item,
            before=bodies.get(item.before_hash or "", {}),
            sent=as_stored(bodies[item.sent_hash]["fields"]),
            row=rows[item.id],
        )
        for one, item in pairs
        if item.id in rows and item.sent_hash in bodies
    ]


async def intended_change(working: Working, one: Work) -> Intended:
    """What the last intent says of a record whose outcome is not known."""
    recorded = await working.ledger.reader.find(one.state.intent or 0)
    if recorded is None or not isinstance(recorded.event, BatchIntended):
        raise LookupError(f"no intent at {one.state.intent}")
    return next(item for item in recorded.event.items if item.key == one.state.source_key)


async def _rows(
    working: Working, object_name: str, records: Sequence[Work], fields: set[str]
) -> Mapping[str, Mapping[str, Any]]:
    target = (await present(working)).find(object_name)
    if target is None:
        return {}
    known = tuple(sorted(name for name in {*fields, *TIMES} if name in target.fields or name in target.columns))
    ask = Ask(target.singular, Ids([str(one.state.twenty_id) for one in records]), known)
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    return {row["id"]: row for row in answer[target.singular]}


def _links(one: Work) -> Sequence[str]:
    return list(one.value["links"]) if one.value else []


async def _unmake(working: Working, object_name: str, stumps: Sequence[_Open]) -> None:
    """Somebody destroyed these records before our call made stumps of them: those go, if nobody took them up since."""
    ours = [one for one in stumps if last_touched(one.row)]
    target = (await present(working)).find(object_name)
    if ours and target:
        items = [Compensated(key=one.item.key, id=one.item.id) for one in ours]
        await destroy_stumps(working, target, object_name, items, max(last_touched(one.row) for one in ours))
    events = [Draft(held(one.work.state, "deleted_in_twenty"), one.work.state.intent) for one in stumps]
    await working.ledger.append(events)


def _landed(one: _Open) -> Event:
    state, item = one.work.state, one.item
    unlinked = tuple(sorted(name for name in _links(one.work) if one.row.get(name) is None))
    if item.base_hash is not None:
        return RecordUpdated(
            object=state.object,
            source_key=state.source_key,
            twenty_id=item.id,
            payload_hash=item.hash,
            updated_at=last_touched(one.row),
            base_hash=item.base_hash,
            before_hash=item.before_hash,
            sent_hash=item.sent_hash,
            unlinked=unlinked,
        )
    return RecordAdopted(
        object=state.object,
        source_key=state.source_key,
        twenty_id=item.id,
        payload_hash=item.hash,
        updated_at=last_touched(one.row),
        before_hash=item.before_hash,
        sent_hash=item.sent_hash,
        restored=one.before.get("deletedAt") is not None,
        unlinked=unlinked,
    )


async def as_intended(working: Working, subject: Subject) -> Subject:
    """A subject whose change was begun: out of the bin by a call of ours, perhaps, and touched last before that."""
    item = await intended_change(working, subject.work)
    envelope = await working.ledger.reader.envelope(item.before_hash) if item.before_hash else None
    if envelope is None or envelope.value["deletedAt"] is None:
        return subject
    return msgspec.structs.replace(
        subject, deleted_at=envelope.value["deletedAt"], touched_at=envelope.value["updatedAt"]
    )
