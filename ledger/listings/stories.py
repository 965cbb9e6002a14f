"""The whole story of one stream's record: the rows it was made of, what was sent and what stood there, every event."""

from typing import Any, Literal

import msgspec

from ledger.events import Event, bodies, restore
from ledger.hashing import Envelope
from ledger.listings.events import Told, find_events
from ledger.listings.files import SourceRow, rows_at
from ledger.listings.holds import Decision, HoldListed, decisions_on, holds_of
from ledger.listings.places import place
from ledger.listings.records import Listed, find_record, records_of
from ledger.projections.records import RecordState
from ledger.reader import Reader
from ledger.sources import sources_of

MOST = 500
"""How many events, rows and changes a story tells; more of each are counted, and all events are to be had apart."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a record that was there: what stood in the fields, and what was sent for them.

    A body that was erased is missing, and its hash says that there was one.
    """

    position: int
    kind: str
    undone: int | None
    before: Any
    sent: Any
    before_hash: str | None
    sent_hash: str | None


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """How the record came to be ours the last time: made by us, or there before and adopted; what a creation sent."""

    position: int
    kind: Literal["created", "adopted"]
    sent: Envelope | None
    sent_hash: str | None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on record of one stream, or of its record of one object.

    `meant` is what the record should hold now, and `written` what it should have held after our last write; either is
    missing where it never was, or was erased. `changes` are the newest. `events` are all that name the stream, its
    rows or its record, the intents of its calls and the erasures of its bodies among them; `left` counts those that are
    not told here.
    """

    source_key: str
    object: str | None
    record: Listed | None
    beside: list[Listed]
    rows: list[SourceRow]
    rows_in_all: int
    holds: list[HoldListed]
    decisions: list[Decision]
    begun: Beginning | None
    changes: list[Change]
    changes_left: int
    meant: Envelope | None
    written: Envelope | None
    meant_hash: str | None
    written_hash: str | None
    mapping: int | None
    events: list[Told]
    left: int


_ROWS_OF_STREAM = "SELECT file || ':' || line AS ref FROM source_row WHERE source_key = :stream ORDER BY position"
_OWN = "source_key = :stream AND (:object IS NULL OR object IS NULL OR object = :object)"
# Decisions on its holds name the hold, and an erasure names the streams it covers.
_ABOUT = f"""WITH own AS (SELECT position FROM event WHERE {_OWN}
    UNION SELECT other.position FROM event AS mine CROSS JOIN event AS other ON other.twenty_id = mine.twenty_id
      WHERE mine.source_key = :stream AND (:object IS NULL OR mine.object = :object) AND mine.twenty_id IS NOT NULL
        AND +other.object = mine.object
    UNION SELECT event.position FROM json_each(:refs) AS ref CROSS JOIN event ON event.source_ref = ref.value
    UNION SELECT event.position FROM json_each(:holds) AS held CROSS JOIN event
      ON json_extract(event.data, '$.hold') = held.value
      WHERE event.type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned')
    UNION SELECT position FROM intent WHERE source_key = :stream AND (:object IS NULL OR object = :object)
    UNION SELECT position FROM event WHERE type = 'IdentityErased'
      AND EXISTS (SELECT 1 FROM json_each(event.data, '$.streams') AS covered WHERE covered.value = :stream))
  SELECT position FROM own
  UNION SELECT cause FROM own JOIN event USING (position) WHERE cause IS NOT NULL
  ORDER BY 1"""
_ERASED = """SELECT position FROM json_each(:hashes) AS hash CROSS JOIN event ON event.payload_hash = hash.value
  WHERE event.type = 'PayloadErased'"""
_MAPPED = """SELECT max(signed.position) FROM event AS made CROSS JOIN event AS signed
  ON signed.type = 'MappingConfirmed' AND signed.payload_hash = made.data ->> '$.mapping_hash'
    AND signed.position <= made.position
  WHERE made.position = (SELECT max(position) FROM event WHERE source_key = :stream AND +type = 'RowTransformed'
    AND object = :object)"""
_BEGUN = """SELECT position, type, payload_hash FROM event WHERE source_key = :stream AND object = :object
  AND +type IN ('RecordCreated', 'RecordReturned', 'RecordAdopted') ORDER BY position DESC LIMIT 1"""
_CHANGES = """SELECT change.*, count(*) OVER () AS of_all FROM event CROSS JOIN change
    ON change.position = event.position
  WHERE event.source_key = :stream AND change.object = :object ORDER BY change.position DESC LIMIT :limit"""


async def story(reader: Reader, stream: str, object_name: str | None) -> Story | None:
    """Everything on record of a stream, or of its record of one object; None where there is nothing."""
    every = [one for one in await records_of(reader, [stream]) if one.source_key == stream]
    record = await _record(reader, stream, object_name, every)
    named = record.object if record else object_name
    refs = await _refs(reader, stream, record)
    rows = await rows_at(reader, refs[:MOST])
    held = await _holds(reader, stream, refs)
    positions = await _positions(reader, stream, named, refs, held)
    if record is None and not positions:
        return None
    state = None if record is None else await _state(reader, record)
    standing = await _standing(reader, state)
    changes, in_all = ([], 0) if named is None else await _changes(reader, named, stream)
    return Story(
        source_key=stream,
        object=named,
        record=record,
        beside=[one for one in every if record is None or one.object != record.object],
        rows=rows,
        rows_in_all=len(refs),
        holds=held,
        decisions=await decisions_on(reader, [one.id for one in held]),
        begun=None if named is None else await _begun(reader, named, stream),
        changes=changes,
        changes_left=in_all - len(changes),
        meant=standing.get(state.payload_hash) if state else None,
        written=standing.get(state.written_hash or "") if state else None,
        meant_hash=state.payload_hash if state else None,
        written_hash=state.written_hash if state else None,
        mapping=await reader.scalar(_MAPPED, stream=stream, object=named),
        events=await find_events(reader, positions[:MOST]),
        left=max(len(positions) - MOST, 0),
    )


async def story_positions(reader: Reader, stream: str, object_name: str | None) -> list[int]:
    """The positions of every event of a story, however many there are."""
    every = [one for one in await records_of(reader, [stream]) if one.source_key == stream]
    record = await _record(reader, stream, object_name, every)
    refs = await _refs(reader, stream, record)
    held = await _holds(reader, stream, refs)
    return await _positions(reader, stream, record.object if record else object_name, refs, held)


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


async def _holds(reader: Reader, stream: str, refs: list[str]) -> list[HoldListed]:
    return await holds_of(reader, stream, [one for ref in refs if (one := place(ref, {})) is not None])


async def _positions(
    reader: Reader, stream: str, object_name: str | None, refs: list[str], held: list[HoldListed]
) -> list[int]:
    params = {"refs": _json(refs), "holds": _json([one.id for one in held])}
    own = [row["position"] for row in await reader.rows(_ABOUT, stream=stream, object=object_name, **params)]
    if not await reader.scalar("SELECT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased')"):
        return own
    erased = await reader.rows(_ERASED, hashes=_json(await _bodies(reader, own, stream)))
    return sorted({*own, *(row["position"] for row in erased)})


async def _bodies(reader: Reader, positions: list[int], stream: str) -> list[str]:
    """The bodies that events name; of a batch those of the stream's own record."""
    statement = "SELECT event.* FROM json_each(:positions) AS at CROSS JOIN event ON event.position = at.value"
    rows = await reader.rows(statement, positions=_json(positions))
    return list(dict.fromkeys(each for row in rows for each in bodies(_own_part(restore(row), stream))))


