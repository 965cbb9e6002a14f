"""What a migration costs in calls, and so in time: the rate limit is the physical limit. Arithmetic only.

A load takes ⌈n/batch⌉ creates an object and a few calls more whatever its size; taking everything back takes far
fewer. Calls on the data model are not limited, and not counted (FACTS section 13). Times are those of calls paced from
the first on; a full bucket lets a hundred of them pass at once, so a load is never slower than this by the limit alone.
"""

from collections.abc import Collection, Mapping
from math import ceil

import msgspec

from adapters.twenty import MAX_RECORDS, TIED
from commands.collisions import KEYS, KEYS_A_READ
from commands.compensation.destroying import DESTROYED_A_CALL
from commands.compensation.drift import IDS_A_CALL, POINTERS_A_CALL, READ_A_CALL
from commands.compensation.traces import CASCADING

_PACE_MARGIN_S = 0.015
_SETUP = 6
"""Other ledgers' marks, what the key may read, what would fire, and the baseline (live, in the bin, ours)."""
_AN_AUTOMATION = 4
"""Pausing one, and putting it back: its state, the bin, its time."""
_A_KEYED_OBJECT = 2
"""What of it is there: live, and in the bin."""
_ROLLBACK = 10
"""The runs of workflows, fields in use, marks, and counts of the proof."""
_POLLS = 3
_TRACED = 2
"""Times the traces of what does not cascade are called about: noted, and destroyed."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """A rate limit (`calls` in `window_s` seconds) and the most records a create takes."""

    name: str
    calls: int
    window_s: int
    batch: int

    @property
    def pace_s(self) -> float:
        """Seconds between two calls that never meet the limit."""
        return self.window_s / self.calls + _PACE_MARGIN_S


CURRENT = Limits(name="current", calls=100, window_s=60, batch=MAX_RECORDS)
"""As observed on a self-hosted Twenty 2.21 (FACTS sections 1 and 13)."""

DOCUMENTED = Limits(name="documented", calls=100, window_s=60, batch=60)
"""As Twenty documents its hosted plans: 100 calls a minute, 60 records a call (FACTS section 1)."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a load, and taking all of it back, cost at some limits; times in seconds."""

    limits: Limits
    creates: dict[str, int]
    other: int
    seconds: int
    rollback_calls: int
    rollback_seconds: int

    @property
    def calls(self) -> int:
        """Calls of the load that count against the limit."""
        return sum(self.creates.values()) + self.other


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Records to be created by object, and what that costs at each of the limits."""

    records: dict[str, int]
    costs: tuple[Cost, ...]

    @property
    def current(self) -> Cost:
        """The cost at the limits a Twenty has that nobody changed."""
        return self.costs[0]


def estimate(records: Mapping[str, int], *, automations: int = 1, populated: Collection[str] = ()) -> Estimate:
    """Work out what these records cost.

    `automations` is how many are paused (a new workspace has one), `populated` names the objects that hold records
    already, whose unique values have to be looked up.
    """
    other = _SETUP + _AN_AUTOMATION * automations + _lookups(records, populated)
    costs = tuple(_cost(records, limits, other) for limits in (CURRENT, DOCUMENTED))
    return Estimate(records=dict(records), costs=costs)


def estimate_document(done: Estimate) -> dict[str, object]:
    """An estimate as JSON shows it."""
    costs = [{**msgspec.to_builtins(one), "calls": one.calls} for one in done.costs]
    return {"records": done.records, "costs": costs}


def words_of(seconds: float) -> str:
    """A time as a person says it."""
    minutes = ceil(seconds / 60)
    if seconds < 60:
        return f"{ceil(seconds)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _cost(records: Mapping[str, int], limits: Limits, other: int) -> Cost:
    creates = {name: ceil(count / limits.batch) for name, count in records.items()}
    back = _rollback_calls(records)
    return Cost(
        limits=limits,
        creates=creates,
        other=other,
        seconds=ceil((sum(creates.values()) + other) * limits.pace_s),
        rollback_calls=back,
        rollback_seconds=ceil(back * limits.pace_s),
    )


def _lookups(records: Mapping[str, int], populated: Collection[str]) -> int:
    keyed = {name: count for name, count in records.items() if name in KEYS and count}
    reads = sum(ceil(count / KEYS_A_READ) for name, count in keyed.items() if name in populated)
    return _A_KEYED_OBJECT * len(keyed) + reads


def _rollback_calls(records: Mapping[str, int]) -> int:
    """Drift check, pointing records, destroying and looking what is left, the proof; traces; polls of the queue."""
    there = {name: count for name, count in records.items() if count}
    calls = sum(
        ceil(count / READ_A_CALL)
        + ceil(count / POINTERS_A_CALL)
        + 2 * ceil(count / DESTROYED_A_CALL)
        + ceil(count / IDS_A_CALL)
        for count in there.values()
    )
    rows = {name: count * (2 if name in TIED else 1) for name, count in there.items() if name not in CASCADING}
    traced = sum(ceil(count / DESTROYED_A_CALL) for count in rows.values())
    polls = _POLLS * (ceil(sum(there.values()) / POINTERS_A_CALL) + 1)
    return calls + _TRACED * traced + polls + _ROLLBACK
