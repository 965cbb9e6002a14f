"""The overview: what migration this is, its books, its runs, and whether it can be trusted."""

from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.console.opened import At, Counted, OpenLedger
from adapters.console.resources.integrity import Integrity, tell_integrity
from adapters.console.resources.runs import RunListed, list_runs
from adapters.console.resources.timeline import Column, columns
from adapters.console.slow import Kept
from ledger.books import File, Records, Rows
from ledger.listings.holds import HoldCount, hold_counts
from ledger.projections import automations, runs
from ledger.reader import Reader
from ledger.stages import STAGE_OF

_RECENT = 8


class BooksTold(msgspec.Struct, frozen=True, kw_only=True):
    """The books as they stood at the event `upto`; `imbalances` are sums that do not agree, in words."""

    upto: int
    rows: Rows
    files: list[File]
    records: list[Records]
    imbalances: list[str]
    balanced: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger at a glance.

    `books` are missing while they are counted for the first time. `counted` says up to which event the timeline and
    the sums of events go. `running`: a process is writing to it now.
    """

    ledger: str
    head: str
    position: int
    recorded_at: str
    created_at: str
    workspace: str | None
    running: bool
    unfinished: str | None
    books: BooksTold | None
    runs: list[RunListed]
    runs_in_all: int
    holds: list[HoldCount]
    open_holds: int
    paused_automations: list[str]
    integrity: Integrity
    not_erased: int | None
    counted: int
    stages: dict[str, int]
    timeline: list[Column]


async def overview(opened: OpenLedger, reader: Reader, at: At) -> Overview:
    """Everything that says how a migration stands."""
    counted = await opened.counted.get(at.head)
    newest = await list_runs(opened, reader, at, None, _RECENT)
    held = await hold_counts(reader)
    return Overview(
        ledger=opened.slug,
        head=str(at.head),
        position=at.head.position,
        recorded_at=at.recorded_at,
        created_at=await reader.scalar("SELECT recorded_at FROM event WHERE position = 1"),
        workspace=await reader.workspace(),
        running=at.running,
        unfinished=counted.value.unfinished if counted and not at.running else None,
        books=_books(counted),
        runs=newest.items,
        runs_in_all=await runs.count_runs(reader),
        holds=held,
        open_holds=sum(one.count for one in held if one.state in ("open", "corrected")),
        paused_automations=[one.twenty_id for one in await automations.not_active(reader)],
        integrity=await tell_integrity(reader, at),
        not_erased=counted.value.not_erased if counted else None,
        counted=opened.pulse.position,
        stages=_stages(opened.pulse.by_type()),
        timeline=columns(opened.pulse.by_minute()),
    )


def _books(counted: Kept[Counted] | None) -> BooksTold | None:
    if counted is None:
        return None
    found = counted.value.books
    return BooksTold(
        upto=counted.head.position,
        rows=found.rows,
        files=list(found.files),
        records=list(found.records),
        imbalances=list(found.imbalances),
        balanced=found.balanced,
    )


def _stages(types: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in types.items():
        found[STAGE_OF[name]] = found.get(STAGE_OF[name], 0) + count
    return found