def _own_part(event: Event, stream: str) -> Event:
    mine = tuple(one for one in getattr(event, "items", ()) if one.key == stream)
    return msgspec.structs.replace(event, items=mine) if hasattr(event, "items") else event


async def _begun(reader: Reader, object_name: str, stream: str) -> Beginning | None:
    rows = await reader.rows(_BEGUN, stream=stream, object=object_name)
    if not rows:
        return None
    adopted = rows[0]["type"] == "RecordAdopted"
    hash_ = None if adopted else rows[0]["payload_hash"]
    sent = (await readable(reader, [hash_])).get(hash_) if hash_ else None
    return Beginning(position=rows[0]["position"], kind="adopted" if adopted else "created", sent=sent, sent_hash=hash_)


async def _changes(reader: Reader, object_name: str, stream: str) -> tuple[list[Change], int]:
    """The newest changes, oldest first, and how many there are in all."""
    rows = await reader.rows(_CHANGES, stream=stream, object=object_name, limit=MOST)
    found = await readable(reader, [row[name] for row in rows for name in ("before_hash", "sent_hash") if row[name]])
    changes = [
        Change(
            position=row["position"],
            kind=row["kind"],
            undone=row["undone"],
            before=_value(found.get(row["before_hash"] or "")),
            sent=_value(found.get(row["sent_hash"] or "")),
            before_hash=row["before_hash"],
            sent_hash=row["sent_hash"],
        )
        for row in reversed(rows)
    ]
    return changes, rows[0]["of_all"] if rows else 0


async def _standing(reader: Reader, state: RecordState | None) -> dict[str, Envelope]:
    hashes = [] if state is None else [state.payload_hash, *filter(None, [state.written_hash])]
    return await readable(reader, hashes)


async def readable(reader: Reader, hashes: list[str]) -> dict[str, Envelope]:
    """Some bodies; those whose erasure is on record are missing, also where it was not carried out yet."""
    statement = """SELECT hash.value AS hash FROM json_each(:hashes) AS hash WHERE NOT EXISTS
      (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = hash.value)"""
    rows = await reader.rows(statement, hashes=_json(hashes))
    return await reader.envelopes([row["hash"] for row in rows])


def _value(body: Envelope | None) -> Any:
    return None if body is None else body.value


def _json(values: Any) -> str:
    return msgspec.json.encode(values).decode()
