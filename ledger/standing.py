"""What stands in Twenty by our hand: the queries that a rollback and a reconciliation begin with."""

from collections.abc import Iterable

import msgspec

from ledger.reader import Reader
from ledger.scopes import Scope, condition
from ledger.work import Work, as_work

_CREATED = """object = :object AND twenty_id IS NOT NULL AND coalesce(origin, action, 'create') IN ('created', 'create')
  AND state IN ('written', 'changed', 'obsolete', 'held', 'rejected', 'intended', 'abandoned')"""
_IN_SCOPE = condition(position="coalesce(since, intent, 0)")
_INTENT = condition(
    run="event.run_id",
    position="record.intent",
    object_="record.object",
    id_="record.twenty_id",
    key="record.source_key",
)
_ITEMS = condition(
    run="event.run_id",
    position="event.position",
    object_="event.object",
    id_="json_extract(item.value, '$.id')",
    key="json_extract(item.value, '$.key')",
)
# What was made again belongs to where it was made first.
_MADE_AGAIN = condition(run="json_extract(data, '$.made_in')", position="json_extract(data, '$.made_at')")

# What calls of ours named and is no record of ours now, or is one of those `released`.
_STRAY = f"""FROM event, json_each(json_extract(event.data, '$.items')) AS item
      WHERE event.type = 'BatchIntended' AND event.object = :object AND json_extract(event.data, '$.action') = 'create'
        AND {_ITEMS}
        AND NOT EXISTS (SELECT 1 FROM record WHERE record.object = event.object
          AND record.source_key = json_extract(item.value, '$.key')
          AND record.twenty_id = json_extract(item.value, '$.id')
          AND record.twenty_id NOT IN (SELECT value FROM json_each(:released)))"""


def made_in_scope() -> str:
    """The SQL that holds for records of any object that we made or may have made, in a scope."""
    return f"{_CREATED.replace('object = :object AND ', '')} AND {_IN_SCOPE}"


async def created(reader: Reader, object_name: str, scope: Scope, after: str, limit: int) -> list[Work]:
    """Records that we made or may have made, by stream, with what we last sent. Adopted ones are not among them."""
    statement = f"""SELECT record.*, payload.body FROM record
      LEFT JOIN payload ON payload.hash = coalesce(written_hash, payload_hash)
      WHERE {_CREATED} AND {_IN_SCOPE} AND source_key > :after ORDER BY source_key LIMIT :limit"""
    rows = await reader.rows(statement, object=object_name, after=after, limit=limit, **scope.parameters)
    return [as_work(row) for row in rows]


async def written(
    reader: Reader, object_name: str, after: str, limit: int, keys: Iterable[str] | None = None
) -> list[Work]:
    """Records that stand in Twenty by our hand, adopted ones too, of some streams or all, with what we last sent."""
    only = "" if keys is None else "AND source_key IN (SELECT value FROM json_each(:keys))"
    statement = f"""SELECT record.*, payload.body FROM record LEFT JOIN payload ON payload.hash = written_hash
      WHERE object = :object AND written_hash IS NOT NULL AND twenty_id IS NOT NULL AND source_key > :after {only}
      ORDER BY source_key LIMIT :limit"""
    said = msgspec.json.encode(list(keys or ())).decode()
    rows = await reader.rows(statement, object=object_name, after=after, limit=limit, keys=said)
    return [as_work(row) for row in rows]


async def written_keys(reader: Reader, object_name: str) -> list[str]:
    """The streams of the records that `written` pages through."""
    statement = """SELECT source_key FROM record
      WHERE object = :object AND written_hash IS NOT NULL AND twenty_id IS NOT NULL ORDER BY source_key"""
    return [row["source_key"] for row in await reader.rows(statement, object=object_name)]


async def created_ids(reader: Reader, object_name: str, scope: Scope) -> list[str]:
    """The Twenty ids of the records that `created` pages through."""
    statement = f"SELECT twenty_id FROM record WHERE {_CREATED} AND {_IN_SCOPE} ORDER BY source_key"
    rows = await reader.rows(statement, object=object_name, **scope.parameters)
    return [row["twenty_id"] for row in rows]


async def obsolete(reader: Reader, streams: Iterable[str]) -> list[tuple[str, str, str]]:
    """Object, stream and Twenty id of these streams' records that are written and not made any more."""
    statement = """SELECT object, source_key, twenty_id FROM record WHERE state = 'obsolete'
      AND source_key IN (SELECT value FROM json_each(:streams)) ORDER BY object, source_key"""
    rows = await reader.rows(statement, streams=msgspec.json.encode(list(streams)).decode())
    return [(row["object"], row["source_key"], row["twenty_id"]) for row in rows]


