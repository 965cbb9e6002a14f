"""What of a person is outside the ledger: her records in Twenty, and the files that hold rows of hers."""

from collections.abc import Iterable, Sequence

import msgspec

from ledger import work
from ledger.reader import Reader

_OF_STREAMS = "source_key IN (SELECT value FROM json_each(:streams))"
_COMPANY = "company"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A record in Twenty that was written from her rows; `ours` where we made it, not where Twenty had it before."""

    object: str
    id: str
    stream: str
    ours: bool


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """An export a run read, and how many rows of hers were in it."""

    path: str
    rows: int


async def in_twenty(reader: Reader, streams: Sequence[str]) -> tuple[Standing, ...]:
    """The records that stand in Twenty for these streams."""
    statement = f"""SELECT object, twenty_id AS id, source_key AS stream, origin = 'created' AS ours FROM record
      WHERE written_hash IS NOT NULL AND {_OF_STREAMS} ORDER BY object, source_key"""  # noqa: S608
    rows = await reader.rows(statement, streams=_json(streams))
    return tuple(msgspec.convert(dict(row), Standing, strict=False) for row in rows)


async def companies_of_hers_alone(reader: Reader, streams: Sequence[str]) -> list[str]:
    """The streams of companies that nobody's records but hers point at: such a one may be named after her."""
    hers = set(streams)
    targets = {
        str(link["source_key"])
        for one in await work.links(reader)
        if one.source_key in hers
        for link in one.links.values()
        if link["object"] == _COMPANY
    }
    return [one for one in sorted(targets) if hers.issuperset(await work.streams_pointing_at(reader, _COMPANY, one))]


async def files_read(reader: Reader) -> tuple[str, ...]:
    """Where the exports of all runs were read from."""
    return tuple(sorted({row["path"] for row in await reader.rows(_FILES)}))


async def files_with_rows(reader: Reader, streams: Sequence[str], bodies: Sequence[str]) -> tuple[FileRead, ...]:
    """The exports of all runs, each with how many rows of these streams and bodies were in it."""
    rows = await reader.rows(_ROWS, streams=_json(streams), bodies=_json(bodies))
    counts = {row["file"]: row["rows"] for row in rows}
    by_path: dict[str, int] = {}
    for row in await reader.rows(_FILES):
        by_path[row["path"]] = by_path.get(row["path"], 0) + counts.get(row["file"], 0)
    return tuple(FileRead(path=path, rows=by_path[path]) for path in sorted(by_path))


_FILES = """SELECT DISTINCT file.value ->> '$.file' AS file, file.value ->> '$.path' AS path
  FROM event, json_each(data, '$.files') AS file WHERE event.type = 'RunStarted'"""
_ROWS = f"""SELECT substr(source_ref, 1, instr(source_ref, ':') - 1) AS file, count(DISTINCT source_ref) AS rows
  FROM event WHERE source_ref IS NOT NULL
    AND ({_OF_STREAMS} OR payload_hash IN (SELECT value FROM json_each(:bodies)))
  GROUP BY file"""  # noqa: S608


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
