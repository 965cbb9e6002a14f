"""What Twenty's queue writes a moment after a change: timeline rows, and runs of workflows that a change sets off.

A change leaves jobs in core_job, with the time they are due, in its own transaction; `apply_due` does those that are
due and is called ahead of every request. Once drained the table is empty, as if it never was.

What appears (FACTS sections 8, 9, 11): `<object>.created`, `.updated` with a diff, `.deleted`, `.restored` for objects
with a timeline; `linked-note.created`, `linked-task.created` for targets. A record destroyed before its job is due
leaves an orphan row, or none where the row would have gone with it (people, companies). A run of the prefilled workflow
ends FAILED, its functions being disabled, and its state holds a copy of the record.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.model import CASCADE, ObjectMeta
from adapters.sandbox.stored import json_text
from adapters.sandbox.tables import quoted
from adapters.sandbox.workspace import Workspace

ACTIVITY_OBJECTS = {"noteTarget": ("note", "title"), "taskTarget": ("task", "title")}
BATCH = 2000


class TimelineJob(msgspec.Struct, frozen=True):
    """Timeline rows to write: one for each record id."""

    object_name: str
    event: str
    ids: list[str]
    diff: dict[str, Any] | None = None


class RunJob(msgspec.Struct, frozen=True):
    """A workflow run to write."""

    workflow_id: str
    object_name: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def note_created(workspace: Workspace, item: ObjectMeta, ids: Sequence[str]) -> None:
    """Records were created."""
    if ids and (item.has_timeline or item.name_singular in ACTIVITY_OBJECTS):
        _schedule(workspace, TimelineJob(item.name_singular, "created", list(ids)))


def note_updated(workspace: Workspace, item: ObjectMeta, record_id: str, diff: dict[str, Any]) -> None:
    """A record was changed; `diff` has before and after of each changed field."""
    if item.has_timeline:
        _schedule(workspace, TimelineJob(item.name_singular, "updated", [record_id], diff))


def note_marked(workspace: Workspace, item: ObjectMeta, ids: Sequence[str], event: str) -> None:
    """Records were soft-deleted ("deleted") or restored ("restored")."""
    if ids and item.has_timeline:
        _schedule(workspace, TimelineJob(item.name_singular, event, list(ids)))


def fires(workspace: Workspace, item: ObjectMeta, changed: Sequence[str] | None = None) -> bool:
    """Whether a live trigger listens to this object's creations, or to a change of these fields."""
    return bool(_listening(workspace, item.name_singular, changed))


def note_runs(
    workspace: Workspace, item: ObjectMeta, records: Iterable[tuple[dict[str, Any] | None, dict[str, Any]]]
) -> None:
    """Records (before, after) that set off workflows; `fires` said so. They appear one by one, at the set rate."""
    workflows = _listening(workspace, item.name_singular, None)
    settings = workspace.settings
    due = max(time.time() + settings.timeline_delay_s, _last_due(workspace, "run"))
    for before, after in records:
        for workflow_id in workflows:
            due += 1 / settings.runs_per_second
            _store(workspace, due, "run", RunJob(workflow_id, item.name_singular, before, after))


def apply_due(workspace: Workspace, now: float | None = None) -> int:
    """Write what is due by `now` (seconds since the epoch; this moment by default); the number of jobs done."""
    moment = time.time() if now is None else now
    sql = "SELECT id, due, kind, body FROM core_job WHERE due <= ? ORDER BY due, id LIMIT ?"
    done = 0
    while jobs := workspace.connection.execute(sql, (moment, BATCH)).fetchall():
        with workspace.transaction() as connection:
            _apply(workspace, jobs)
            connection.executemany("DELETE FROM core_job WHERE id = ?", [(job[0],) for job in jobs])
        done += len(jobs)
    return done


def _schedule(workspace: Workspace, job: TimelineJob) -> None:
    _store(workspace, time.time() + workspace.settings.timeline_delay_s, "timeline", job)


