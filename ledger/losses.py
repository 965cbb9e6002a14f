"""What was destroyed on our way that a rollback brings back: records of others that made way, ours that left Kartra."""

from collections.abc import Iterable

import msgspec

from ledger.reader import Reader
from ledger.scopes import Scope, condition

_SETTLED = """EXISTS (SELECT 1 FROM event AS outcome WHERE outcome.twenty_id = intent.twenty_id
    AND outcome.object = intent.object AND outcome.position > intent.position AND outcome.type IN ({types}))"""
# A rollback of ours takes back what made way for it: also where it is asked for by the id of ours.
_OURS = """(SELECT ours.twenty_id FROM event AS ours WHERE ours.source_key = intent.source_key
    AND ours.object = intent.object AND ours.type IN ('RecordCreated', 'RecordReturned')
    AND ours.twenty_id IN (SELECT value FROM json_each(:scope_records)) LIMIT 1)"""
_INTENT = condition(
    run="intent.run_id",
    position="intent.position",
    object_="intent.object",
    id_=f"coalesce({_OURS}, intent.twenty_id)",
    key="intent.source_key",
)


class Displaced(msgspec.Struct, frozen=True):
    """A record of others that was, or was to be, destroyed for ours; the body is all of it as it was before."""

    position: int
    run_id: str
    recorded_at: str
    object: str
    source_key: str
    twenty_id: str
    payload_hash: str


_DISPLACED = "position, run_id, recorded_at, object, source_key, twenty_id, payload_hash"


async def unsettled(reader: Reader) -> list[Displaced]:
    """Displacements whose outcome is not known."""
    settled = _SETTLED.format(types="'RecordDisplaced', 'DisplacementSpared'")
    statement = f"""SELECT {_DISPLACED} FROM event AS intent
      WHERE type = 'DisplacementIntended' AND NOT {settled} ORDER BY position"""
    return await reader.fetch(Displaced, statement)


async def displaced(reader: Reader, scope: Scope) -> list[Displaced]:
    """Records of others that made way in a scope and are not there again, in the order they went."""
    last = """SELECT max(position) FROM event WHERE type = 'DisplacementIntended' GROUP BY object, twenty_id"""
    statement = f"""SELECT {_DISPLACED} FROM event AS intent
      WHERE position IN ({last}) AND {_SETTLED.format(types="'RecordDisplaced'")}
        AND NOT {_SETTLED.format(types="'DisplacedReturned'")} AND {_INTENT} ORDER BY position"""
    return await reader.fetch(Displaced, statement, **scope.parameters)


async def ever_made(reader: Reader, object_name: str, keys: Iterable[str]) -> dict[str, dict[str, bool]]:
    """Every record each of these streams ever had or stood for: its id, and whether it made way for a later one."""
    statement = """SELECT source_key, twenty_id, EXISTS (SELECT 1 FROM event AS way WHERE way.type = 'RecordDisplaced'
        AND way.twenty_id = event.twenty_id AND way.object = event.object) AS made_way
      FROM event WHERE +type IN ('RecordCreated', 'RecordAdopted', 'RecordSkipped', 'RecordReturned')
        AND object = :object AND source_key IN (SELECT value FROM json_each(:keys))"""
    found: dict[str, dict[str, bool]] = {}
    said = msgspec.json.encode(sorted(keys)).decode()
    for row in await reader.rows(statement, object=object_name, keys=said):
        found.setdefault(row["source_key"], {})[row["twenty_id"]] = bool(row["made_way"])
    return found


class Departed(msgspec.Struct, frozen=True):
    """A record of ours that a delta destroyed since it left Kartra, as it stood then.

    It was made by the run `made_in` at `made_at`; `written_hash` is what it held, `obsolete` whether no row made it any
    more, `generation` that of a record made again. `created_at` and `updated_at` are empty where an answer was lost.
    `standing` is the id of its stream's record that stands in Twenty by now, if one does.
    """

    position: int
    run_id: str
    object: str
    source_key: str
    twenty_id: str
    generation: int
    made_in: str
    made_at: int
    written_hash: str
    created_at: str
    updated_at: str
    obsolete: int
    standing: str | None


