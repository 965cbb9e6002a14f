"""The books of a sample: where every row stands, and what must become of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from adapters.kartra.sample.cells import Cell

Row = dict[str, Cell]
"""Canonical column to cell."""


class Written(Protocol):
    """A file of the sample."""

    name: str
    kind: str
    rows: int


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A row that lands: where it stands, and those of its cells that are not empty."""

    file: str
    line: int
    cells: Row

    @property
    def ref(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that must be held."""

    file: str
    line: int
    column: str | None
    reason: str


class AsideRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is history and must become no record."""

    file: str
    line: int
    reason: str


class Fate(msgspec.Struct, frozen=True):
    """What must become of a row: it lands, or is held at `column` for `held`, or is set aside for `aside`."""

    held: str | None = None
    column: str | None = None
    aside: str | None = None


LANDS = Fate()


class FileCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What must become of a file's rows, which are the sum of the four.

    Of the rows of one record the oldest is moved and the others are merged into it.
    """

    name: str
    kind: str
    rows: int
    moved: int
    merged: int
    held: int
    set_aside: int


class Books:
    """Every row of the sample, entered once, in the order the files are written: oldest first."""

    def __init__(self) -> None:
        self.in_order: list[Placed] = []
        self.held: list[HeldRow] = []
        self.set_aside: list[AsideRow] = []
        self._streams: dict[str, list[Placed]] = {}

    def enter(self, file: Written, line: int, stream: str, cells: Row, fate: Fate = LANDS) -> None:
        """Enter a row. Rows that land under one `stream` are one record."""
        if fate.aside is not None:
            self.set_aside.append(AsideRow(file=file.name, line=line, reason=fate.aside))
        elif fate.held is not None:
            self.held.append(HeldRow(file=file.name, line=line, column=fate.column, reason=fate.held))
        else:
            filled = {column: cell for column, cell in cells.items() if cell.written and not cell.blank}
            placed = Placed(file=file.name, line=line, cells=filled)
            self._streams.setdefault(stream, []).append(placed)
            self.in_order.append(placed)

    def rows_of(self, stream: str) -> list[Placed]:
        """The rows of one record, oldest first."""
        return self._streams[stream]

    def streams(self, prefix: str) -> Iterator[tuple[str, list[Placed]]]:
        """The records of one kind (`transaction:`), with their rows."""
        return ((stream, rows) for stream, rows in self._streams.items() if stream.startswith(prefix))

    def counts(self, files: Sequence[Written]) -> list[FileCounts]:
        """File by file, what must become of its rows."""
        moved = Counter(rows[0].file for rows in self._streams.values())
        placed = Counter(row.file for row in self.in_order)
        held = Counter(row.file for row in self.held)
        aside = Counter(row.file for row in self.set_aside)
        return [
            FileCounts(
                name=file.name,
                kind=file.kind,
                rows=file.rows,
                moved=moved[file.name],
                merged=placed[file.name] - moved[file.name],
                held=held[file.name],
                set_aside=aside[file.name],
            )
            for file in files
        ]


def overlay(rows: Sequence[Placed]) -> Row:
    """The newest cell that is not empty, column by column."""
    newest: Row = {}
    for placed in rows:
        newest |= placed.cells
    return newest
