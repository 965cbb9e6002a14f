"""What Twenty's queue writes about our records a moment later: timeline rows, and runs of workflows.

They are noted by id while the records still exist, because afterwards a timeline row no longer says which record it
was for (FACTS section 8), and destroyed by these ids only, never by a filter.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import RUNS, TARGETS_A_CALL, TIMELINE, WITH_DELETED, Filter, Kind, both
from adapters.twenty.ids import Ids, checked_mark, portions
from adapters.twenty.model import Model
from adapters.twenty.reading import NARROW_ROWS_A_PAGE, DataRow, count_filter, walk_filter
from adapters.twenty.records import destroy

_STATES_A_PAGE = 200

_LINKED = "linkedRecordId"
TIED = frozenset({"note", "task"})
"""What a `linked-note.created` row tells of, on the timeline of what a note is tied to (FACTS section 11)."""


def timeline_filter(model: Model, targets: Mapping[str, Ids]) -> Filter | None:
    """The timeline rows of these records, by object; None where no timeline row can lead to any of them."""
    either = [*_led_to(model, targets), *_linked(targets)]
    return both({"or": either}, WITH_DELETED) if either else None


async def count_timeline(client: TwentyClient, model: Model, targets: Mapping[str, Ids]) -> int:
    """Count the timeline rows of these records (one call for 5,000 of them, counted as a poll).

    A row that tells of a note or task counts as the note's or the task's, on whose timeline it may be.
    """
    return sum([await count_filter(client, TIMELINE, where, "poll") for where in _counting_filters(model, targets)])


async def timeline_about(client: TwentyClient, model: Model, targets: Mapping[str, Ids]) -> dict[str, str]:
    """The ids of the timeline rows of these records, each with the record's (one call for 5,000 of them)."""
    found: dict[str, str] = {}
    for portion in portions(targets, TARGETS_A_CALL):
        where = timeline_filter(model, portion)
        columns = [one.column for name in portion for one in model.pointing_at(name) if one.object == TIMELINE.singular]
        columns += [column for one in _linked(portion) for column in one]
        wanted = {one for ids in portion.values() for one in ids}
        for row in await _rows(client, TIMELINE, f"id {' '.join(dict.fromkeys(columns))}", where) if where else ():
            found.setdefault(str(row["id"]), next(str(row[name]) for name in columns if row.get(name) in wanted))
    return found


async def count_deleted(client: TwentyClient, model: Model, target: str, since: str) -> int:
    """Count the records of an object put into the bin since a time (RFC 3339) that are gone for good now.

    Their timeline rows stay, and lead to nothing. Those of people and companies go with them: none of these is seen.
    """
    columns = [one.column for one in model.pointing_at(target) if one.object == TIMELINE.singular]
    if not columns:
        return 0
    told = {"name": {"eq": f"{target}.deleted"}, "createdAt": {"gte": f"{since[:23]}Z"}}
    where = both(*({name: value} for name, value in told.items()), *({one: {"is": "NULL"}} for one in columns))
    return await count_filter(client, TIMELINE, where)


async def run_count(client: TwentyClient, *marks: str, since: str | None = None) -> int:
    """Count the workflow runs, since a time or all, whose state holds one of the marks (one call, a poll)."""
    return await count_filter(client, RUNS, _with_mark(*marks, since=since), "poll")


async def run_ids(client: TwentyClient, *marks: str) -> list[str]:
    """List the ids of the workflow runs whose state holds one of the marks (a run's id, or a record's)."""
    return [str(row["id"]) for row in await _rows(client, RUNS, "id", _with_mark(*marks))]


async def run_states(
    client: TwentyClient, *marks: str, since: str | None = None
) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    """Go through the workflow runs of `run_count`: id, and what set it off (`recordId`, before and after).

    A state weighs 16 kB (GRAPHQL section 7), so pages are small.
    """
    async for rows in walk_filter(client, RUNS, "id state", _with_mark(*marks, since=since), _STATES_A_PAGE):
        for row in rows:
            state = msgspec.json.decode(row["state"]) if isinstance(row["state"], str) else row["state"]
            yield str(row["id"]), _at(state, "stepInfos", "trigger", "result") or {}


async def destroy_timeline(client: TwentyClient, ids: Ids) -> list[str]:
    """Destroy timeline rows; answers the ids that went."""
    return await destroy(client, TIMELINE, ids, None)


async def destroy_runs(client: TwentyClient, ids: Ids) -> list[str]:
    """Destroy workflow runs; answers the ids that went."""
    return await destroy(client, RUNS, ids, None)


def _led_to(model: Model, targets: Mapping[str, Ids]) -> list[Filter]:
    """The rows on the timelines of these records."""
    return [
        {pointing.column: {"in": list(ids.values)}}
        for target, ids in targets.items()
        for pointing in model.pointing_at(target)
        if pointing.object == TIMELINE.singular
    ]


def _linked(targets: Mapping[str, Ids]) -> list[Filter]:
    """The rows that tell of these notes and tasks on the timelines of what they are tied to."""
    return [{_LINKED: {"in": list(ids.values)}} for target, ids in targets.items() if target in TIED]


def _counting_filters(model: Model, targets: Mapping[str, Ids]) -> list[Filter]:
    """Each row is in one of them alone, however the records are portioned: a linked one goes by what it tells of."""
    found: list[Filter] = []
    for portion in portions(targets, TARGETS_A_CALL):
        own = _led_to(model, portion)
        either = [both({_LINKED: {"is": "NULL"}}, {"or": own})] if own else []
        if either := [*either, *_linked(portion)]:
            found.append(both({"or": either}, WITH_DELETED))
    return found


def _with_mark(*marks: str, since: str | None = None) -> Filter:
    either: list[Filter] = [{"state": {"like": f"%{checked_mark(mark)}%"}} for mark in marks]
    if not either:
        raise ValueError("an empty `or` would mean every run")
    recent: list[Filter] = [] if since is None else [{"createdAt": {"gte": since}}]
    return both(*recent, {"or": either}, WITH_DELETED)


async def _rows(client: TwentyClient, kind: Kind, select: str, where: Filter) -> list[DataRow]:
    return [row async for rows in walk_filter(client, kind, select, where, NARROW_ROWS_A_PAGE) for row in rows]


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
