"""Where the parts of a chart stand: pure geometry, so that a page needs no script to draw one.

Horizontal places are per cent of the width and vertical ones pixels: an SVG without a view box then stretches with the
page while its letters keep their size.
"""

from collections.abc import Iterator
from typing import NamedTuple

from adapters.reports.figures import MICROS, money, short
from adapters.reports.model import Columns

HEIGHT = 220
"""Pixels of a column chart, the names of the groups included."""

_TOP, _BOTTOM = 10, 24
_LEFT = 9.0  # per cent kept for the axis
_FILL = 0.62  # of a group's width that its column takes
_TICKS = 5
_STEPS = (1, 2, 5, 10)
_ROOMY = 9  # groups that can be named in full


class Rectangle(NamedTuple):
    """One part of a column: x and width in per cent, y and height in pixels, the number of its series, its title."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


class Label(NamedTuple):
    """A text at a place: x in per cent, y in pixels."""

    x: float
    y: float
    text: str


class Drawing(NamedTuple):
    """A column chart, ready to be written as SVG; `zero` is the y of its base line."""

    height: int
    zero: float
    left: float
    rectangles: tuple[Rectangle, ...]
    ticks: tuple[Label, ...]
    groups: tuple[Label, ...]


class _Scale(NamedTuple):
    """From values to pixels, with a grid line every `step`."""

    lowest: int
    highest: int
    step: int

    @property
    def ticks(self) -> range:
        """The values of the grid lines, zero among them."""
        return range(-(-self.lowest // self.step) * self.step, self.highest + 1, self.step)

    def y(self, value: int) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        return round(_TOP + room * (self.highest - value) / (self.highest - self.lowest), 2)


def columns(chart: Columns) -> Drawing:
    """Stack the values of every group, positive ones up and negative ones down, on a round scale."""
    scale = _scale(chart)
    width = (100 - _LEFT) / max(len(chart.groups), 1)
    return Drawing(
        height=HEIGHT,
        zero=scale.y(0),
        left=_LEFT,
        rectangles=tuple(_rectangles(chart, scale, width)),
        ticks=tuple(Label(_LEFT - 1, scale.y(tick), short(tick, MICROS)) for tick in scale.ticks),
        groups=tuple(
            Label(round(_LEFT + width * (at + 0.5), 3), HEIGHT - 6, _group_name(name, len(chart.groups)))
            for at, name in enumerate(chart.groups)
        ),
    )


def _rectangles(chart: Columns, scale: _Scale, width: float) -> Iterator[Rectangle]:
    for at, group in enumerate(chart.groups):
        x = round(_LEFT + width * (at + (1 - _FILL) / 2), 3)
        up = down = 0
        for number, series in enumerate(chart.series):
            value = series.values[at]
            start = up if value > 0 else down
            if value > 0:
                up += value
            else:
                down += value
            if value:
                top, bottom = sorted((scale.y(start), scale.y(start + value)))
                title = f"{group}, {series.name}: {money(value, chart.currency)}"
                yield Rectangle(x, top, round(width * _FILL, 3), max(round(bottom - top, 2), 1.0), number, title)


def _scale(chart: Columns) -> _Scale:
    """From the lowest stack to a round value above the highest one."""
    by_group = list(zip(*(series.values for series in chart.series), strict=True))
    highest = max((sum(value for value in values if value > 0) for values in by_group), default=0)
    lowest = min((sum(value for value in values if value < 0) for values in by_group), default=0)
    step = _step(max((highest - lowest) // _TICKS, 1))
    return _Scale(lowest, max(-(-highest // step), 1) * step, step)


def _step(least: int) -> int:
    """The smallest 1, 2 or 5 with noughts that is no less than `least`."""
    power: int = 10 ** (len(str(least)) - 1)
    return next(step * power for step in _STEPS if step * power >= least)


def _group_name(name: str, groups: int) -> str:
    return name if groups <= _ROOMY else f"’{name[-2:]}"
