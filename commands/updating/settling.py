"""Changes whose outcome is not known: one read an object tells which of them landed."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.twenty import Ask, Ids, differences, read_many
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from ledger import work
from ledger.events import BatchIntended, Event, Intended, RecordAdopted, RecordUpdated
from ledger.store import Draft
from ledger.work import Work

CHANGING = frozenset({"update", "adopt", "restore"})
"""What a call may have been about that was not to make a record."""


async def settle_changes(working: Working) -> None:
    """Record the outcome of every change that landed although its answer was lost. The others stay as they are.

    Nothing is sent. A change that did not land is made anew by the next write, from what Twenty holds then.
    """
    unsettled: dict[str, list[Work]] = {}
    for one in await work.intended(working.ledger.reader):
        if one.state.action in CHANGING:
            unsettled.setdefault(one.state.object, []).append(one)
    for object_name, records in unsettled.items():
        await _settle(working, object_name, records)


async def _settle(working: Working, object_name: str, records: Sequence[Work]) -> None:
    intents = {one.state.source_key: await intended_change(working, one) for one in records}
    hashes = [item.sent_hash for item in intents.values() if item.sent_hash]
    sent = await working.ledger.reader.envelopes(hashes)
    names = {name for one in sent.values() for name in one.value["fields"]}
    rows = await _rows(working, object_name, records, names | {name for one in records for name in _links(one)})
    drafts: list[Draft] = []
    for one in records:
        item = intents[one.state.source_key]
        row = rows.get(item.id)
        if row is None or item.sent_hash not in sent or row["deletedAt"] is not None:
            continue
        if not differences(as_stored(sent[item.sent_hash].value["fields"]), row):
            unlinked = tuple(sorted(name for name in _links(one) if row.get(name) is None))
            drafts.append(Draft(await _landed(working, one, item, unlinked), one.state.intent))
    await working.ledger.append(drafts)


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
    known = tuple(sorted(name for name in fields if name in target.fields or name in target.columns))
    ask = Ask(target.singular, Ids([str(one.state.twenty_id) for one in records]), known)
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    return {row["id"]: row for row in answer[target.singular]}


def _links(one: Work) -> Sequence[str]:
    return list(one.value["links"]) if one.value else []


async def _landed(working: Working, one: Work, item: Intended, unlinked: tuple[str, ...]) -> Event:
    state = one.state
    if item.base_hash is not None:
        return RecordUpdated(
            object=state.object,
            source_key=state.source_key,
            twenty_id=item.id,
            payload_hash=item.hash,
            updated_at="",
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
        updated_at="",
        before_hash=item.before_hash,
        sent_hash=item.sent_hash,
        restored=await lay_in_bin(working, item) is not None,
        unlinked=unlinked,
    )


async def lay_in_bin(working: Working, item: Intended) -> str | None:
    """When the record of an intent had been put into the bin, before we took it out."""
    envelope = await working.ledger.reader.envelope(item.before_hash) if item.before_hash else None
    return envelope.value["deletedAt"] if envelope else None
