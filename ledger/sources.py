"""Which source rows a record was made of."""

import msgspec

from ledger.projections.records import RecordState
from ledger.reader import Reader


async def sources_of(reader: Reader, record: RecordState) -> list[str]:
    """All rows (file id and line) of a record as it was written last, or as it is to be where it was not.

    A body that another replaced, which says less, was made of the same rows. Where the list of very many rows was
    erased, the first of them that the event names itself.
    """
    statement = """WITH RECURSIVE said AS (SELECT :hash AS hash UNION
        SELECT json_extract(data, '$.replaced_hash') FROM event JOIN said ON event.payload_hash = said.hash
        WHERE type = 'RecordRedacted' AND source_key = :key AND object = :object)
      SELECT json_extract(data, '$.sources') AS told, json_extract(data, '$.sources_hash') AS every
      FROM event JOIN said ON event.payload_hash = said.hash
      WHERE type = 'RowTransformed' AND source_key = :key AND object = :object
      ORDER BY position DESC LIMIT 1"""
    wanted = record.written_hash or record.payload_hash
    rows = await reader.rows(statement, key=record.source_key, object=record.object, hash=wanted)
    if not rows:
        return [record.source_ref]
    body = await reader.envelope(rows[0]["every"]) if rows[0]["every"] else None
    if body is None:
        return msgspec.json.decode(rows[0]["told"], type=list[str])
    return [str(one) for one in body.value["sources"]]
