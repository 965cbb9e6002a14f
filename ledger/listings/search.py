"""Finding a record by what it alone has: an e-mail, Kartra's number, Twenty's id, a row of a file."""

import re
from collections.abc import Mapping

import msgspec

from ledger.listings.places import Place, files_named, rows_named
from ledger.listings.records import OBJECTS, Listed, records_of
from ledger.projections import identities
from ledger.reader import Reader

_ROW = re.compile(r"(.+):([0-9]{1,9})", re.DOTALL)
_TWENTY_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}", re.ASCII)
# Each kind's first name, then the first one behind that kind: as many steps as there are kinds.
_KINDS = """WITH RECURSIVE known AS (SELECT substr(min(alias), 1, instr(min(alias), ':')) AS kind FROM alias
  UNION ALL SELECT (SELECT substr(min(alias), 1, instr(min(alias), ':')) FROM alias
    WHERE alias > substr(kind, 1, length(kind) - 1) || ';') FROM known WHERE kind IS NOT NULL)
  SELECT kind FROM known WHERE kind IS NOT NULL"""
_BY_TWENTY_ID = """SELECT DISTINCT object, source_key FROM event INDEXED BY event_twenty_id
  WHERE twenty_id >= :low AND twenty_id < :high AND source_key IS NOT NULL LIMIT 100"""
_IN_FLIGHT = f"""SELECT record.object, source_key FROM ({OBJECTS}) AS known
  CROSS JOIN record INDEXED BY record_state ON record.object = known.object AND record.state = 'intended'
  WHERE record.twenty_id >= :low AND record.twenty_id < :high LIMIT 100"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What goes by what was said: records, each with how it was found, and rows that no record was made of.

    `unrecorded` are lines of known files of which the ledger holds no row: blank ones, ones that are not there, and
    those of a delta that say what an earlier row said.
    """

    records: list[Listed]
    rows: list[Place]
    unrecorded: list[Place]


async def by_key(reader: Reader, said: str, email: str | None) -> Found:
    """What is named exactly: by an e-mail (in its normal form), Kartra's number, Twenty's id, or a row of a file."""
    streams: dict[str, str] = {}
    rows: list[Place] = []
    unrecorded: list[Place] = []
    if email is not None:
        streams |= dict.fromkeys(await _known(reader, [f"contact:~{await reader.digest(email)}"]), "e-mail")
    if whole := _ROW.fullmatch(said):
        rows = await rows_named(reader, whole[1], int(whole[2]))
        unrecorded = [] if rows else await files_named(reader, whole[1], int(whole[2]))
        streams |= dict.fromkeys(await _streams_at(reader, rows), "row")
    streams |= dict.fromkeys(await _by_number(reader, said), "Kartra id")
    listed = [_found(one, streams) for one in await records_of(reader, list(streams))]
    listed += [msgspec.structs.replace(one, found_by="Twenty id") for one in await _by_twenty_id(reader, said.lower())]
    unmade = [key for key in streams if not any(f"{one.source_key}/".startswith(f"{key}/") for one in listed)]
    told = list(dict.fromkeys([*rows, *await _rows_of(reader, unmade)]))
    return Found(records=listed, rows=told, unrecorded=unrecorded)


def _found(one: Listed, streams: Mapping[str, str]) -> Listed:
    # A record beside a stream's is named like the stream, a slash, and more.
    own = max((key for key in streams if f"{one.source_key}/".startswith(f"{key}/")), key=len)
    return msgspec.structs.replace(one, found_by=streams[own])


async def _known(reader: Reader, aliases: list[str]) -> list[str]:
    return list((await identities.streams(reader, aliases)).values())


async def _by_number(reader: Reader, said: str) -> list[str]:
    kinds = [row["kind"] for row in await reader.rows(_KINDS)]
    return await _known(reader, [said, *(f"{kind}{said}" for kind in kinds)])


async def _by_twenty_id(reader: Reader, said: str) -> list[Listed]:
    if not _TWENTY_ID.fullmatch(said):
        return []
    between = {"low": said, "high": f"{said}g"}  # what comes behind every hexadecimal digit
    both = f"SELECT * FROM ({_BY_TWENTY_ID}) UNION SELECT * FROM ({_IN_FLIGHT})"
    rows = await reader.rows(both, **between)
    wanted = {(row["object"], row["source_key"]) for row in rows}
    listed = await records_of(reader, sorted({key for _, key in wanted}))
    return [one for one in listed if (one.object, one.source_key) in wanted]


async def _streams_at(reader: Reader, rows: list[Place]) -> list[str]:
    statement = """SELECT DISTINCT source_key FROM json_each(:refs) AS ref CROSS JOIN event
      ON event.source_ref = ref.value WHERE source_key IS NOT NULL"""
    refs = msgspec.json.encode([one.ref for one in rows]).decode()
    return [row["source_key"] for row in await reader.rows(statement, refs=refs)]


async def _rows_of(reader: Reader, streams: list[str]) -> list[Place]:
    statement = """SELECT source_row.file AS file_id, line,
        coalesce((SELECT name FROM export WHERE export.file = source_row.file LIMIT 1), source_row.file) AS file
      FROM json_each(:streams) AS stream JOIN source_row ON source_key = stream.value"""
    return await reader.fetch(Place, statement, streams=msgspec.json.encode(streams).decode())
