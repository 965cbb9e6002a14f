"""Holds a page at a time, by reason; and how many there are of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ledger.listings.places import Place, file_names
from ledger.reader import Reader

STATES = ("open", "corrected", "released", "abandoned", "erased")
"""What has become of a hold: `open` and `corrected` ones wait."""

AfterHold = tuple[str, int]
"""Where a page ended: the reason and the hold."""


class HoldListed(msgspec.Struct, frozen=True, kw_only=True):
    """A hold as a line of a list; `id` is the position of its event."""

    id: int
    reason: str
    state: str
    stage: str
    object: str
    column: str | None
    source_key: str | None
    source: Place
    run_id: str
    since: str


class HoldCount(msgspec.Struct, frozen=True):
    """How many holds there are in a state and of a reason."""

    state: str
    reason: str
    count: int


async def hold_counts(reader: Reader) -> list[HoldCount]:
    """How many holds there are, by state and reason."""
    statement = "SELECT state, reason, count(*) AS count FROM hold GROUP BY state, reason ORDER BY state, reason"
    return await reader.fetch(HoldCount, statement)


async def listed_holds(
    reader: Reader, *, state: str, reason: str | None, after: AfterHold | None, limit: int
) -> list[HoldListed]:
    """The next holds in a state, by reason and then as they came."""
    only = "AND reason = :reason" if reason is not None else ""
    # Of one reason they come by id already; both together would have SQLite sort all of that reason.
    behind_it = "AND (reason, id) > (:behind, :id)" if reason is None else "AND id > :id"
    begin = behind_it if after is not None else ""
    statement = f"""SELECT hold.*, event.recorded_at AS since FROM hold CROSS JOIN event ON event.position = hold.id
      WHERE state = :state {only} {begin} ORDER BY reason, id LIMIT :limit"""
    behind, last = after or ("", 0)
    rows = await reader.rows(statement, state=state, reason=reason, behind=behind, id=last, limit=limit)
    return await _as_listed(reader, rows)


async def holds_of(reader: Reader, stream: str, rows: list[Place]) -> list[HoldListed]:
    """Every hold of a stream, and of some rows."""
    statement = """SELECT hold.*, event.recorded_at AS since FROM hold CROSS JOIN event ON event.position = hold.id
      WHERE hold.id IN (SELECT id FROM hold WHERE source_key = :stream
        UNION SELECT hold.id FROM json_each(:rows) AS row CROSS JOIN hold
          ON hold.file = row.value ->> '$[0]' AND hold.line = row.value ->> '$[1]')
      ORDER BY hold.id LIMIT 500"""
    said = msgspec.json.encode([(one.file_id, one.line) for one in rows]).decode()
    return await _as_listed(reader, await reader.rows(statement, stream=stream, rows=said))


async def _as_listed(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[HoldListed]:
    names = await file_names(reader)
    return [
        msgspec.convert(
            {**row, "source": Place(row["file"], names.get(row["file"], row["file"]), row["line"])}, HoldListed
        )
        for row in rows
    ]
