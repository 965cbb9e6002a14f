"""The whole story of one stream's record: the rows it was made of, what was sent and what stood there, every event."""

from typing import Any

import msgspec

from ledger.hashing import Envelope
from ledger.listings.events import Told, find_events
from ledger.listings.files import SourceRow, rows_at
from ledger.listings.holds import HoldListed, holds_of
from ledger.listings.places import Place
from ledger.listings.records import Listed, find_record, records_of
from ledger.projections.records import RecordState
from ledger.reader import Reader
from ledger.sources import sources_of

MOST = 500
"""How many events and rows a story tells; more of either are counted, and to be had from the lists."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a record that was there: what stood in the fields, and what was sent for them."""

    position: int
    kind: str
    undone: int | None
    before: Any
    sent: Any


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on record of one stream, or of its record of one object.

    `meant` is what the record should hold, `written` what was last sent; either is missing where it never was, or was
    erased. `events` are all that name the stream, its rows or its record, the intents of its calls among them; `left`
    counts those that are not told here.
    """

    source_key: str
    object: str | None
    record: Listed | None
    beside: list[Listed]
    rows: list[SourceRow]
    rows_in_all: int
    holds: list[HoldListed]
    changes: list[Change]
    meant: Envelope | None
    written: Envelope | None
    meant_hash: str | None
    written_hash: str | None
    mapping: int | None
    events: list[Told]
    left: int


_ROWS_OF_STREAM = "SELECT file || ':' || line AS ref FROM source_row WHERE source_key = :stream ORDER BY position"
_OWN = "source_key = :stream AND (:object IS NULL OR object IS NULL OR object = :object)"
# The intents of its calls name it among others; decisions on its holds name the hold, erasures the body.
_ABOUT = f"""WITH own AS (SELECT position FROM event WHERE {_OWN}
    UNION SELECT other.position FROM event AS mine CROSS JOIN event AS other ON other.twenty_id = mine.twenty_id
      WHERE mine.source_key = :stream AND (:object IS NULL OR mine.object = :object) AND mine.twenty_id IS NOT NULL
        AND +other.object = mine.object
    UNION SELECT event.position FROM json_each(:refs) AS ref CROSS JOIN event ON event.source_ref = ref.value
    UNION SELECT event.position FROM json_each(:holds) AS held CROSS JOIN event
      ON json_extract(event.data, '$.hold') = held.value
      WHERE event.type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned')),
  bodies AS (SELECT payload_hash FROM own JOIN event USING (position) WHERE payload_hash IS NOT NULL)
  SELECT position FROM own
  UNION SELECT cause FROM own JOIN event USING (position) WHERE cause IS NOT NULL
  UNION SELECT event.position FROM bodies CROSS JOIN event ON event.payload_hash = bodies.payload_hash
    WHERE event.type = 'PayloadErased'
  ORDER BY 1"""
_MAPPED = """SELECT max(signed.position) FROM event AS made CROSS JOIN event AS signed
  ON signed.type = 'MappingConfirmed' AND signed.payload_hash = made.data ->> '$.mapping_hash'
  WHERE made.position = (SELECT max(position) FROM event WHERE source_key = :stream AND +type = 'RowTransformed'
    AND object = :object)"""


async def story(reader: Reader, stream: str, object_name: str | None) -> Story | None:
    """Everything on record of a stream, or of its record of one object; None where there is nothing."""
    every = [one for one in await records_of(reader, [stream]) if one.source_key == stream]
    record = await _record(reader, stream, object_name, every)
    named = record.object if record else object_name
    refs = await _refs(reader, stream, record)
    rows = await rows_at(reader, refs[:MOST])
    held = await holds_of(reader, stream, [one.place for one in rows])
    positions = await _positions(reader, stream, named, refs[:MOST], held)
    if record is None and not positions:
        return None
    state = None if record is None else await _state(reader, record)
    bodies = await _standing(reader, state)
    return Story(
        source_key=stream,
        object=named,
        record=record,
        beside=[one for one in every if record is None or one.object != record.object],
        rows=rows,
        rows_in_all=len(refs),
        holds=held,
        changes=[] if named is None else await _changes(reader, named, stream),
        meant=bodies.get(state.payload_hash) if state else None,
        written=bodies.get(state.written_hash or "") if state else None,
        meant_hash=state.payload_hash if state else None,
        written_hash=state.written_hash if state else None,
        mapping=await reader.scalar(_MAPPED, stream=stream, object=named),
        events=await find_events(reader, positions[:MOST]),
        left=max(len(positions) - MOST, 0),
    )


async def _record(reader: Reader, stream: str, object_name: str | None, every: list[Listed]) -> Listed | None:
    if object_name is not None:
        return await find_record(reader, object_name, stream)
    return min(every, key=lambda one: one.position, default=None)


async def _state(reader: Reader, record: Listed) -> RecordState:
    statement = "SELECT * FROM record WHERE object = :object AND source_key = :stream"
    [state] = await reader.fetch(RecordState, statement, object=record.object, stream=record.source_key)
    return state


async def _refs(reader: Reader, stream: str, record: Listed | None) -> list[str]:
    own = [row["ref"] for row in await reader.rows(_ROWS_OF_STREAM, stream=stream)]
    made_of = [] if record is None else await sources_of(reader, await _state(reader, record))
    return list(dict.fromkeys([*filter(None, made_of), *own]))


async def _positions(
    reader: Reader, stream: str, object_name: str | None, refs: list[str], held: list[HoldListed]
) -> list[int]:
    params = {
        "refs": msgspec.json.encode(refs).decode(),
        "holds": msgspec.json.encode([one.id for one in held]).decode(),
    }
    rows = await reader.rows(_ABOUT, stream=stream, object=object_name, **params)
    return [row["position"] for row in rows]


async def _changes(reader: Reader, object_name: str, stream: str) -> list[Change]:
    statement = """SELECT change.* FROM event CROSS JOIN change ON change.position = event.position
      WHERE event.source_key = :stream AND change.object = :object ORDER BY change.position LIMIT 100"""
    rows = await reader.rows(statement, stream=stream, object=object_name)
    bodies = await readable(reader, [row[name] for row in rows for name in ("before_hash", "sent_hash") if row[name]])
    return [
        Change(
            position=row["position"],
            kind=row["kind"],
            undone=row["undone"],
            before=_value(bodies.get(row["before_hash"] or "")),
            sent=_value(bodies.get(row["sent_hash"] or "")),
        )
        for row in rows
    ]


async def _standing(reader: Reader, state: RecordState | None) -> dict[str, Envelope]:
    hashes = [] if state is None else [state.payload_hash, *filter(None, [state.written_hash])]
    return await readable(reader, hashes)


async def readable(reader: Reader, hashes: list[str]) -> dict[str, Envelope]:
    """Some bodies; those whose erasure is on record are missing, also where it was not carried out yet."""
    statement = """SELECT hash.value AS hash FROM json_each(:hashes) AS hash WHERE NOT EXISTS
      (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = hash.value)"""
    rows = await reader.rows(statement, hashes=msgspec.json.encode(hashes).decode())
    return await reader.envelopes([row["hash"] for row in rows])


def _value(body: Envelope | None) -> Any:
    return None if body is None else body.value


__all__ = ["MOST", "Change", "Place", "Story", "readable", "story"]
