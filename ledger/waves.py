"""What the ledger holds of earlier exports, as a comparison needs it: hashes, never cells."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from struct import Struct
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
    # CROSS: rows are few, found by their streams; SQLite would go through all rows of every file for a page of them.
    statement = f"""SELECT source_row.source_key, seen.wave, seen.complete,
        coalesce(source_row.original_hash, source_row.payload_hash) AS hash
      FROM source_row CROSS JOIN ({_WAVES}) AS seen ON seen.file = source_row.file
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


SHORT = 15
"""Bytes of a hash that tell bodies apart: nobody finds two that agree in so many. One more takes 16 of memory."""
_ONE = Struct(f"{SHORT}s")
_PAGE_OF_HASHES = 20_000
_OF_KIND = "source_key > :low AND source_key < :high"
_SEVERAL = f"""SELECT source_key FROM source_row INDEXED BY source_row_stream WHERE {_OF_KIND}
  GROUP BY source_key HAVING count(*) > 1"""
_LINES = f"""SELECT line, substr(coalesce(original_hash, payload_hash), 1, :digits) AS hash FROM source_row
  WHERE file = :file AND line > :after AND {_OF_KIND} AND payload_hash IS NOT NULL ORDER BY line LIMIT :size"""


def short(payload_hash: str) -> bytes:
    """A hash as `newest_hashes` has it."""
    return bytes.fromhex(payload_hash[: 2 * SHORT])


async def newest_hashes(reader: Reader, prefix: str, before: int, *, alone: bool) -> dict[bytes, bool]:
    """What the newest row of each stream of a kind hashes to before the run at a position; nothing is said of them yet.

    A body says whose it is, so such a hash stands for the stream as well. `alone`: of streams with several rows none.
    """
    kind = {"low": prefix, "high": f"{prefix[:-1]};"}
    several = [row["source_key"] for row in await reader.rows(_SEVERAL, **kind)]
    statement = f"SELECT group_concat(hash, '') AS hashes, max(line) AS last FROM ({_LINES})"
    found: dict[bytes, bool] = {}
    for export in await reader.rows(f"SELECT file FROM ({_WAVES}) WHERE wave < :before", before=before):
        after = 0
        # SQLite joins the hashes: a row each would cost more than all that is done with it.
        while (page := await _hashes(reader, statement, export["file"], after, kind)) is not None:
            hashes, after = page
            found.update(dict.fromkeys(chain.from_iterable(_ONE.iter_unpack(hashes)), False))
    await _forget_older(reader, several, before, found, alone=alone)
    return found


async def _hashes(
    reader: Reader, statement: str, file: str, after: int, kind: Mapping[str, str]
) -> tuple[bytes, int] | None:
    """The next hashes of a file's rows, and the line of the last; None at its end."""
    [row] = await reader.rows(
        statement, file=file, after=after, digits=2 * SHORT, size=_PAGE_OF_HASHES, low=kind["low"], high=kind["high"]
    )
    return None if row["last"] is None else (bytes.fromhex(row["hashes"]), row["last"])


async def _forget_older(
    reader: Reader, several: Sequence[str], before: int, found: dict[bytes, bool], *, alone: bool
) -> None:
    """Leave only the newest row of each of some streams, or none of them."""
    statement = """SELECT substr(coalesce(original_hash, payload_hash), 1, :digits) AS hash FROM source_row
      WHERE source_key IN (SELECT value FROM json_each(:streams)) AND payload_hash IS NOT NULL"""
    for start in range(0, len(several), _PAGE):
        streams = several[start : start + _PAGE]
        some = msgspec.json.encode(streams).decode()
        for row in await reader.rows(statement, streams=some, digits=2 * SHORT):
            found.pop(bytes.fromhex(row["hash"]), None)
        async for page in last_rows(reader, () if alone else streams, before):
            found.update((short(last.hashes[-1]), False) for last in page.values())


async def streams_saying(reader: Reader, prefix: str, before: int, hashes: Mapping[bytes, bool]) -> set[str]:
    """The streams of a kind with a row, read before the run at a position, that hashes to one that is `True`."""
    statement = f"""SELECT line, source_key, hash FROM (SELECT source_row.source_key, {_LINES[7:]})"""
    kind = {"low": prefix, "high": f"{prefix[:-1]};", "digits": 2 * SHORT, "size": _PAGE_OF_HASHES}
    found: set[str] = set()
    for export in await reader.rows(f"SELECT file FROM ({_WAVES}) WHERE wave < :before", before=before):
        after = 0
        while rows := await reader.rows(statement, file=export["file"], after=after, **kind):
            found.update(row["source_key"] for row in rows if hashes.get(bytes.fromhex(row["hash"])))
            after = rows[-1]["line"]
    return found


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
    # Events of two types tell which streams to ask about: most kinds have none, and a stream's rows do not tell.
    statement = f"""WITH told AS (
        SELECT source_key FROM event INDEXED BY event_type
        WHERE type = 'RowSetAside' AND source_key > :low AND source_key < :high
        UNION SELECT row.source_key FROM event INDEXED BY event_type
        JOIN source_row AS row ON row.file = substr(source_ref, 1, instr(source_ref, ':') - 1)
          AND row.line = CAST(substr(source_ref, instr(source_ref, ':') + 1) AS INTEGER)
        WHERE type = 'RowHeld' AND json_extract(data, '$.reason') = 'erased'
          AND row.source_key > :low AND row.source_key < :high)
      SELECT source_row.source_key FROM source_row CROSS JOIN ({_WAVES}) AS seen ON seen.file = source_row.file
      WHERE source_row.state IN ('extracted', 'held', 'set_aside') AND (:before IS NULL OR seen.wave < :before)
        AND source_row.source_key IN (SELECT source_key FROM told)
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
