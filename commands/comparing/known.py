"""What the ledger holds of earlier exports, as a comparison needs it: hashes, never cells."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ledger.hashing import canonical, sha256, unseal
from ledger.reader import Reader

_STREAMS_A_QUERY = 1_000


class Last(msgspec.Struct, frozen=True):
    """The rows of a stream in the newest wave that has any: their hashes, the newest row's last."""

    wave: int
    hashes: tuple[str, ...]


async def last_rows(reader: Reader, streams: Iterable[str], before: int) -> dict[str, Last]:
    """What each of these streams came to in the newest wave older than the run at position `before`."""
    statement = """WITH seen AS (
        SELECT export.file, min(export.position), export.name, export.exported_at,
          CASE WHEN export.delta THEN coalesce(run.position, 0) ELSE 0 END AS wave
        FROM export LEFT JOIN run ON run.run_id = export.run_id GROUP BY export.file)
      SELECT source_row.source_key, seen.wave,
        coalesce(source_row.original_hash, source_row.payload_hash) AS hash
      FROM source_row JOIN seen ON seen.file = source_row.file
      WHERE source_row.source_key IN (SELECT value FROM json_each(:streams)) AND seen.wave < :before
        AND source_row.payload_hash IS NOT NULL
      ORDER BY source_row.source_key, seen.wave, seen.exported_at, seen.name, source_row.line"""
    found: dict[str, Last] = {}
    keys = list(streams)
    for start in range(0, len(keys), _STREAMS_A_QUERY):
        some = msgspec.json.encode(keys[start : start + _STREAMS_A_QUERY]).decode()
        for row in await reader.rows(statement, streams=some, before=before):
            known = found.get(row["source_key"])
            older = () if known is None or known.wave != row["wave"] else known.hashes
            found[row["source_key"]] = Last(row["wave"], (*older, row["hash"]))
    return found


async def contents_without_stream(reader: Reader, before: int) -> set[str]:
    """The contents of rows that were held or set aside before they had a stream, in files of earlier runs."""
    statement = """SELECT payload.body FROM source_row
      JOIN payload ON payload.hash = coalesce(source_row.original_hash, source_row.payload_hash)
      JOIN run ON run.run_id = source_row.run_id
      WHERE run.position < :before AND json_extract(payload.body, '$.subject') LIKE 'row:%'"""
    return {content(unseal(row["body"]).value) for row in await reader.rows(statement, before=before)}


def content(value: Mapping[str, Any]) -> str:
    """What a row without a stream says, wherever it stands."""
    told = value.get("cells") if "cells" in value else value.get("raw")
    return sha256(canonical(told))


async def placed_streams(reader: Reader, prefix: str) -> set[str]:
    """The streams of a kind that have rows."""
    statement = """SELECT DISTINCT source_key FROM source_row
      WHERE source_key > :low AND source_key < :high AND state IN ('extracted', 'held')"""
    rows = await reader.rows(statement, low=prefix, high=f"{prefix[:-1]};")
    return {row["source_key"] for row in rows}
