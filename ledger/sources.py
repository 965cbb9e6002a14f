"""Which source rows a record was made of, and where a stream's row stands."""

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
        WHERE +type = 'RecordRedacted' AND source_key = :key AND object = :object)
      SELECT json_extract(data, '$.sources') AS told, json_extract(data, '$.sources_hash') AS every
      FROM event JOIN said ON event.payload_hash = said.hash
      WHERE +type = 'RowTransformed' AND source_key = :key AND object = :object
      ORDER BY position DESC LIMIT 1"""
    wanted = record.written_hash or record.payload_hash
    rows = await reader.rows(statement, key=record.source_key, object=record.object, hash=wanted)
    if not rows:
        return [record.source_ref]
    body = await reader.envelope(rows[0]["every"]) if rows[0]["every"] else None
    if body is None:
        return msgspec.json.decode(rows[0]["told"], type=list[str])
    return [str(one) for one in body.value["sources"]]


async def row_of_stream(reader: Reader, stream: str) -> str | None:
    """Where the first row of a stream stands, by the file's name and the line; a stream without a row has none."""
    statement = """SELECT export.name || ':' || line FROM source_row JOIN export ON export.file = source_row.file
      WHERE source_key = :stream ORDER BY export.position, line LIMIT 1"""
    found = await reader.scalar(statement, stream=stream)
    return None if found is None else str(found)