async def unlanded(reader: Reader, object_name: str, scope: Scope) -> list[Work]:
    """Records with a change of unknown outcome, which are not to be taken back themselves."""
    statement = f"""SELECT record.*, payload.body FROM record JOIN event ON event.position = record.intent
      LEFT JOIN payload ON payload.hash = record.payload_hash
      WHERE record.object = :object AND record.state = 'intended' AND record.action IN ('update', 'adopt', 'restore')
        AND {_INTENT} ORDER BY record.source_key"""
    rows = await reader.rows(statement, object=object_name, **scope.parameters)
    return [as_work(row) for row in rows]


async def strays(reader: Reader, object_name: str, scope: Scope, released: Iterable[str] = ()) -> list[Work]:
    """Records a call of ours named that are none now: taken back (into the bin), or given up. One may have landed late.

    With them come those of Twenty's ids `released`, as if they were none by now. Each holds what it was last known to
    hold of ours, else what its call was to put there; an adoption, of one that somebody took out of the bin, is not one
    of a record we made.
    """
    statement = f"""WITH stray AS (SELECT event.object, json_extract(item.value, '$.key') AS source_key,
        'intended' AS state, 'create' AS action, json_extract(item.value, '$.hash') AS intended_hash,
        json_extract(item.value, '$.id') AS twenty_id, json_extract(item.value, '$.generation') AS generation,
        event.run_id, max(event.position) AS intent, event.position, '' AS source_ref
      {_STRAY} GROUP BY json_extract(item.value, '$.id')),
    last AS (SELECT event.twenty_id, max(event.position), event.data ->> '$.updated_at' AS updated_at,
        nullif(event.data ->> '$.unlinked', '[]') AS unlinked,
        CASE event.type WHEN 'RecordRestored' THEN event.data ->> '$.written_hash' ELSE event.payload_hash END AS held
      FROM event JOIN stray ON event.twenty_id = stray.twenty_id
      WHERE +event.type IN ('RecordCreated', 'RecordUpdated', 'RecordRestored') AND event.object = :object
        AND NOT EXISTS (SELECT 1 FROM event AS adoption WHERE +adoption.type = 'RecordAdopted'
          AND adoption.twenty_id = event.twenty_id AND adoption.position < event.position)
      GROUP BY event.twenty_id)
    SELECT stray.*, coalesce(last.held, stray.intended_hash) AS payload_hash, last.updated_at, last.unlinked,
      payload.body FROM stray LEFT JOIN last ON last.twenty_id = stray.twenty_id
    LEFT JOIN payload ON payload.hash = coalesce(last.held, stray.intended_hash)"""
    said = msgspec.json.encode(list(released)).decode()
    rows = await reader.rows(statement, object=object_name, released=said, **scope.parameters)
    nothing = dict.fromkeys(("written_hash", "origin", "since", "label"))
    return [as_work({**nothing, **row}) for row in rows]


async def stray_ids(reader: Reader, object_name: str, scope: Scope, released: Iterable[str] = ()) -> set[str]:
    """The Twenty ids of the records that `strays` finds."""
    said = msgspec.json.encode(list(released)).decode()
    statement = f"SELECT DISTINCT json_extract(item.value, '$.id') AS twenty_id {_STRAY}"
    rows = await reader.rows(statement, object=object_name, released=said, **scope.parameters)
    return {row["twenty_id"] for row in rows}


async def created_counts(reader: Reader, scope: Scope) -> dict[str, int]:
    """How many records of each object we made or may have made."""
    statement = f"SELECT object, count(*) AS n FROM record WHERE {made_in_scope()} GROUP BY object"
    return {row["object"]: row["n"] for row in await reader.rows(statement, **scope.parameters)}


async def intended_ids(reader: Reader, scope: Scope) -> dict[str, list[str]]:
    """Every Twenty id a call of ours ever named as to be created, by object."""
    statement = f"""SELECT event.object, json_extract(item.value, '$.id') AS id
      FROM event, json_each(json_extract(event.data, '$.items')) AS item
      WHERE event.type = 'BatchIntended' AND json_extract(event.data, '$.action') = 'create' AND {_ITEMS}
      UNION ALL SELECT object, twenty_id AS id FROM event WHERE type = 'RecordReturned' AND {_MADE_AGAIN}"""
    found: dict[str, dict[str, None]] = {}
    for row in await reader.rows(statement, **scope.parameters):
        found.setdefault(row["object"], {})[row["id"]] = None
    return {name: list(ids) for name, ids in found.items()}
