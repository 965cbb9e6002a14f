"""Traces of changes on records that stay: what our own updates, and their undoing, left in timeline and workflow runs.

A trace is ours if it tells of nothing but fields we sent or put back, with just these values (FACTS section 8). Those
of people's edits stay.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    TIMELINE,
    Ids,
    count_timeline,
    destroy_runs,
    destroy_timeline,
    differences,
    run_count,
    run_states,
    timeline_filter,
)
from adapters.twenty.reading import NARROW_ROWS_A_PAGE, walk_filter
from commands.compensation import waiting
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from ledger.events import TracesNoted, TracesRemoved
from ledger.hashing import seal

_RECORDS_A_READ = 500
_STILL = 2
"""Polls without a change after which nothing more is expected."""

_RUNS_A_READ = 100
_TOUCHED = frozenset({"updatedAt", "updatedBy", "searchVector"})
"""What Twenty itself changes with any change of a record."""


class _Changed(msgspec.Struct):
    """A record that we changed: what was sent, or put back, call by call, and Twenty's time of the first call."""

    sent: list[Mapping[str, Any]] = msgspec.field(default_factory=list)
    since: str | None = None


Records = Mapping[str, _Changed]


async def remove_change_traces(working: Working, patience_s: float) -> tuple[int, int]:
    """Destroy the traces of the changes that this run undid, and of the undoing: how many timeline rows and runs."""
    timeline, runs = 0, 0
    for object_name, records in (await _records(working)).items():
        ids = list(records)
        for start in range(0, len(ids), _RECORDS_A_READ):
            some = {one: records[one] for one in ids[start : start + _RECORDS_A_READ]}
            timeline += await _remove(working, object_name, some, patience_s)
        told = [one for one in ids if records[one].since]
        for start in range(0, len(told), _RUNS_A_READ):
            some = {one: records[one] for one in told[start : start + _RUNS_A_READ]}
            runs += await _remove_runs(working, some, patience_s)
    return timeline, runs


async def _records(working: Working) -> dict[str, dict[str, _Changed]]:
    """Every record put back, or linked again, in this run, by object and id, with all that we ever sent it."""
    # Where an answer was lost, the record was touched last, before our call, at the time of its before-image.
    statement = """SELECT event.object, event.twenty_id, put.body, NULL AS since FROM event
        JOIN payload AS put ON put.hash = event.payload_hash
      WHERE event.type = 'RecordRestored' AND event.run_id = :run_id
      UNION ALL
      SELECT change.object, change.twenty_id, sent.body,
        coalesce(nullif(json_extract(made.data, '$.updated_at'), ''), json_extract(was.body, '$.value.updatedAt'))
      FROM event JOIN change ON change.undone = event.position JOIN payload AS sent ON sent.hash = change.sent_hash
        JOIN event AS made ON made.position = change.position LEFT JOIN payload AS was ON was.hash = change.before_hash
      WHERE event.type = 'RecordRestored' AND event.run_id = :run_id
      UNION ALL
      SELECT event.object, event.twenty_id, put.body, NULL
      FROM event JOIN payload AS put ON put.hash = event.payload_hash
      WHERE event.type = 'DisplacedReturned' AND event.run_id = :run_id
        AND event.payload_hash NOT IN (SELECT payload_hash FROM event WHERE type = 'DisplacementIntended')"""
    found: dict[str, dict[str, _Changed]] = {}
    for row in await working.ledger.reader.rows(statement, run_id=working.ledger.run_id):
        one = found.setdefault(row["object"], {}).setdefault(row["twenty_id"], _Changed())
        one.sent.append(as_stored(msgspec.json.decode(row["body"])["value"]["fields"]))
        one.since = min(filter(None, (one.since, row["since"])), default=None)
    return found


