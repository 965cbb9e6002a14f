"""Records, a page at a time: of an object, in a state, by key or in the order they were made."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ledger.books import STATES
from ledger.listings.places import Place, file_names, place
from ledger.reader import Reader

SHOWN = ("written", *(state for state in STATES if state not in ("created", "adopted")), "withdrawn")
"""Every state a record can be in."""

After = tuple[str, str | int]
"""Where a page ended: the object, and in it the stream, or the position where one state is asked for."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A record as a line of a list.

    `label` is its name until its body is erased. `position` is where it was made last, `unlinked` says that it goes
    without a relation of its own, `found_by` what a search found it by.
    """

    object: str
    source_key: str
    label: str | None
    state: str
    origin: str | None
    twenty_id: str | None
    generation: int
    run_id: str | None
    unlinked: bool
    source: Place | None
    position: int
    found_by: str | None = None


_COLUMNS = """record.object, record.source_key, record.label, record.state, record.origin, record.twenty_id,
  record.generation, record.run_id, record.unlinked IS NOT NULL AS unlinked, record.source_ref, record.position"""
_BY_KEY = f"""SELECT {_COLUMNS} FROM record WHERE object = :object AND source_key > :after
  ORDER BY source_key LIMIT :limit"""
_IN_STATE = f"""SELECT {_COLUMNS} FROM record WHERE object = :object AND state = :state AND position > :after
  ORDER BY position LIMIT :limit"""
# Each object's first record, then the first one behind that object: as many steps as there are objects.
OBJECTS = """WITH RECURSIVE known AS (SELECT min(object) AS object FROM record
  UNION ALL SELECT (SELECT min(object) FROM record WHERE object > known.object) FROM known WHERE object IS NOT NULL)
  SELECT object FROM known WHERE object IS NOT NULL"""
"""The statement that finds every object with records."""


async def recorded_objects(reader: Reader) -> list[str]:
    """Every object that has records, by name."""
    return [row["object"] for row in await reader.rows(OBJECTS)]


async def listed_records(
    reader: Reader, *, object_name: str | None, state: str | None, after: After | None, limit: int
) -> list[Listed]:
    """The next records by object and, in each, by stream; or, of one state, in the order they were made last."""
    begin: str | int = "" if state is None else 0
    page: list[Mapping[str, Any]] = []
    for name in await recorded_objects(reader) if object_name is None else [object_name]:
        if after is None or name >= after[0]:
            behind = after[1] if after is not None and name == after[0] else begin
            statement = _BY_KEY if state is None else _IN_STATE
            page += await reader.rows(statement, object=name, state=state, after=behind, limit=limit - len(page))
        if len(page) >= limit:
            break
    return await as_listed(reader, page)


async def records_of(reader: Reader, streams: list[str]) -> list[Listed]:
    """Every record of some streams, and of what was made beside each (a stream's key, a slash, and more)."""
    statement = f"""SELECT {_COLUMNS} FROM json_each(:streams) AS stream JOIN record ON record.source_key = stream.value
      UNION SELECT {_COLUMNS} FROM json_each(:streams) AS stream
        JOIN record ON record.source_key > stream.value || '/' AND record.source_key < stream.value || '0'
      ORDER BY 1, 2"""
    rows = await reader.rows(statement, streams=msgspec.json.encode(streams).decode())
    return await as_listed(reader, rows)


async def find_record(reader: Reader, object_name: str, stream: str) -> Listed | None:
    """One record."""
    statement = f"SELECT {_COLUMNS} FROM record WHERE object = :object AND source_key = :stream"
    found = await as_listed(reader, await reader.rows(statement, object=object_name, stream=stream))
    return found[0] if found else None


async def as_listed(reader: Reader, rows: list[Mapping[str, Any]]) -> list[Listed]:
    """Rows of `record` as lines of a list."""
    names = await file_names(reader) if rows else {}
    told = [{**row, "unlinked": bool(row["unlinked"]), "source": place(row["source_ref"], names)} for row in rows]
    return msgspec.convert(told, list[Listed])


def key_of(last: Listed, state: str | None) -> After:
    """Where a page ends whose last record this is."""
    return last.object, last.source_key if state is None else last.position
