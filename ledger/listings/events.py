"""Events a page at a time: all of them, of one type, one run, one stream or one record of Twenty's."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from ledger.events import restore, split
from ledger.listings.places import Place, file_names, place
from ledger.reader import Reader
from ledger.views import WORDS

By = Literal["type", "run_id", "source_key", "twenty_id"]
"""What an index leads along; where several are asked for, the caller says which of them is rarest."""

_DETAILS = ("command", "reason", "code", "why", "outcome", "action")
_LONGEST = 2**63 - 1

REPORTS = ("ReconciliationMade", "RollbackProven", "VerificationMade", "MigrationClosed", "BaselineTaken")
"""Events that report on something."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a person reads it. `what` says it in words; `data` are its own small attributes."""

    position: int
    recorded_at: str
    type: str
    what: str
    actor: str
    run_id: str
    cause: int | None
    object: str | None
    source_key: str | None
    source: Place | None
    twenty_id: str | None
    payload_hash: str | None
    prev_hash: str
    hash: str
    data: dict[str, Any]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: conditions that all hold, and the one of them that leads (`by`)."""

    type: str | None = None
    run_id: str | None = None
    source_key: str | None = None
    twenty_id: str | None = None
    by: By | None = None


async def listed_events(
    reader: Reader, wanted: Wanted, *, after: int | None, newest_first: bool, limit: int
) -> list[Told]:
    """The next events behind a position, going up or going down."""
    way, step = ("DESC", "<") if newest_first else ("ASC", ">")
    begin = after if after is not None else _LONGEST if newest_first else 0
    statement = f"""SELECT * FROM event WHERE position {step} :begin {_conditions(wanted)}
      ORDER BY position {way} LIMIT :limit"""
    rows = await reader.rows(statement, **_said(wanted), begin=begin, limit=limit)
    return await as_told(reader, rows)


async def find_events(reader: Reader, positions: Iterable[int]) -> list[Told]:
    """The events at some positions, in order."""
    statement = """SELECT event.* FROM json_each(:positions) AS at CROSS JOIN event ON event.position = at.value
      ORDER BY position"""
    return await as_told(reader, await reader.rows(statement, positions=msgspec.json.encode(list(positions)).decode()))


async def events_of_types(
    reader: Reader, types: Iterable[str], *, run_id: str | None = None, before: int | None = None, limit: int
) -> list[Told]:
    """Events of some rare types, of one run or of all, before a position, newest first."""
    statement = """SELECT event.* FROM json_each(:types) AS wanted CROSS JOIN event ON event.type = wanted.value
      WHERE (:run IS NULL OR +run_id = :run) AND (:before IS NULL OR position < :before)
      ORDER BY position DESC LIMIT :limit"""
    said = msgspec.json.encode(list(types)).decode()
    return await as_told(reader, await reader.rows(statement, types=said, run=run_id, before=before, limit=limit))


async def event_before(reader: Reader, run_id: str, position: int) -> Told | None:
    """The last event of a run before a position."""
    statement = """SELECT * FROM event WHERE run_id = :run AND position < :position ORDER BY position DESC LIMIT 1"""
    found = await as_told(reader, await reader.rows(statement, run=run_id, position=position))
    return found[0] if found else None


async def as_told(reader: Reader, rows: Iterable[Any]) -> list[Told]:
    """Rows of `event` as a person reads them.

    Raises:
        VerificationFailed: one cannot be read as an event.
    """
    names = await file_names(reader)
    return [_told(row, names) for row in rows]


def _told(row: Any, names: dict[str, str]) -> Told:
    own = split(restore(row))[1]
    detail = next((str(own[name]) for name in _DETAILS if own.get(name)), None)
    words = WORDS.get(row["type"], row["type"])
    return msgspec.convert(
        {
            **row,
            "what": f"{words}: {detail}" if detail else words,
            "source": place(row["source_ref"], names),
            "data": own,
        },
        Told,
    )


def _conditions(wanted: Wanted) -> str:
    names = ("type", "run_id", "source_key", "twenty_id")
    asked = [name for name in names if getattr(wanted, name) is not None]
    leads = wanted.by or (asked[-1] if asked else None)
    # A plus keeps SQLite from going along the index of a column.
    return " ".join(f"AND {'' if name == leads else '+'}{name} = :{name}" for name in asked)


def _said(wanted: Wanted) -> dict[str, str | None]:
    return {name: getattr(wanted, name) for name in ("type", "run_id", "source_key", "twenty_id")}
