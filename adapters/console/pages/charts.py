"""The timeline as a drawing: stacked columns, each stage in a colour of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from adapters.console.resources.timeline import Column
from ledger.stages import STAGES

HEIGHT, WIDTH = 100, 10
_FEWEST = 40
"""A few columns stand at the left and are no wider than many are."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A stage's part of a column, in the drawing's own units from the top left."""

    x: int
    y: float
    height: float
    stage: str
    title: str


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A chart: its size, its bars, the stages in it, the highest column, and where it begins and ends."""

    width: int
    height: int
    bars: list[Bar]
    stages: list[str]
    highest: int
    begin: str
    end: str
    minutes: int


def columns(timeline: Sequence[Column]) -> Drawing | None:
    """The drawing of a timeline; nothing where nothing happened."""
    if not timeline:
        return None
    highest = max(sum(one.stages.values()) for one in timeline)
    bars = [bar for at, one in enumerate(timeline) for bar in _stack(at, one, highest)]
    there = {stage for one in timeline for stage in one.stages}
    return Drawing(
        width=max(len(timeline), _FEWEST) * WIDTH,
        height=HEIGHT,
        bars=bars,
        stages=[one for one in STAGES if one in there],
        highest=highest,
        begin=timeline[0].begin,
        end=(datetime.fromisoformat(timeline[-1].begin) + timedelta(minutes=timeline[-1].minutes)).isoformat(),
        minutes=timeline[0].minutes,
    )


def _stack(at: int, column: Column, highest: int) -> list[Bar]:
    bars, top = [], float(HEIGHT)
    for stage in STAGES:
        count = column.stages.get(stage, 0)
        if count:
            height = max(HEIGHT * count / highest, 0.7)
            top -= height
            bars.append(
                Bar(
                    x=at * WIDTH,
                    y=round(max(top, 0), 2),
                    height=round(height, 2),
                    stage=stage,
                    title=f"{_clock(column.begin)} UTC, {stage}: {count} events",
                )
            )
    return bars


def _clock(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M")
