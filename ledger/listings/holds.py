"""Holds a page at a time, by reason; and how many there are of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ledger.listings.places import Place, file_names
from ledger.reader import Reader

WAITING = "waiting"
STATES = (WAITING, "open", "corrected", "released", "abandoned", "erased")
"""What has become of a hold, and `waiting` for those that are open or corrected."""

_AS_SAID = {WAITING: ("open", "corrected")}

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


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided about a hold, and why (nothing, where it was not said, or was erased)."""

    hold: int
    position: int
    type: str
    recorded_at: str
    actor: str
    why: str | None


async def listed_holds(
    reader: Reader, *, state: str, reason: str | None, after: AfterHold | None, limit: int
) -> list[HoldListed]:
    """The next holds in a state, by reason and then as they came."""
    found: list[Mapping[str, Any]] = []
    for one in _AS_SAID.get(state, (state,)):
        found += await _in_state(reader, one, reason, after, limit)
    found.sort(key=lambda row: (row["reason"], row["id"]))
    return await _as_listed(reader, found[:limit])


async def _in_state(
    reader: Reader, state: str, reason: str | None, after: AfterHold | None, limit: int
) -> list[Mapping[str, Any]]:
    only = "AND reason = :reason" if reason is not None else ""
    # Of one reason they come by id already; both together would have SQLite sort all of that reason.
    behind_it = "AND (reason, id) > (:behind, :id)" if reason is None else "AND id > :id"
    begin = behind_it if after is not None else ""
    statement = f"""SELECT hold.*, event.recorded_at AS since FROM hold CROSS JOIN event ON event.position = hold.id
      WHERE state = :state {only} {begin} ORDER BY reason, id LIMIT :limit"""
    behind, last = after or ("", 0)
    return await reader.rows(statement, state=state, reason=reason, behind=behind, id=last, limit=limit)


async def decisions_on(reader: Reader, holds: list[int]) -> list[Decision]:
    """What was decided about some holds, in order."""
    statement = """SELECT json_extract(event.data, '$.hold') AS hold, event.position, event.type, event.recorded_at,
        event.actor, payload.body ->> '$.value.why' AS why
      FROM json_each(:holds) AS held CROSS JOIN event ON json_extract(event.data, '$.hold') = held.value
        LEFT JOIN payload ON payload.hash = event.payload_hash AND NOT EXISTS (SELECT 1 FROM event AS gone
          WHERE gone.type = 'PayloadErased' AND gone.payload_hash = event.payload_hash)
      WHERE event.type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned') ORDER BY event.position"""
    return await reader.fetch(Decision, statement, holds=msgspec.json.encode(holds).decode())


async def holds_of(reader: Reader, stream: str, rows: list[Place]) -> list[HoldListed]:
    """Every hold of a stream, and of some rows."""
    statement = """SELECT hold.*, event.recorded_at AS since FROM hold CROSS JOIN event ON event.position = hold.id
      WHERE hold.id IN (SELECT id FROM hold WHERE source_key = :stream
        UNION SELECT hold.id FROM json_each(:rows) AS row CROSS JOIN hold
          ON hold.file = row.value ->> '$[0]' AND hold.line = row.value ->> '$[1]')
      ORDER BY hold.id"""
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
