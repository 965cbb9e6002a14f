"""Records in Twenty's bin that bar ours the way: destroyed, after all that goes with them is stored.

A rollback makes them again from what is stored here: the record, what goes with it, and what pointed at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio

from adapters.twenty import (
    TIMELINE,
    Ids,
    Object,
    OutcomeUnknown,
    dependents,
    destroy_as_read,
    read_many,
    run_ids,
    timeline_about,
)
from adapters.twenty.reading import Ask
from commands.collisions import Barred
from commands.present import present
from commands.session import Working
from commands.storable import storable
from commands.updating.subjects import READ_A_CALL
from ledger import losses
from ledger.events import DisplacementIntended, DisplacementSpared, Event, RecordDisplaced
from ledger.hashing import Payload, seal
from ledger.losses import Displaced

CASCADING = frozenset({"noteTarget", "taskTarget", "attachment", "messageListMember", TIMELINE.singular})
"""What goes with a record it is tied to (FACTS section 7); all others that point at it stay, pointing nowhere."""

_RECORDS_A_READ = 100

Row = dict[str, Any]


async def displace(working: Working, object_name: str, barred: Barred) -> list[str]:
    """Destroy what lies in the bin under a value of ours; answers the streams whose way somebody's edit still bars."""
    spared: list[str] = []
    target = working.twenty.model.object(object_name)
    for start in range(0, len(barred), READ_A_CALL):
        some = {conflict.holder: one.state.source_key for one, conflict in barred[start : start + READ_A_CALL]}
        rows = await _whole(working, target, some)
        binned = {one: row for one, row in rows.items() if row["deletedAt"] is not None}
        spared += [some[one] for one in rows.keys() - binned.keys()]
        if not binned:
            continue
        stored = await _stored(working, target, some, binned)
        intents = [
            DisplacementIntended(object=object_name, source_key=some[one], twenty_id=one, payload_hash=body.hash)
            for one, body in stored.items()
        ]
        with anyio.CancelScope(shield=True):
            await working.ledger.append(intents, list(stored.values()))
            read = {one: str(row["updatedAt"]) for one, row in binned.items()}
            spared += await _take_away(working, object_name, read, {one: some[one] for one in binned})
        await anyio.lowlevel.checkpoint()
    return spared


async def displace_again(working: Working) -> None:
    """Finish the displacements that were begun: what is still as it was read then goes."""
    for object_name, some in (await _unsettled(working)).items():
        bodies = await working.ledger.reader.envelopes([one.payload_hash for one in some])
        read = {one.twenty_id: bodies[one.payload_hash].value["record"]["updatedAt"] for one in some
                if one.payload_hash in bodies}  # fmt: skip
        streams = {one.twenty_id: one.source_key for one in some}
        with anyio.CancelScope(shield=True):
            await _take_away(working, object_name, read, streams)


async def look_at_displaced(working: Working, patience_s: float) -> str | None:
    """Find out what became of the displacements that were begun, once their calls cannot land any more.

    Nothing is destroyed. Answers, in words, what could still land because patience ended before.
    """
    unsettled = await _unsettled(working)
    if not unsettled:
        return None
    newest = max(one.recorded_at for some in unsettled.values() for one in some)
    passed = (datetime.now(UTC) - datetime.fromisoformat(newest)).total_seconds()
    left = min(working.twenty.client.timeout_s, working.twenty.client.timeout_s - passed)
    await anyio.sleep(max(0.0, min(left, patience_s)))
    for object_name, some in unsettled.items():
        await _record(working, object_name, {one.twenty_id: one.source_key for one in some}, final=left <= patience_s)
    return None if left <= patience_s else "records of others whose destruction had no answer could still go"


async def _unsettled(working: Working) -> Mapping[str, Sequence[Displaced]]:
    found: dict[str, list[Displaced]] = {}
    for one in await losses.unsettled(working.ledger.reader):
        found.setdefault(one.object, []).append(one)
    return found


async def _take_away(
    working: Working, object_name: str, read: Mapping[str, str], streams: Mapping[str, str]
) -> list[str]:
    """Destroy records that are as they were read, and record what is really gone; answers the streams of the others."""
    target = (await present(working)).find(object_name)
    if target is not None and read:
        try:
            await destroy_as_read(working.twenty.client, target, read)
        except OutcomeUnknown:
            # Repeating it is safe: what is gone stays so, and so does what was changed since it was read.
            await destroy_as_read(working.twenty.client, target, read)
    return await _record(working, object_name, streams, final=True)


async def _record(working: Working, object_name: str, streams: Mapping[str, str], *, final: bool) -> list[str]:
    """Record what is gone; what is there stays, where the call is `final`ly over."""
    target = (await present(working)).find(object_name)
    there = set() if target is None else (await _read(working, target, streams, ())).keys()
    events: list[Event] = []
    for one, stream in streams.items():
        kind = DisplacementSpared if one in there else RecordDisplaced
        if one not in there or final:
            events.append(kind(object=object_name, source_key=stream, twenty_id=one))
    await working.ledger.append(events)
    return [streams[one] for one in streams if one in there]


async def _stored(
    working: Working, target: Object, streams: Mapping[str, str], rows: Mapping[str, Row]
) -> dict[str, Payload]:
    """All that goes, a body a record: the record, the rows that go with it, and who points at it."""
    client, model = working.twenty.client, working.twenty.model
    values: dict[str, dict[str, Any]] = {
        one: {"record": storable(row), "rows": {}, "pointing": [], "runs": []} for one, row in rows.items()
    }
    if runs := await runs_about(working, list(rows)):
        for one, value in values.items():
            value["runs"] = sorted(runs & set(await run_ids(client, one)))
    targets = {target.singular: Ids(rows)}
    going: dict[str, list[str]] = {TIMELINE.singular: list(await timeline_about(client, model, targets))}
    for pointer in await dependents(client, model, targets):
        if pointer.object in CASCADING:
            going.setdefault(pointer.object, []).append(pointer.id)
        else:
            told = {"object": pointer.object, "id": pointer.id, "field": pointer.field}
            values[pointer.target_id]["pointing"].append(told)
    for name, ids in going.items():
        for row in (await _whole(working, model.object(name), ids)).values():
            owner = next(value for value in row.values() if isinstance(value, str) and value in values)
            values[owner]["rows"].setdefault(name, []).append(storable(row))
    return {one: seal(streams[one], value) for one, value in values.items()}


async def runs_about(working: Working, ids: Sequence[str]) -> set[str]:
    """The workflow runs about some records."""
    found: set[str] = set()
    for start in range(0, len(ids), _RECORDS_A_READ):
        found |= set(await run_ids(working.twenty.client, *ids[start : start + _RECORDS_A_READ]))
    return found


async def _whole(working: Working, target: Object, ids: Iterable[str]) -> dict[str, Row]:
    return await _read(working, target, ids, target.readable)


async def _read(working: Working, target: Object, ids: Iterable[str], fields: tuple[str, ...]) -> dict[str, Row]:
    """Records by id, with these fields, those in the bin too."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Row] = {}
    for start in range(0, len(wanted), READ_A_CALL):
        ask = Ask(target.singular, Ids(wanted[start : start + READ_A_CALL]), fields)
        answer = await read_many(working.twenty.client, working.twenty.model, [ask])
        found |= {row["id"]: row for row in answer[target.singular]}
    return found
