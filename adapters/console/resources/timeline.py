"""The timeline: events by stage in even spans of time."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from ledger.stages import STAGE_OF

_MOST = 60
_SPANS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 10080, 43200)
"""Spans that a person reads easily, in minutes."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time, from `begin` (UTC) on, and the events in it by stage."""

    begin: str
    minutes: int
    stages: dict[str, int]


def columns(by_minute: Mapping[str, Counter[str]]) -> list[Column]:
    """Even spans from the first event to the last, at most sixty."""
    if not by_minute:
        return []
    minutes = sorted(by_minute)
    first, last = _moment(minutes[0]), _moment(minutes[-1])
    span = _span(int((last - first).total_seconds()) // 60 + 1)
    found: dict[int, Counter[str]] = {}
    for minute, types in by_minute.items():
        stages = found.setdefault(int((_moment(minute) - first).total_seconds()) // 60 // span, Counter())
        for name, count in types.items():
            stages[STAGE_OF[name]] += count
    return [
        Column(begin=_said(first + timedelta(minutes=at * span)), minutes=span, stages=dict(found.get(at, {})))
        for at in range(max(found) + 1)
    ]


def _span(minutes: int) -> int:
    return next((one for one in _SPANS_MIN if minutes <= one * _MOST), -(-minutes // _MOST))


def _moment(minute: str) -> datetime:
    return datetime.fromisoformat(f"{minute}:00+00:00")


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
