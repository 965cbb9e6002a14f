"""What Twenty's queue writes about our records a moment later: timeline rows, and runs of workflows.

They are noted by id while the records still exist, because afterwards a timeline row no longer says which record it
was for (FACTS section 8), and destroyed by these ids only, never by a filter.
"""

from collections.abc import Mapping

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import RUNS, TARGETS_A_CALL, TIMELINE, WITH_DELETED, Filter, Kind, both
from adapters.twenty.ids import Ids, checked_mark, portions
from adapters.twenty.model import Model
from adapters.twenty.reading import NARROW_ROWS_A_PAGE, count_filter, walk_filter
from adapters.twenty.records import destroy


def timeline_filter(model: Model, targets: Mapping[str, Ids]) -> Filter | None:
    """The timeline rows of these records, by object; None where no timeline row can lead to any of them."""
    either = [
        {pointing.column: {"in": list(ids.values)}}
        for target, ids in targets.items()
        for pointing in model.pointing_at(target)
        if pointing.object == TIMELINE.singular
    ]
    return both({"or": either}, WITH_DELETED) if either else None


async def count_timeline(client: TwentyClient, model: Model, targets: Mapping[str, Ids]) -> int:
    """Count the timeline rows of these records (one call for 5,000 of them, counted as a poll)."""
    return sum([await count_filter(client, TIMELINE, where, "poll") for where in _timeline_filters(model, targets)])


async def timeline_ids(client: TwentyClient, model: Model, targets: Mapping[str, Ids]) -> list[str]:
    """List the ids of the timeline rows of these records (one call for 5,000 of them)."""
    return [one for where in _timeline_filters(model, targets) for one in await _ids(client, TIMELINE, where)]


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


async def run_count(client: TwentyClient, mark: str) -> int:
    """Count the workflow runs whose state holds the mark (one call, counted as a poll)."""
    return await count_filter(client, RUNS, _with_mark(mark), "poll")


async def run_ids(client: TwentyClient, *marks: str) -> list[str]:
    """List the ids of the workflow runs whose state holds one of the marks (a run's id, or a record's)."""
    return await _ids(client, RUNS, _with_mark(*marks))


async def destroy_timeline(client: TwentyClient, ids: Ids) -> list[str]:
    """Destroy timeline rows; answers the ids that went."""
    return await destroy(client, TIMELINE, ids, None)


async def destroy_runs(client: TwentyClient, ids: Ids) -> list[str]:
    """Destroy workflow runs; answers the ids that went."""
    return await destroy(client, RUNS, ids, None)


def _timeline_filters(model: Model, targets: Mapping[str, Ids]) -> list[Filter]:
    filters = (timeline_filter(model, portion) for portion in portions(targets, TARGETS_A_CALL))
    return [where for where in filters if where]


def _with_mark(*marks: str) -> Filter:
    either: list[Filter] = [{"state": {"like": f"%{checked_mark(mark)}%"}} for mark in marks]
    if not either:
        raise ValueError("an empty `or` would mean every run")
    return both({"or": either}, WITH_DELETED)


async def _ids(client: TwentyClient, kind: Kind, where: Filter) -> list[str]:
    pages = walk_filter(client, kind, "id", where, NARROW_ROWS_A_PAGE)
    return [str(row["id"]) async for rows in pages for row in rows]
