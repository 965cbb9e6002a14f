"""What is left to do, and what was done: the queries that stages and rollbacks begin with."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ledger.hashing import unseal
from ledger.projections.records import RecordState
from ledger.reader import Reader


class Work(msgspec.Struct, frozen=True):
    """A record and the value of its body: what it should hold."""

    state: RecordState
    value: Any


class SourceBody(msgspec.Struct, frozen=True):
    """A placed source row with its body; `exported_at` is the export's clock."""

    source_key: str
    file: str
    line: int
    name: str
    exported_at: str
    value: Any

    @property
    def ref(self) -> str:
        """Where the row stands: file id and line."""
        return f"{self.file}:{self.line}"


_EXPORTS = "SELECT file, min(position), name, exported_at FROM export GROUP BY file"
_PAGE_OF_FILE = """SELECT source_row.source_key, source_row.file, source_row.line, payload.body FROM source_row
  JOIN payload ON payload.hash = source_row.payload_hash
  WHERE file = :file AND line > :after AND state = 'extracted' ORDER BY line LIMIT :size"""
_WITH_BODY = "SELECT record.*, payload.body FROM record LEFT JOIN payload ON payload.hash = {hash}"


async def in_state(reader: Reader, object_name: str, state: str, limit: int = -1, after: int = 0) -> list[Work]:
    """Records of an object in one state, in the order they were made (behind `after`), with what they should hold."""
    statement = f"""{_WITH_BODY.format(hash="payload_hash")}
      WHERE object = :object AND state = :state AND position > :after ORDER BY position LIMIT :limit"""
    rows = await reader.rows(statement, object=object_name, state=state, limit=limit, after=after)
    return [_work(row) for row in rows]


async def count_in_state(reader: Reader, object_name: str, *states: str) -> int:
    """How many records of an object are in one of some states."""
    statement = """SELECT count(*) FROM record
      WHERE object = :object AND state IN (SELECT value FROM json_each(:states))"""
    return int(await reader.scalar(statement, object=object_name, states=_json(states)))


async def intended(reader: Reader) -> list[Work]:
    """Records whose call may have left and whose outcome is not known, of every object."""
    statement = f"{_WITH_BODY.format(hash='payload_hash')} WHERE state = 'intended' ORDER BY object, position"
    return [_work(row) for row in await reader.rows(statement)]


async def written(reader: Reader, object_name: str, run_id: str | None, after: str, limit: int) -> list[Work]:
    """Records that Twenty holds by our hand or may hold, by stream, with what we last sent; of one run or of all."""
    statement = f"""{_WITH_BODY.format(hash="coalesce(written_hash, payload_hash)")}
      WHERE object = :object AND state IN ('written', 'changed', 'held', 'rejected', 'intended')
        AND twenty_id IS NOT NULL AND (:run_id IS NULL OR run_id = :run_id) AND source_key > :after
      ORDER BY source_key LIMIT :limit"""
    rows = await reader.rows(statement, object=object_name, run_id=run_id, after=after, limit=limit)
    return [_work(row) for row in rows]


async def written_ids(reader: Reader, object_name: str, run_id: str | None) -> list[str]:
    """The Twenty ids of the records that `written` pages through."""
    statement = """SELECT twenty_id FROM record
      WHERE object = :object AND state IN ('written', 'changed', 'held', 'rejected', 'intended')
        AND twenty_id IS NOT NULL AND (:run_id IS NULL OR run_id = :run_id) ORDER BY source_key"""
    return [row["twenty_id"] for row in await reader.rows(statement, object=object_name, run_id=run_id)]


async def strays(reader: Reader, object_name: str, run_id: str | None) -> list[Work]:
    """Records a call of ours named that are none now: taken back, or given up. One may have landed late."""
    statement = """SELECT event.object, json_extract(item.value, '$.key') AS source_key, 'intended' AS state,
        json_extract(item.value, '$.hash') AS payload_hash, json_extract(item.value, '$.id') AS twenty_id,
        json_extract(item.value, '$.generation') AS generation, event.run_id, max(event.position) AS intent,
        event.position, '' AS source_ref, payload.body
      FROM event, json_each(json_extract(event.data, '$.items')) AS item
      LEFT JOIN payload ON payload.hash = json_extract(item.value, '$.hash')
      WHERE event.type = 'BatchIntended' AND event.object = :object AND json_extract(event.data, '$.action') = 'create'
        AND (:run_id IS NULL OR event.run_id = :run_id)
        AND NOT EXISTS (SELECT 1 FROM record WHERE record.object = event.object
          AND record.source_key = json_extract(item.value, '$.key')
          AND record.twenty_id = json_extract(item.value, '$.id'))
      GROUP BY json_extract(item.value, '$.id')"""
    rows = await reader.rows(statement, object=object_name, run_id=run_id)
    nothing = dict.fromkeys(("written_hash", "origin", "updated_at", "label", "unlinked"))
    return [_work({**nothing, **row}) for row in rows]