async def _remove(working: Working, object_name: str, records: Records, patience_s: float) -> int:
    client, model, known = working.twenty.client, working.twenty.model, await present(working)
    target = known.find(object_name)
    where = timeline_filter(model, {target.singular: Ids(records)}) if target else None
    if target is None or where is None:
        return 0
    await stand_still(lambda: count_timeline(client, model, {target.singular: Ids(records)}), patience_s)
    columns = [one.column for one in model.pointing_at(target.singular) if one.object == TIMELINE.singular]
    select = f"id name properties {' '.join(columns)}"
    ours: list[str] = []
    async for rows in walk_filter(client, TIMELINE, select, where, NARROW_ROWS_A_PAGE):
        ours += [row["id"] for row in rows if _is_ours(row, target.singular, columns, records)]
    await _destroy(working, ours, [])
    return len(ours)


async def _remove_runs(working: Working, records: Records, patience_s: float) -> int:
    """Destroy the workflow runs that our changes of these records set off."""
    client, since = working.twenty.client, min(one.since for one in records.values() if one.since)
    if not await run_count(client, *records, since=since):
        return 0
    await stand_still(lambda: run_count(client, *records, since=since), patience_s)
    ours = [one async for one, told in run_states(client, *records, since=since) if _set_off_by_us(told, records)]
    await _destroy(working, [], ours)
    return len(ours)


async def _destroy(working: Working, timeline: Sequence[str], runs: Sequence[str]) -> None:
    if not (timeline or runs):
        return
    body = seal(f"traces:{working.ledger.run_id}", {"timeline": timeline, "runs": runs})
    noted = TracesNoted(timeline=len(timeline), runs=len(runs), payload_hash=body.hash)
    [position] = await working.ledger.append([noted], [body])
    if timeline:
        await destroy_timeline(working.twenty.client, Ids(timeline))
    if runs:
        await destroy_runs(working.twenty.client, Ids(runs))
    await working.ledger.append([TracesRemoved(noted=position, timeline=len(timeline), runs=len(runs))])


async def stand_still(count: Callable[[], Awaitable[int]], patience_s: float) -> None:
    """Poll, bounded, until no more traces come."""
    started = anyio.current_time()
    last, still = -1, 0
    while still < _STILL and anyio.current_time() - started + waiting.POLL_S <= patience_s:
        await anyio.sleep(waiting.POLL_S)
        now = await count()
        still = still + 1 if now == last else 0
        last = now


def _set_off_by_us(told: Mapping[str, Any], records: Records) -> bool:
    """Whether a workflow run was set off by a change of nothing but what we sent, to what we sent."""
    changed = records.get(str(told.get("recordId")))
    properties = told.get("properties") or {}
    before, after = properties.get("before"), properties.get("after")
    if changed is None or not before or not after:
        return False
    names = [name for name, value in after.items() if name not in _TOUCHED and value != before.get(name)]
    diff = {name: {"after": after[name]} for name in names}
    return bool(diff) and any(_tells_only_of(diff, sent) for sent in changed.sent)


def _is_ours(row: Mapping[str, Any], singular: str, columns: Sequence[str], records: Records) -> bool:
    record = next((row[column] for column in columns if row.get(column) in records), None)
    if record is None or row["name"] != f"{singular}.updated":
        return False
    told = row["properties"]
    properties = msgspec.json.decode(told) if isinstance(told, str) else told or {}
    diff = properties.get("diff") or {}
    return bool(diff) and any(_tells_only_of(diff, sent) for sent in records[record].sent)


def _tells_only_of(diff: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    told = dict(_as_sent(name, one.get("after"), sent) for name, one in diff.items())
    return told.keys() <= sent.keys() and not differences({name: sent[name] for name in told}, told)


def _as_sent(name: str, after: Any, sent: Mapping[str, Any]) -> tuple[str, Any]:
    """A value of the timeline as it is sent: a relation stands there under its own name, with the record's id."""
    column = f"{name}Id"
    return (column, (after or {}).get("id")) if name not in sent and column in sent else (name, after)
