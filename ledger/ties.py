"""Relations between our records: those that stay and point at what was taken back, and ties that go with it."""

from collections.abc import Iterable

import msgspec

from ledger.reader import Reader
from ledger.scopes import Scope
from ledger.standing import made_in_scope

# The joins keep their order: each record's few links are looked up among what is gone, never the other way about.
_POINTING = """WITH gone AS MATERIALIZED (SELECT DISTINCT object, source_key FROM event
    WHERE type = 'RecordDeleted' AND run_id = :run_id)
  SELECT record.object, record.source_key, record.twenty_id, link.key AS column, record.unlinked
  FROM record CROSS JOIN payload ON payload.hash = record.written_hash
    CROSS JOIN json_each(body, '$.value.links') AS link
    CROSS JOIN gone ON gone.object = json_extract(link.value, '$.object')
      AND gone.source_key = json_extract(link.value, '$.source_key')
  WHERE record.twenty_id IS NOT NULL AND EXISTS (SELECT 1 FROM gone)
    AND NOT EXISTS (SELECT 1 FROM json_each(record.unlinked) AS out WHERE out.value = link.key)
  ORDER BY record.object, record.source_key"""

_ALONG = f"""WITH going AS MATERIALIZED (SELECT object, source_key FROM record WHERE {made_in_scope()})
  SELECT record.object, count(DISTINCT record.source_key) AS n
  FROM record CROSS JOIN payload ON payload.hash = record.written_hash
    CROSS JOIN json_each(body, '$.value.links') AS link
    CROSS JOIN going ON going.object = json_extract(link.value, '$.object')
      AND going.source_key = json_extract(link.value, '$.source_key')
  WHERE record.object IN (SELECT value FROM json_each(:objects))
    AND NOT EXISTS (SELECT 1 FROM going AS own WHERE own.object = record.object AND own.source_key = record.source_key)
  GROUP BY record.object"""


class Loose(msgspec.Struct, frozen=True):
    """A record of ours with a relation (its `column`) to one that a rollback took back. `unlinked`: see `record`."""

    object: str
    source_key: str
    twenty_id: str
    column: str
    unlinked: str | None


async def loose(reader: Reader, run_id: str) -> list[Loose]:
    """The relations of our records, as last written, to records that a rollback took back."""
    return await reader.fetch(Loose, _POINTING, run_id=run_id)


async def ties_along(reader: Reader, scope: Scope, objects: Iterable[str]) -> dict[str, int]:
    """How many records of these objects, out of the scope, tie records that are in it."""
    rows = await reader.rows(_ALONG, objects=msgspec.json.encode(list(objects)).decode(), **scope.parameters)
    return {row["object"]: row["n"] for row in rows}
