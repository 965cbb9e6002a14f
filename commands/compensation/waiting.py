"""Waiting, bounded, until Twenty's queue has written what it writes about our records by itself."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import anyio
import msgspec

from adapters.twenty import Ids, count_timeline, run_count
from commands.session import Working
from ledger import work
from ledger.events import BatchIntended
from ledger.projections.records import RecordState
from ledger.reader import Recorded
from ledger.scopes import Scope

POLL_S = 2.0
SWEEP = "`rollback --yes` again sweeps what comes"
_STILL = 3
"""Polls without a change after which nothing more is expected: a server killed after its commit loses rows for good."""


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """What had come when waiting ended; `complete` says whether it was all that was expected."""

    timeline: int
    runs: int
    expected: int
    complete: bool
    waited_s: float


async def wait_for_traces(
    working: Working, targets: Mapping[str, Ids], marks: Sequence[str], patience_s: float
) -> Awaited:
    """Poll until every record has its timeline row and the runs stand still, until nothing moves, or patience ends.

    The timeline row of each record is written after it, a workflow's run later still (FACTS sections 8 and 9).
    """
    expected = sum(map(len, targets.values()))
    started = anyio.current_time()
    last: tuple[int, int] | None = None
    still = 0
    while True:
        now = await _traces(working, targets, marks)
        waited = anyio.current_time() - started
        still = still + 1 if now == last else 0
        complete = now[0] >= expected and (still >= 1 or not now[1])
        if complete or still >= _STILL or waited + POLL_S > patience_s:
            return Awaited(
                timeline=now[0], runs=now[1], expected=expected, complete=complete, waited_s=round(waited, 1)
            )
        last = now
        await anyio.sleep(POLL_S)


async def wait_for_unknown(working: Working, scope: Scope, patience_s: float) -> str | None:
    """Wait until no call of unknown outcome can land any more: until its time-out has passed since its intent.

    Only then does an id that Twenty does not answer for prove that its call never did. Answers, in words, what could
    still land because patience ended before.
    """
    waiting = [one.state for one in await work.intended(working.ledger.reader)]
    intents = {one: await working.ledger.reader.find(one) for one in {one.intent or 0 for one in waiting}}
    unknown = [one for one in waiting if _is_in(scope, one, intents[one.intent or 0])]
    if not unknown:
        return None
    left = max((_could_land_for(intents[one.intent or 0]) for one in unknown), default=0.0)
    if left > 0:
        working.reporter.say(f"{len(unknown)} records are of unknown outcome: waiting {min(left, patience_s):.0f} s")
        await anyio.sleep(min(left, patience_s))
    if left <= patience_s:
        return None
    return f"{len(unknown)} records whose call had no answer could land for {left - patience_s:.0f} s more; {SWEEP}"


def _is_in(scope: Scope, state: RecordState, intent: Recorded | None) -> bool:
    if intent is None:
        return False
    single = (state.object, state.source_key)
    if scope.records or scope.keys is not None:
        return state.twenty_id in scope.records or single in (scope.keys or ())
    return scope.holds(intent.run_id, intent.position, state.object)


def _could_land_for(intent: Recorded | None) -> float:
    """Seconds until the call of an intent has timed out."""
    if intent is None or not isinstance(intent.event, BatchIntended):
        return 0.0
    passed = datetime.now(UTC) - datetime.fromisoformat(intent.recorded_at)
    # A clock that was set back must not make this longer than one time-out.
    return min(intent.event.timeout_s - passed.total_seconds(), intent.event.timeout_s)


async def _traces(working: Working, targets: Mapping[str, Ids], marks: Sequence[str]) -> tuple[int, int]:
    client = working.twenty.client
    timeline = await count_timeline(client, working.twenty.model, targets) if targets else 0
    return timeline, sum([await run_count(client, mark) for mark in marks])