class Generation(msgspec.Struct, frozen=True):
    """A record, made or adopted at `position`, of a stream whose record a delta had destroyed before.

    It counts as made by `made_in` at `made_at`; it left at `left_at`, in the run `left_in`, if it did: `taken_back`, if
    that was a rollback.
    """

    object: str
    source_key: str
    twenty_id: str
    position: int
    made_in: str
    made_at: int
    left_at: int | None
    left_in: str | None
    taken_back: int


_BY_DELTA = """event AS deletion JOIN run ON run.run_id = deletion.run_id AND run.command = 'delta'"""
_DESTROYED = "deletion.type = 'RecordDeleted' AND json_extract(deletion.data, '$.outcome') = 'destroyed'"
_MADE_IN = """coalesce(json_extract(made.data, '$.made_in'), made.run_id) AS made_in,
        coalesce(json_extract(made.data, '$.made_at'), made.position) AS made_at"""


async def departed(reader: Reader) -> list[Departed]:
    """Every record of ours that a delta ever destroyed, in the order they went."""
    content = "'RecordCreated', 'RecordUpdated', 'RecordRestored', 'RecordReturned'"
    statement = f"""SELECT deletion.position, deletion.run_id, deletion.object, deletion.source_key, deletion.twenty_id,
        record.generation, {_MADE_IN},
        coalesce(json_extract(content.data, '$.written_hash'), content.payload_hash) AS written_hash,
        coalesce(json_extract(made.data, '$.created_at'), '') AS created_at,
        json_extract(content.data, '$.updated_at') AS updated_at,
        EXISTS (SELECT 1 FROM event AS withdrawal WHERE withdrawal.source_key = deletion.source_key
          AND withdrawal.object = deletion.object AND withdrawal.type = 'RecordWithdrawn'
          AND withdrawal.position > content.position AND withdrawal.position < deletion.position) AS obsolete,
        CASE WHEN record.written_hash IS NOT NULL THEN record.twenty_id END AS standing
      FROM {_BY_DELTA}
      JOIN record ON record.object = deletion.object AND record.source_key = deletion.source_key
      JOIN event AS made ON made.position = (SELECT max(position) FROM event AS one WHERE
          one.twenty_id = deletion.twenty_id AND one.object = deletion.object
          AND one.type IN ('RecordCreated', 'RecordReturned'))
      JOIN event AS content ON content.position = (SELECT max(position) FROM event AS one WHERE
          one.twenty_id = deletion.twenty_id AND one.object = deletion.object AND one.type IN ({content}))
      WHERE {_DESTROYED} ORDER BY deletion.position"""
    return await reader.fetch(Departed, statement)


async def generations(reader: Reader) -> list[Generation]:
    """The records that streams had after a delta destroyed one of theirs, in the order they were made."""
    statement = f"""WITH bereft AS (SELECT deletion.object, deletion.source_key, min(deletion.position) AS since
        FROM {_BY_DELTA} WHERE {_DESTROYED} GROUP BY deletion.object, deletion.source_key)
      SELECT made.object, made.source_key, made.twenty_id, made.position, {_MADE_IN}, leave.position AS left_at,
        leave.run_id AS left_in, coalesce(run.command = 'rollback', 0) AS taken_back
      FROM bereft JOIN event AS made ON made.source_key = bereft.source_key AND made.object = bereft.object
        AND made.position > bereft.since AND made.type IN ('RecordCreated', 'RecordReturned', 'RecordAdopted')
      LEFT JOIN event AS leave ON leave.position = (SELECT min(position) FROM event AS one WHERE
          one.twenty_id = made.twenty_id AND one.object = made.object AND one.type = 'RecordDeleted'
          AND one.position > made.position)
      LEFT JOIN run ON run.run_id = leave.run_id ORDER BY made.position"""
    return await reader.fetch(Generation, statement)
