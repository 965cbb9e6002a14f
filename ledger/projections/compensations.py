"""What was taken back from Twenty, what was kept and why, and the traces noted on the way."""

from collections.abc import Mapping

import msgspec

from ledger.events import (
    CompensationIntended,
    CompensationKept,
    DisplacedReturned,
    Event,
    RecordDeleted,
    RecordLost,
    RecordRestored,
    RecordReturned,
    TracesNoted,
    TracesRemoved,
)
from ledger.reader import Reader

_SETTLED = """INSERT INTO compensation (run_id, object, twenty_id, source_key, state, detail, payload_hash, position)
  VALUES (:run_id, :object, :twenty_id, :source_key, '{state}', {detail}, {payload}, :position)
  ON CONFLICT (run_id, object, twenty_id) DO UPDATE SET
    state = excluded.state, detail = excluded.detail, payload_hash = excluded.payload_hash,
    position = excluded.position"""

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    CompensationIntended: (
        """INSERT INTO compensation (run_id, object, twenty_id, source_key, state, detail, position)
           VALUES (:run_id, :object, :item_id, :item_key, 'intended', :action, :position)
           ON CONFLICT (run_id, object, twenty_id) DO UPDATE SET
             state = 'intended', detail = excluded.detail, position = excluded.position""",
    ),
    RecordDeleted: (_SETTLED.format(state="done", detail=":outcome", payload="NULL"),),
    RecordRestored: (_SETTLED.format(state="done", detail="'restored'", payload=":payload_hash"),),
    DisplacedReturned: (_SETTLED.format(state="done", detail="'returned'", payload=":payload_hash"),),
    RecordReturned: (_SETTLED.format(state="done", detail="'returned'", payload=":payload_hash"),),
    RecordLost: (_SETTLED.format(state="lost", detail=":why", payload=":payload_hash"),),
    CompensationKept: (_SETTLED.format(state="kept", detail=":why", payload=":payload_hash"),),
    TracesNoted: (
        """INSERT INTO trace (position, run_id, timeline, runs, payload_hash, removed)
           VALUES (:position, :run_id, :timeline, :runs, :payload_hash, 0)""",
    ),
    TracesRemoved: ("UPDATE trace SET removed = 1 WHERE position = :noted",),
}


class Compensation(msgspec.Struct, frozen=True):
    """What became of one record in a rollback."""

    run_id: str
    object: str
    twenty_id: str
    source_key: str | None
    state: str
    detail: str
    payload_hash: str | None


class NotedTraces(msgspec.Struct, frozen=True):
    """Traces noted and not yet removed."""

    position: int
    run_id: str
    payload_hash: str


async def compensations(reader: Reader, run_id: str) -> list[Compensation]:
    """Every record a rollback has come to, in order."""
    statement = "SELECT * FROM compensation WHERE run_id = :run_id ORDER BY position, object, twenty_id"
    return await reader.fetch(Compensation, statement, run_id=run_id)


async def noted_traces(reader: Reader) -> list[NotedTraces]:
    """Traces that were noted and still wait to be removed, whichever rollback noted them."""
    return await reader.fetch(NotedTraces, "SELECT * FROM trace WHERE removed = 0 ORDER BY position")


async def kept_as_edited(reader: Reader, object_name: str) -> dict[str, str]:
    """The records of an object that were kept since somebody edited them, and that we did not write since.

    Twenty's id → the body that says what was edited, as it was told last.
    """
    statement = """SELECT twenty_id, payload_hash, max(position) FROM compensation
      WHERE object = :object AND state = 'kept' AND detail = 'edited' AND payload_hash IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.twenty_id = compensation.twenty_id
          AND event.position > compensation.position
          AND event.type IN ('RecordCreated', 'RecordUpdated', 'RecordAdopted', 'RecordRestored', 'RecordReturned'))
      GROUP BY twenty_id"""
    return {row["twenty_id"]: row["payload_hash"] for row in await reader.rows(statement, object=object_name)}


async def soft_deleted(reader: Reader) -> dict[str, frozenset[str]]:
    """The Twenty ids that a rollback put into the bin, by object, and that did not go for good since.

    None took them out, and they did not make way for ours, or are there again.
    """
    statement = """WITH last AS MATERIALIZED (SELECT object, twenty_id,
          max(position) FILTER (WHERE detail = 'soft_deleted') AS position,
          max(position) FILTER (WHERE detail <> 'soft_deleted') AS gone
        FROM compensation WHERE state = 'done' AND detail IN ('soft_deleted', 'destroyed', 'already_gone')
        GROUP BY object, twenty_id)
      SELECT object, twenty_id FROM last AS one WHERE position > coalesce(gone, 0)
        AND NOT EXISTS (SELECT 1 FROM event AS way WHERE +way.type = 'RecordDisplaced'
          AND way.twenty_id = one.twenty_id AND way.object = one.object AND way.position > one.position
          AND NOT EXISTS (SELECT 1 FROM event AS back WHERE +back.type = 'DisplacedReturned'
            AND back.twenty_id = one.twenty_id AND back.object = one.object AND back.position > way.position))"""
    found: dict[str, set[str]] = {}
    for row in await reader.rows(statement):
        found.setdefault(row["object"], set()).add(row["twenty_id"])
    return {name: frozenset(ids) for name, ids in found.items()}


async def kept_before(reader: Reader) -> frozenset[str]:
    """The bodies that say why records stay, as each was told last."""
    statement = """SELECT payload_hash, max(position) FROM compensation
      WHERE state = 'kept' AND payload_hash IS NOT NULL GROUP BY object, twenty_id"""
    return frozenset(row["payload_hash"] for row in await reader.rows(statement))
