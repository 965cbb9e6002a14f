"""Runs: who ran what, how it ended; and one run's events by stage, calls, rate, errors and interruptions."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import NotFound
from adapters.console.opened import At, OpenLedger
from adapters.console.resources.timeline import Column, columns
from ledger.listings.events import REPORTS, Told, event_before, events_of_types
from ledger.listings.files import FileListed, listed_files
from ledger.projections import runs
from ledger.projections.runs import Run, state_now
from ledger.reader import Reader
from ledger.stages import STAGE_OF, STAGES

_MARKS = ("RunStarted", "RunResumed", "RunFailed", "RunCompleted")
_OUTCOMES = ("RecordCreated", "RecordUpdated", "RecordAdopted", "RecordDeleted", "RecordRestored", "RecordReturned")


CHOICES = 200
"""How many runs, the newest, are offered to choose from; another is named by its id in the address."""

_MOST = 1000
"""How often a run is begun, interrupted and gone on with at the most, for its page."""


class RunListed(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a line of a list; `events` are those counted so far."""

    run_id: str
    command: str
    actor: str
    state: str
    position: int
    started_at: str
    ended_at: str | None
    resumed: int
    undone: int
    code: str | None
    events: int


class Interruption(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run stood still: its last event before, and the one it went on with."""

    last_position: int
    last_at: str
    resumed_position: int
    resumed_at: str
    seconds: int


class RunTold(RunListed, frozen=True, kw_only=True):
    """One run: its events by stage and type, its calls, and where it began, failed and went on.

    `rate` is records written or taken back a second, over the time it was at work; `calls` are those that change
    records (the ledger keeps no reads).
    """

    settings: dict[str, str | int | bool | None]
    policies: dict[str, str]
    mapping: int | None
    stages: dict[str, dict[str, int]]
    calls: int
    outcomes: int
    rate: float | None
    seconds: int
    files: list[FileListed]
    marks: list[Told]
    reports: list[Told]
    interruptions: list[Interruption]
    timeline: list[Column]


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of runs."""

    items: list[RunListed]
    next: str | None


async def list_runs(opened: OpenLedger, reader: Reader, at: At, after: str | None, limit: int) -> RunPage:
    """The next runs, newest first.

    Raises:
        BadCursor: `after` is no cursor of this list.
    """
    counts = opened.pulse.by_run()
    found = await runs.newest_runs(reader, behind(after, int), limit + 1)
    more = cursor(found[limit - 1].position) if len(found) > limit else None
    return RunPage(items=[RunListed(**_line(one, at, counts)) for one in found[:limit]], next=more)


async def tell_run(opened: OpenLedger, reader: Reader, at: At, run_id: str) -> RunTold:
    """One run.

    Raises:
        NotFound: the ledger has no such run.
    """
    one = await runs.find_run(reader, run_id)
    if one is None:
        raise NotFound(f"this ledger has no run {run_id}; the list of runs shows them")
    marks = list(reversed(await events_of_types(reader, _MARKS, run_id=run_id, limit=_MOST)))
    pauses = await _interruptions(reader, marks)
    types = opened.pulse.by_type(run_id)
    outcomes = sum(types[name] for name in _OUTCOMES)
    last = await event_before(reader, run_id, at.head.position + 1)
    ended = one.ended_at or (last.recorded_at if last else one.started_at)
    seconds = _seconds(one.started_at, ended) - sum(each.seconds for each in pauses)
    return RunTold(
        **_line(one, at, opened.pulse.by_run()),
        settings=one.settings,
        policies=one.policies,
        mapping=await _mapping(reader, one),
        stages=_stages(types),
        calls=types["BatchIntended"] + types["CompensationIntended"],
        outcomes=outcomes,
        rate=round(outcomes / seconds, 1) if outcomes and seconds > 0 else None,
        seconds=max(seconds, 0),
        files=[each for each in await listed_files(reader) if each.run_id == run_id],
        marks=marks,
        reports=await events_of_types(reader, REPORTS, run_id=run_id, limit=_MOST),
        interruptions=pauses,
        timeline=columns(opened.pulse.by_minute(run_id)),
    )


def _line(one: Run, at: At, counts: Counter[str]) -> dict[str, Any]:
    kept = ("run_id", "command", "actor", "position", "started_at", "ended_at", "resumed", "undone", "code")
    told = {name: getattr(one, name) for name in kept}
    return {**told, "state": state_now(one, held=one.run_id == at.working), "events": counts[one.run_id]}


def _stages(types: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for stage in STAGES:
        if of := {name: count for name, count in sorted(types.items()) if STAGE_OF[name] == stage}:
            found[stage] = of
    return found


async def _mapping(reader: Reader, one: Run) -> int | None:
    """Where the mapping that a run worked by was confirmed, at the latest as the run began."""
    signed = await events_of_types(reader, ["MappingConfirmed"], limit=_MOST) if one.mapping_hash else []
    same = [each for each in signed if each.payload_hash == one.mapping_hash]
    before = [each.position for each in same if each.position < one.position or each.run_id == one.run_id]
    return max(before, default=None)


async def _interruptions(reader: Reader, marks: list[Told]) -> list[Interruption]:
    found = []
    for one in marks:
        last = await event_before(reader, one.run_id, one.position) if one.type == "RunResumed" else None
        if last is not None:
            found.append(
                Interruption(
                    last_position=last.position,
                    last_at=last.recorded_at,
                    resumed_position=one.position,
                    resumed_at=one.recorded_at,
                    seconds=_seconds(last.recorded_at, one.recorded_at),
                )
            )
    return found


def _seconds(begin: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds())
