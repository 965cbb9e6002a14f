"""Traces of changes on records that stay: the timeline rows that our own updates, and their undoing, left there.

A row is ours if it tells of nothing but fields we sent or put back, with just these values (FACTS section 8). Rows of
people's edits stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import TIMELINE, Ids, count_timeline, destroy_timeline, differences, timeline_filter
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

Values = Sequence[Mapping[str, Any]]
"""What was sent to a record, or put back, call by call: fields → values."""


async def remove_change_traces(working: Working, patience_s: float) -> int:
    """Destroy the timeline rows of the changes that this run undid, and of the undoing; answers how many."""
    removed = 0
    for object_name, records in (await _records(working)).items():
        ids = list(records)
        for start in range(0, len(ids), _RECORDS_A_READ):
            some = {one: records[one] for one in ids[start : start + _RECORDS_A_READ]}
            removed += await _remove(working, object_name, some, patience_s)
    return removed


async def _records(working: Working) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
    """Every record put back, or linked again, in this run, by object and id, with all that we ever sent it."""
    statement = """SELECT event.object, event.twenty_id, put.body FROM event
        JOIN payload AS put ON put.hash = event.payload_hash
      WHERE event.type = 'RecordRestored' AND event.run_id = :run_id
      UNION ALL
      SELECT change.object, change.twenty_id, sent.body FROM event
        JOIN change ON change.undone = event.position JOIN payload AS sent ON sent.hash = change.sent_hash
      WHERE event.type = 'RecordRestored' AND event.run_id = :run_id
      UNION ALL
      SELECT event.object, event.twenty_id, put.body FROM event JOIN payload AS put ON put.hash = event.payload_hash
      WHERE event.type = 'DisplacedReturned' AND event.run_id = :run_id
        AND json_extract(put.body, '$.value.fields') IS NOT NULL"""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in await working.ledger.reader.rows(statement, run_id=working.ledger.run_id):
        fields = as_stored(msgspec.json.decode(row["body"])["value"]["fields"])
        found.setdefault(row["object"], {}).setdefault(row["twenty_id"], []).append(fields)
    return found


async def _remove(working: Working, object_name: str, records: Mapping[str, Values], patience_s: float) -> int:
    client, model, known = working.twenty.client, working.twenty.model, await present(working)
    target = known.find(object_name)
    where = timeline_filter(model, {target.singular: Ids(records)}) if target else None
    if target is None or where is None:
        return 0
    await stand_still(working, {target.singular: Ids(records)}, patience_s)
    columns = [one.column for one in model.pointing_at(target.singular) if one.object == TIMELINE.singular]
    select = f"id name properties {' '.join(columns)}"
    ours: list[str] = []
    async for rows in walk_filter(client, TIMELINE, select, where, NARROW_ROWS_A_PAGE):
        ours += [row["id"] for row in rows if _is_ours(row, target.singular, columns, records)]
    if not ours:
        return 0
    body = seal(f"traces:{working.ledger.run_id}", {"timeline": ours, "runs": []})
    [noted] = await working.ledger.append([TracesNoted(timeline=len(ours), runs=0, payload_hash=body.hash)], [body])
    await destroy_timeline(client, Ids(ours))
    await working.ledger.append([TracesRemoved(noted=noted, timeline=len(ours), runs=0)])
    return len(ours)


async def stand_still(working: Working, targets: Mapping[str, Ids], patience_s: float) -> None:
    """Poll, bounded, until no more rows come about these records."""
    started = anyio.current_time()
    last, still = -1, 0
    while still < _STILL and anyio.current_time() - started + waiting.POLL_S <= patience_s:
        await anyio.sleep(waiting.POLL_S)
        now = await count_timeline(working.twenty.client, working.twenty.model, targets)
        still = still + 1 if now == last else 0
        last = now


def _is_ours(row: Mapping[str, Any], singular: str, columns: Sequence[str], records: Mapping[str, Values]) -> bool:
    record = next((row[column] for column in columns if row.get(column) in records), None)
    if record is None or row["name"] != f"{singular}.updated":
        return False
    told = row["properties"]
    properties = msgspec.json.decode(told) if isinstance(told, str) else told or {}
    diff = properties.get("diff") or {}
    return bool(diff) and any(_tells_only_of(diff, sent) for sent in records[record])


def _tells_only_of(diff: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    told = dict(_as_sent(name, one.get("after"), sent) for name, one in diff.items())
    return told.keys() <= sent.keys() and not differences({name: sent[name] for name in told}, told)


def _as_sent(name: str, after: Any, sent: Mapping[str, Any]) -> tuple[str, Any]:
    """A value of the timeline as it is sent: a relation stands there under its own name, with the record's id."""
    column = f"{name}Id"
    return (column, (after or {}).get("id")) if name not in sent and column in sent else (name, after)
