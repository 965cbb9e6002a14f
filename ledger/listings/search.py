"""Finding a record by what a person has of it: an e-mail, a name, Kartra's number, Twenty's id, a row of a file."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from ledger.listings.places import Place, rows_named
from ledger.listings.records import OBJECTS, Listed, as_listed, records_of
from ledger.projections import identities
from ledger.reader import Reader

AfterName = tuple[str, str, str]
"""Where a page of names ended: the label, the object and the stream."""

_ROW = re.compile(r"(.+):([0-9]{1,9})", re.DOTALL)
_TWENTY_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}", re.ASCII)
# Each kind's first name, then the first one behind that kind: as many steps as there are kinds.
_KINDS = """WITH RECURSIVE known AS (SELECT substr(min(alias), 1, instr(min(alias), ':')) AS kind FROM alias
  UNION ALL SELECT (SELECT substr(min(alias), 1, instr(min(alias), ':')) FROM alias
    WHERE alias > substr(kind, 1, length(kind) - 1) || ';') FROM known WHERE kind IS NOT NULL)
  SELECT kind FROM known WHERE kind IS NOT NULL"""
_BY_TWENTY_ID = """SELECT DISTINCT object, source_key FROM event
  WHERE twenty_id >= :low AND twenty_id < :high AND source_key IS NOT NULL LIMIT 100"""
_IN_FLIGHT = f"""SELECT record.object, source_key FROM ({OBJECTS}) AS known
  CROSS JOIN record ON record.object = known.object AND record.state = 'intended'
  WHERE record.twenty_id >= :low AND record.twenty_id < :high LIMIT 100"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What goes by what was said: records, each with how it was found, and rows that no record was made of."""

    records: list[Listed]
    rows: list[Place]


async def by_key(reader: Reader, said: str, email: str | None) -> Found:
    """What is named exactly: by an e-mail (in its normal form), Kartra's number, Twenty's id, or a row of a file."""
    streams: dict[str, str] = {}
    rows: list[Place] = []
    if email is not None:
        streams |= dict.fromkeys(await _known(reader, [f"contact:~{await reader.digest(email)}"]), "e-mail")
    if whole := _ROW.fullmatch(said):
        rows = await rows_named(reader, whole[1], int(whole[2]))
        streams |= dict.fromkeys(await _streams_at(reader, rows), "row")
    streams |= dict.fromkeys(await _by_number(reader, said), "Kartra id")
    listed = [_found(one, streams) for one in await records_of(reader, list(streams))]
    listed += [msgspec.structs.replace(one, found_by="Twenty id") for one in await _by_twenty_id(reader, said.lower())]
    unmade = [key for key in streams if key not in {one.source_key.partition("/")[0] for one in listed}]
    return Found(records=listed, rows=list(dict.fromkeys([*rows, *await _rows_of(reader, unmade)])))


async def by_name(
    reader: Reader, said: str, *, object_name: str | None, after: AfterName | None, limit: int
) -> list[Listed]:
    """The next records whose name has every word of what was said somewhere in it, in the order of their names."""
    words = _folded(said).split()
    found: list[Listed] = []
    while words and len(found) < limit:
        rows = await _page_of_names(reader, words, object_name, after, limit)
        found += [one for one in await as_listed(reader, rows) if _has(one, words)]
        if len(rows) < limit:
            break
        after = name_key(rows[-1])
    return [msgspec.structs.replace(one, found_by="name") for one in found[:limit]]


def name_key(last: Mapping[str, Any] | Listed) -> AfterName:
    """Where a page ends whose last record this is."""
    row = last if isinstance(last, Mapping) else msgspec.to_builtins(last)
    return row["label"], row["object"], row["source_key"]


def _found(one: Listed, streams: Mapping[str, str]) -> Listed:
    own = streams.get(one.source_key) or streams[one.source_key.partition("/")[0]]
    return msgspec.structs.replace(one, found_by=own)


async def _known(reader: Reader, aliases: list[str]) -> list[str]:
    return list((await identities.streams(reader, aliases)).values())


async def _by_number(reader: Reader, said: str) -> list[str]:
    kinds = [row["kind"] for row in await reader.rows(_KINDS)]
    return await _known(reader, [said, *(f"{kind}{said}" for kind in kinds)])


async def _by_twenty_id(reader: Reader, said: str) -> list[Listed]:
    if not _TWENTY_ID.fullmatch(said):
        return []
    between = {"low": said, "high": f"{said}g"}  # what comes behind every hexadecimal digit
    rows = await reader.rows(f"SELECT * FROM ({_BY_TWENTY_ID}) UNION SELECT * FROM ({_IN_FLIGHT})", **between)
    wanted = {(row["object"], row["source_key"]) for row in rows}
    listed = await records_of(reader, sorted({key for _, key in wanted}))
    return [one for one in listed if (one.object, one.source_key) in wanted]


async def _streams_at(reader: Reader, rows: list[Place]) -> list[str]:
    statement = """SELECT source_key FROM json_each(:refs) AS ref JOIN event ON event.source_ref = ref.value
        WHERE source_key IS NOT NULL
      UNION SELECT source_key FROM event WHERE source_key IS NOT NULL AND position IN (SELECT made.position
        FROM json_each(:refs) AS ref JOIN event AS made ON made.source_ref = ref.value)"""
    refs = msgspec.json.encode([one.ref for one in rows]).decode()
    return [row["source_key"] for row in await reader.rows(statement, refs=refs)]


async def _rows_of(reader: Reader, streams: list[str]) -> list[Place]:
    statement = """SELECT source_row.file AS file_id, line,
        coalesce((SELECT name FROM export WHERE export.file = source_row.file LIMIT 1), source_row.file) AS file
      FROM json_each(:streams) AS stream JOIN source_row ON source_key = stream.value LIMIT 100"""
    return await reader.fetch(Place, statement, streams=msgspec.json.encode(streams).decode())


async def _page_of_names(
    reader: Reader, words: list[str], object_name: str | None, after: AfterName | None, limit: int
) -> list[Mapping[str, Any]]:
    # Along the index of names alone, and only what is found is read.
    has = " AND ".join(f"label LIKE :word{at} ESCAPE '\\'" for at in range(len(words)))
    begin = "" if after is None else "AND (label COLLATE NOCASE, object, source_key) > (:label, :behind, :stream)"
    statement = f"""SELECT record.* FROM (SELECT object, source_key FROM record INDEXED BY record_name
        WHERE label IS NOT NULL AND (:object IS NULL OR object = :object) AND {has} {begin}
        ORDER BY label COLLATE NOCASE, object, source_key LIMIT :limit) AS named
      CROSS JOIN record ON record.object = named.object AND record.source_key = named.source_key"""
    label, behind, stream = after or ("", "", "")
    patterns = {f"word{at}": _pattern(word) for at, word in enumerate(words)}
    params = {"object": object_name, "label": label, "behind": behind, "stream": stream, "limit": limit}
    return await reader.rows(statement, **patterns, **params)


def _pattern(word: str) -> str:
    # SQLite knows upper and lower case of ASCII alone, and `ss` is how `ß` is folded: anything stands for either, and
    # `_has` looks again.
    letters = (("\\" + char if char in "\\%_" else char) if char.isascii() else "%" for char in word)
    return f"%{''.join(letters).replace('ss', '%')}%"


def _has(one: Listed, words: list[str]) -> bool:
    label = _folded(one.label or "")
    return all(word in label for word in words)


def _folded(text: str) -> str:
    """Text of any case and composition alike."""
    return unicodedata.normalize("NFC", text.casefold())