async def written_counts(reader: Reader, run_id: str | None) -> dict[str, int]:
    """How many records of each object Twenty holds by our hand or may hold; of one run or of all."""
    statement = """SELECT object, count(*) AS n FROM record
      WHERE state IN ('written', 'changed', 'held', 'rejected', 'intended') AND twenty_id IS NOT NULL
        AND (:run_id IS NULL OR run_id = :run_id) GROUP BY object"""
    return {row["object"]: row["n"] for row in await reader.rows(statement, run_id=run_id)}


async def twenty_ids(reader: Reader, object_name: str, keys: Iterable[str]) -> dict[str, str]:
    """The Twenty id of each of these streams' records that is written."""
    statement = """SELECT source_key, twenty_id FROM record
      WHERE object = :object AND source_key IN (SELECT value FROM json_each(:keys)) AND written_hash IS NOT NULL"""
    rows = await reader.rows(statement, object=object_name, keys=_json(keys))
    return {row["source_key"]: row["twenty_id"] for row in rows}


async def states_of(reader: Reader, object_name: str, keys: Iterable[str]) -> dict[str, RecordState]:
    """The records of these streams that there are."""
    statement = """SELECT * FROM record
      WHERE object = :object AND source_key IN (SELECT value FROM json_each(:keys))"""
    rows = await reader.fetch(RecordState, statement, object=object_name, keys=_json(keys))
    return {state.source_key: state for state in rows}


async def rows_in_order(reader: Reader, size: int = 1000) -> AsyncIterator[list[SourceBody]]:
    """Every placed row in the order it was read: oldest export first, line by line."""
    exports = await reader.rows(f"SELECT * FROM ({_EXPORTS}) ORDER BY exported_at, name")
    for export in exports:
        after = 0
        while rows := await reader.rows(_PAGE_OF_FILE, file=export["file"], after=after, size=size):
            yield [_source({**export, **row}) for row in rows]
            after = rows[-1]["line"]


async def streams_in_order(
    reader: Reader, prefix: str, files: Sequence[str] | None = None
) -> AsyncIterator[list[list[SourceBody]]]:
    """Pages of streams, each with all its rows, oldest first; all streams, or those that some files speak of."""
    after = prefix
    only = "" if files is None else "AND file IN (SELECT value FROM json_each(:files))"
    page = f"""SELECT DISTINCT source_key FROM source_row
      WHERE source_key > :after AND source_key < :high AND state = 'extracted' {only}
      ORDER BY source_key LIMIT 500"""
    while True:
        keys = await reader.rows(page, after=after, high=prefix + "￿", files=_json(files or ()))
        if not keys:
            return
        streams = [row["source_key"] for row in keys]
        yield await _rows_of(reader, streams)
        after = streams[-1]


async def _rows_of(reader: Reader, streams: list[str]) -> list[list[SourceBody]]:
    statement = f"""SELECT source_row.source_key, source_row.file, source_row.line, payload.body,
        seen.name, seen.exported_at FROM source_row
      JOIN payload ON payload.hash = source_row.payload_hash
      JOIN ({_EXPORTS}) AS seen ON seen.file = source_row.file
      WHERE source_row.source_key IN (SELECT value FROM json_each(:streams)) AND source_row.state = 'extracted'
      ORDER BY source_row.source_key, seen.exported_at, seen.name, source_row.line"""
    grouped: dict[str, list[SourceBody]] = {}
    for row in await reader.rows(statement, streams=_json(streams)):
        grouped.setdefault(row["source_key"], []).append(_source(row))
    return list(grouped.values())


def _source(row: Mapping[str, Any]) -> SourceBody:
    value = unseal(row["body"]).value
    return SourceBody(row["source_key"], row["file"], row["line"], row["name"], row["exported_at"], value)


def _work(row: Mapping[str, Any]) -> Work:
    body = row["body"]
    return Work(msgspec.convert(row, RecordState), None if body is None else unseal(body).value)


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
