"""What of a person is outside the ledger: her records in Twenty, and the files that hold rows of hers."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from commands.erasing.streams import OF_STREAMS, as_json, is_of
from ledger import work
from ledger.reader import Reader


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A record in Twenty that was written from her rows; `ours` where we made it, not where Twenty had it before."""

    object: str
    id: str
    stream: str
    ours: bool


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """An export a run read, and how many rows of hers the ledger knows to have been in it."""

    path: str
    rows: int


async def in_twenty(reader: Reader, streams: Iterable[str]) -> tuple[Standing, ...]:
    """The records that stand in Twenty for these streams."""
    statement = f"""SELECT object, twenty_id AS id, source_key AS stream, origin = 'created' AS ours FROM record
      WHERE written_hash IS NOT NULL AND {OF_STREAMS} ORDER BY object, source_key"""  # noqa: S608
    rows = await reader.rows(statement, streams=as_json(streams))
    return tuple(msgspec.convert(dict(row), Standing, strict=False) for row in rows)


async def of_hers_alone(reader: Reader, streams: AbstractSet[str], once: Iterable[str]) -> list[str]:
    """The streams of what only her records point at, companies and tags: such a one may be named after her.

    `once` are those of which an earlier erasure found it: her own records say it no more.
    """
    hers: set[str] = set(once)
    others: set[str] = set()
    for one in await work.links(reader):
        targets = {str(link["source_key"]) for link in one.links.values()}
        (hers if is_of(one.source_key, streams) else others).update(targets)
    return sorted(one for one in hers - others if not is_of(one, streams))


async def files_read(reader: Reader) -> tuple[str, ...]:
    """Where the exports of all runs were read from."""
    return tuple(sorted({row["path"] for row in await reader.rows(_FILES)}))


async def files_with_rows(reader: Reader, streams: Sequence[str], refs: Iterable[str]) -> tuple[FileRead, ...]:
    """The exports of all runs, each with how many rows of these streams, and at these places, were in it."""
    rows = await reader.rows(_ROWS, streams=as_json(streams), refs=as_json(refs))
    counts = {row["file"]: row["rows"] for row in rows}
    by_path: dict[str, int] = {}
    for row in await reader.rows(_FILES):
        by_path[row["path"]] = by_path.get(row["path"], 0) + counts.get(row["file"], 0)
    return tuple(FileRead(path=path, rows=by_path[path]) for path in sorted(by_path))


_FILES = """SELECT DISTINCT file.value ->> '$.file' AS file, file.value ->> '$.path' AS path
  FROM event, json_each(data, '$.files') AS file WHERE event.type = 'RunStarted'"""
_ROWS = """SELECT substr(source_ref, 1, instr(source_ref, ':') - 1) AS file, count(DISTINCT source_ref) AS rows
  FROM event WHERE type IN ('RowExtracted', 'RowHeld', 'RowSetAside')
    AND (source_key IN (SELECT value FROM json_each(:streams))
         OR source_ref IN (SELECT value FROM json_each(:refs)))
  GROUP BY file"""