def _store(workspace: Workspace, due: float, kind: str, job: TimelineJob | RunJob) -> None:
    sql = "INSERT INTO core_job (due, kind, body) VALUES (?, ?, ?)"
    workspace.connection.execute(sql, (due, kind, msgspec.json.encode(job).decode()))


def _last_due(workspace: Workspace, kind: str) -> float:
    row = workspace.connection.execute("SELECT max(due) FROM core_job WHERE kind = ?", (kind,)).fetchone()
    return float(row[0] or 0)


def _listening(workspace: Workspace, object_name: str, changed: Sequence[str] | None) -> list[str]:
    """The workflows whose live trigger waits for this event."""
    sql = (
        'SELECT "settings", "workflowId" FROM "workflowAutomatedTrigger"'
        ' WHERE "type" = \'DATABASE_EVENT\' AND "deletedAt" IS NULL'
    )
    verbs = ("created", "upserted") if changed is None else ("updated", "upserted")
    events = {f"{object_name}.{verb}" for verb in verbs}
    found = ((json.loads(settings), workflow) for settings, workflow in workspace.connection.execute(sql))
    return [
        workflow
        for settings, workflow in found
        if settings.get("eventName") in events
        and (changed is None or set(settings.get("fields") or changed) & set(changed))
    ]


def _apply(workspace: Workspace, jobs: Sequence[tuple[int, float, str, str]]) -> None:
    rows: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    for _, due, kind, body in jobs:
        moment = datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if kind == "timeline":
            rows += _timeline_rows(workspace, msgspec.json.decode(body, type=TimelineJob), moment)
        else:
            runs.append(_run_row(workspace, msgspec.json.decode(body, type=RunJob), moment))
    _insert(workspace, "timelineActivity", rows)
    _number(workspace, runs)
    _insert(workspace, "workflowRun", runs)


def _timeline_rows(workspace: Workspace, job: TimelineJob, moment: str) -> list[dict[str, Any]]:
    item = workspace.model.by_singular.get(job.object_name)
    if item is None:
        return []
    if job.object_name in ACTIVITY_OBJECTS:
        return _linked_rows(workspace, item, job, moment)
    column = f"target{capitalised(item.name_singular)}Id"
    there = _present(workspace, item, job.ids)
    relation = workspace.model.by_singular["timelineActivity"].field_by_join_column[column]
    kept = job.ids if relation.on_delete != CASCADE else [record_id for record_id in job.ids if record_id in there]
    name, properties = f"{item.name_singular}.{job.event}", json_text({"diff": job.diff} if job.diff else {})
    base = _system_row(moment) | {"happensAt": moment, "name": name, "properties": properties}
    return [_own(base) | {column: record_id if record_id in there else None} for record_id in kept]


def _linked_rows(workspace: Workspace, item: ObjectMeta, job: TimelineJob, moment: str) -> list[dict[str, Any]]:
    """One row a target record, on the first record it links its note or task to."""
    activity_name, title = ACTIVITY_OBJECTS[job.object_name]
    activity = workspace.model.by_singular[activity_name]
    targets = [column for column in item.field_by_join_column if column.startswith("target")]
    columns = ", ".join(quoted(column) for column in (f"{activity_name}Id", *targets))
    sql = f'SELECT {columns} FROM {quoted(item.table)} WHERE "id" IN (SELECT value FROM json_each(?))'
    titles = f'SELECT {quoted(title)} FROM {quoted(activity.table)} WHERE "id" = ?'
    name = f"linked-{activity_name}.{job.event}"
    base = _system_row(moment) | {"happensAt": moment, "name": name, "properties": "{}"}
    rows = []
    for activity_id, *ids in workspace.connection.execute(sql, (json.dumps(job.ids),)).fetchall():
        target = next(((column, value) for column, value in zip(targets, ids, strict=True) if value), None)
        if target is not None:
            cached = workspace.connection.execute(titles, (activity_id,)).fetchone()
            link = {"linkedRecordId": activity_id, "linkedRecordCachedName": cached and cached[0]}
            rows.append(_own(base) | link | {"linkedObjectMetadataId": activity.id, target[0]: target[1]})
    return rows


