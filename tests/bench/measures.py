"""What a benchmark found: medians and spreads, ratios of two measured in turn, and the table of the targets."""

import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """A median, and the least and the most that was seen."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Of at least one value."""
        seen = sorted(values)
        return cls(statistics.median(seen), seen[0], seen[-1])

    def told(self, form: str = ".2f", unit: str = "") -> str:
        """The median, with the spread in brackets."""
        return f"{self.median:{form}}{unit} ({self.least:{form}}–{self.most:{form}})"


class Compared(msgspec.Struct, frozen=True):
    """Two ways measured in turn, in seconds, and the ratio of each pair: ours by theirs."""

    ours: Spread
    theirs: Spread
    ratio: Spread


def compare(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 5) -> Compared:
    """Measure two ways in turn, so that a machine that grows slow is slow for both; each answers its seconds."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return Compared(
        Spread.of(one for one, _ in pairs),
        Spread.of(other for _, other in pairs),
        Spread.of(one / other for one, other in pairs),
    )


class Clock:
    """Seconds of a block: by the wall, and of this process's and its ended children's CPU."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0


@contextmanager
def clocked() -> Iterator[Clock]:
    """Measure a block."""
    clock = Clock()
    wall, cpu = time.perf_counter(), _cpu()
    yield clock
    clock.wall, clock.cpu = time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: what was measured, what is to be reached, whether it is, and the command that says so."""

    target: int
    what: str
    reach: str
    measured: str
    holds: bool
    command: str


HEADER = ("| target | what | to reach | measured | reached | command |", "|---:|---|---|---|---|---|")
"""The first lines of the table."""


def table(rows: Sequence[Row]) -> str:
    """Lines of the table as Markdown, by target."""
    lines = [*HEADER]
    for row in sorted(rows, key=lambda one: one.target):
        said = (row.what, row.reach, row.measured, "yes" if row.holds else "**no**", f"`{row.command}`")
        lines.append(f"| {row.target} | {' | '.join(cell.replace('|', '∕') for cell in said)} |")
    return "\n".join(lines)
