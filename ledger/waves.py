"""What the ledger holds of earlier exports, as a comparison needs it: hashes, never cells."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from ledger.hashing import canonical, sha256, unseal
from ledger.reader import Reader

_PAGE = 1_000
_WAVES = """SELECT export.file, min(export.position), export.name, export.kind, export.exported_at, export.complete,
    CASE WHEN export.delta THEN coalesce(run.position, 0) ELSE 0 END AS wave
  FROM export LEFT JOIN run ON run.run_id = export.run_id GROUP BY export.file"""

_MISSED = """record.written_hash IS NULL AND record.state IN ('deleted', 'rejected', 'held') AND NOT EXISTS
    (SELECT 1 FROM event WHERE event.source_key = record.source_key AND event.object = record.object
       AND event.type = 'RecordWithdrawn' AND event.position > record.position)"""


class Last(msgspec.Struct, frozen=True):
    """The rows of a stream in the newest wave that has any: their hashes, the newest row's last.

    `whole` where no older wave adds to them: there is none, or the newest holds its whole kind.
    """

    hashes: tuple[str, ...]
    whole: bool


async def last_rows(reader: Reader, streams: Iterable[str], before: int) -> AsyncIterator[dict[str, Last]]:
    """What some streams said last before the run at position `before`, in pages; unknown ones are left out."""
    statement = f"""SELECT source_row.source_key, seen.wave, seen.complete,
        coalesce(source_row.original_hash, source_row.payload_hash) AS hash
      FROM source_row JOIN ({_WAVES}) AS seen ON seen.file = source_row.file
      WHERE source_row.source_key IN (SELECT value FROM json_each(:streams)) AND seen.wave < :before
        AND source_row.payload_hash IS NOT NULL
      ORDER BY source_row.source_key, seen.wave, seen.exported_at, seen.name, source_row.line"""
    keys = list(streams)
    for start in range(0, len(keys), _PAGE):
        some = msgspec.json.encode(keys[start : start + _PAGE]).decode()
        rows = await reader.rows(statement, streams=some, before=before)
        yield {stream: _last(list(found)) for stream, found in groupby(rows, key=itemgetter("source_key"))}


def _last(rows: Sequence[Mapping[str, Any]]) -> Last:
    newest = [row for row in rows if row["wave"] == rows[-1]["wave"]]
    return Last(tuple(row["hash"] for row in newest), len(newest) == len(rows) or bool(newest[-1]["complete"]))


SHORT = 16
"""Bytes of a hash that tell bodies apart: nobody finds two that agree in so many."""
_PAGE_OF_HASHES = 20_000
_NEWEST = """WITH rank AS MATERIALIZED (SELECT key AS file, value AS place FROM json_each(:ranks)),
    newest AS (SELECT source_key, max(rank.place + source_row.line),
        substr(coalesce(original_hash, payload_hash), 1, :digits) AS hash
      FROM source_row INDEXED BY source_row_stream CROSS JOIN rank ON rank.file = source_row.file
      WHERE source_key > :after AND source_key < :high AND payload_hash IS NOT NULL
      GROUP BY source_key HAVING NOT :alone OR count(*) = 1 ORDER BY source_key LIMIT :size)"""


def short(payload_hash: str) -> bytes:
    """A hash as `newest_hashes` has it."""
    return bytes.fromhex(payload_hash[: 2 * SHORT])


async def newest_hashes(reader: Reader, prefix: str, before: int, *, alone: bool) -> AsyncIterator[list[bytes]]:
    """What the newest row of each stream of a kind hashes to before the run at a position, in pages, by the stream.

    A body says whose it is, so such a hash stands for the stream as well. `alone`: of streams with several rows none.
    SQLite picks and joins them: a row each would cost more than all that is done with it.
    """
    statement = f"{_NEWEST} SELECT group_concat(hash, '') AS hashes, max(source_key) AS last FROM newest"
    async for row in _newest_pages(reader, statement, prefix, before, alone=alone):
        page = bytes.fromhex(row[0]["hashes"])
        yield [page[at : at + SHORT] for at in range(0, len(page), SHORT)]


async def newest_of_streams(
    reader: Reader, prefix: str, before: int, *, alone: bool
) -> AsyncIterator[list[tuple[str, bytes]]]:
    """The same with the streams, in pages."""
    statement = f"{_NEWEST} SELECT hash, source_key AS last FROM newest"
    async for rows in _newest_pages(reader, statement, prefix, before, alone=alone):
        yield [(row["last"], bytes.fromhex(row["hash"])) for row in rows]


async def _newest_pages(
    reader: Reader, statement: str, prefix: str, before: int, *, alone: bool
) -> AsyncIterator[list[Mapping[str, Any]]]:
    exports = await reader.rows(f"SELECT * FROM ({_WAVES}) WHERE wave < :before ORDER BY wave, exported_at, name",
                                before=before)  # fmt: skip
    # A file's place, and room for its lines behind it.
    ranks = msgspec.json.encode({one["file"]: place << 32 for place, one in enumerate(exports)}).decode()
    after: str | None = prefix
    params = {"ranks": ranks, "high": f"{prefix[:-1]};", "digits": 2 * SHORT, "alone": alone, "size": _PAGE_OF_HASHES}
    while rows := await reader.rows(statement, after=after, **params):
        after = rows[-1]["last"]
        if after is None:
            return
        yield rows


async def contents_without_stream(reader: Reader, before: int) -> dict[str, str | None]:
    """What rows say that were held or set aside before the run at position `before`, and still stand.

    Content → the stream, of one that a person corrected, or that is its stream's own word now. What a later row
    replaced stands no more.
    """
    statement = """SELECT source_row.file, source_row.line, source_row.source_key, payload.body FROM source_row
      JOIN payload ON payload.hash = coalesce(source_row.original_hash, source_row.payload_hash)
      JOIN run ON run.run_id = source_row.run_id
      WHERE (source_row.file, source_row.line) > (:file, :line) AND run.position < :before
        AND source_row.state <> 'replaced'
        AND (source_row.source_key IS NULL OR source_row.state = 'set_aside'
          OR source_row.original_hash <> source_row.payload_hash)
      ORDER BY source_row.file, source_row.line LIMIT :size"""
    found: dict[str, str | None] = {}
    file, line = "", 0
    while rows := await reader.rows(statement, file=file, line=line, before=before, size=_PAGE):
        found.update((content(unseal(row["body"]).value), row["source_key"]) for row in rows)
        file, line = rows[-1]["file"], rows[-1]["line"]
    return found


def content(value: Mapping[str, Any]) -> str:
    """What a row without a stream says, wherever it stands."""
    told = value.get("cells") if "cells" in value else value.get("raw")
    return sha256(canonical(told))


async def name_cells(reader: Reader, column: str) -> list[tuple[str, str]]:
    """File name and cell of every distinct cell that placed contacts have in a column."""
    statement = f"""SELECT DISTINCT seen.name, json_extract(payload.body, :path) AS cell FROM source_row
      JOIN ({_WAVES}) AS seen ON seen.file = source_row.file
      JOIN payload ON payload.hash = source_row.payload_hash
      WHERE seen.kind IN ('contacts', 'lead_details') AND source_row.source_key IS NOT NULL AND cell IS NOT NULL"""
    path = f'$.value.cells."{column}"'
    return [(row["name"], row["cell"]) for row in await reader.rows(statement, path=path)]


async def placed_streams(reader: Reader, prefix: str) -> set[str]:
    """The streams of a kind that have rows."""
    statement = """SELECT DISTINCT source_key FROM source_row
      WHERE source_key > :low AND source_key < :high AND state IN ('extracted', 'held')"""
    rows = await reader.rows(statement, low=prefix, high=f"{prefix[:-1]};")
    return {row["source_key"] for row in rows}


async def set_aside(reader: Reader, prefix: str, before: int | None = None) -> set[str]:
    """The streams of a kind whose newest wave (before the run at a position) has nothing but rows set aside."""
    statement = f"""SELECT source_row.source_key FROM source_row JOIN ({_WAVES}) AS seen ON seen.file = source_row.file
      WHERE source_row.state IN ('extracted', 'held', 'set_aside') AND (:before IS NULL OR seen.wave < :before)
        AND source_row.source_key IN (SELECT source_key FROM source_row
          WHERE source_key > :low AND source_key < :high AND state = 'set_aside')
      GROUP BY source_row.source_key
      HAVING max(CASE WHEN source_row.state = 'set_aside' THEN seen.wave ELSE -1 END)
        > max(CASE WHEN source_row.state = 'set_aside' THEN -1 ELSE seen.wave END)"""
    rows = await reader.rows(statement, low=prefix, high=f"{prefix[:-1]};", before=before)
    return {row["source_key"] for row in rows}


async def returned_in_run(reader: Reader, run_id: str, prefix: str) -> set[str]:
    """The streams of a kind that a run found again."""
    statement = """SELECT source_key FROM event WHERE run_id = :run_id AND type = 'StreamReturned'
      AND source_key > :low AND source_key < :high"""
    rows = await reader.rows(statement, run_id=run_id, low=prefix, high=f"{prefix[:-1]};")
    return {row["source_key"] for row in rows}


async def not_there(reader: Reader, prefix: str) -> set[str]:
    """The streams of rows of a kind with records that are not in Twenty, and that something stood in the way of.

    They were taken back, refused or held; what stood in their way may be gone. What the rows do not make any more is
    missed by nobody. What is made of no one stream (a company, a tag) is missed by all whose records lead to it.
    """
    own = f"""SELECT DISTINCT source_key FROM record
      WHERE source_key > :low AND source_key < :high AND {_MISSED}"""
    leading = f"""WITH missed AS MATERIALIZED (SELECT object, source_key FROM record WHERE {_MISSED} AND NOT EXISTS
        (SELECT 1 FROM source_row WHERE source_row.source_key = record.source_key))
      SELECT DISTINCT record.source_key FROM record CROSS JOIN payload ON payload.hash = record.payload_hash
        CROSS JOIN json_each(body, '$.value.links') AS link
        CROSS JOIN missed ON missed.object = json_extract(link.value, '$.object')
          AND missed.source_key = json_extract(link.value, '$.source_key')
      WHERE record.source_key > :low AND record.source_key < :high
        AND record.state NOT IN ('withdrawn', 'obsolete', 'abandoned') AND EXISTS (SELECT 1 FROM missed)"""
    rows = [row for query in (own, leading) for row in await reader.rows(query, low=prefix, high=f"{prefix[:-1]};")]
    return {row["source_key"].partition("/")[0] for row in rows}