def _present(workspace: Workspace, item: ObjectMeta, ids: Sequence[str]) -> set[str]:
    sql = f'SELECT "id" FROM {quoted(item.table)} WHERE "id" IN (SELECT value FROM json_each(?))'
    return {row[0] for row in workspace.connection.execute(sql, (json.dumps(ids),))}


def _system_row(moment: str) -> dict[str, Any]:
    """The columns every row of the queue has; its author is the system."""
    actor = {"Source": "MANUAL", "Name": "System"}
    authors = {f"{field}{sub}": value for field in ("createdBy", "updatedBy") for sub, value in actor.items()}
    return {"createdAt": moment, "updatedAt": moment, "position": 0} | authors


def _own(base: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(uuid4())} | dict(base)


def _run_row(workspace: Workspace, job: RunJob, moment: str) -> dict[str, Any]:
    version, name, flow, steps = _workflow(workspace, job.workflow_id)
    return _own(_system_row(moment)) | {
        "createdBySource": "WORKFLOW",
        "createdByName": name,
        "createdByContext": "{}",
        "enqueuedAt": moment,
        "startedAt": moment,
        "endedAt": moment,
        "status": "FAILED",
        "state": _state(flow, steps, job),
        "workflowId": job.workflow_id,
        "workflowVersionId": version,
        "name": name,
    }


def _number(workspace: Workspace, runs: Sequence[dict[str, Any]]) -> None:
    """Give runs their numbers and places, after those that are there."""
    if runs:
        (count,) = workspace.connection.execute('SELECT count(*) FROM "workflowRun"').fetchone()
        for place, run in enumerate(runs, count + 1):
            run["name"] = f"#{place} - {run['name']}"


def _workflow(workspace: Workspace, workflow_id: str) -> tuple[str | None, str, str, tuple[str, ...]]:
    """A workflow's active version and name, its flow as JSON text, and its steps' ids."""
    sql = (
        'SELECT v."id", w."name", v."trigger", v."steps" FROM "workflow" AS w'
        ' LEFT JOIN "workflowVersion" AS v ON v."workflowId" = w."id" AND v."status" = \'ACTIVE\' WHERE w."id" = ?'
    )
    row = workspace.connection.execute(sql, (workflow_id,)).fetchone() or (None, "", None, None)
    return (row[0], row[1] or "", *_flow(row[2] or "null", row[3] or "[]"))


@lru_cache(maxsize=8)
def _flow(trigger: str, steps: str) -> tuple[str, tuple[str, ...]]:
    """The flow a run carries, without the schemas of its outputs (15 kB a run that no one reads), and the step ids."""
    slim = _without_schemas({"steps": json.loads(steps), "trigger": json.loads(trigger)})
    return json_text(slim), tuple(step["id"] for step in slim["steps"])


def _without_schemas(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_schemas(inner) for key, inner in value.items() if key != "outputSchema"}
    return [_without_schemas(inner) for inner in value] if isinstance(value, list) else value


def _state(flow: str, steps: Sequence[str], job: RunJob) -> str:
    """A run's state as JSON text: the flow, and what each step came to. The first failed, the rest never started."""
    properties: dict[str, Any] = {"after": job.after, "updatedFields": list(job.after)}
    if job.before is not None:
        properties["before"] = job.before
        properties["updatedFields"] = [name for name, value in job.after.items() if value != job.before[name]]
    trigger = {"result": {"recordId": job.after["id"], "properties": properties}, "status": "SUCCESS"}
    failed = {"error": "Logic function execution is disabled.", "status": "FAILED"}
    results = [failed, *({"status": "NOT_STARTED"} for _ in steps[1:])]
    infos = {"trigger": trigger} | dict(zip(steps, results, strict=False))
    return f'{{"flow": {flow}, "stepInfos": {json_text(infos)}}}'


def _insert(workspace: Workspace, object_name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    columns = sorted({name for row in rows for name in row})
    names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {quoted(object_name)} ({names}) VALUES ({marks})"
    workspace.connection.executemany(sql, ([row.get(name) for name in columns] for row in rows))
