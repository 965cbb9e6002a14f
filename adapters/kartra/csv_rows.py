"""The rows of a CSV export, in memory bounded by the longest row.

A row that cannot be told apart from its neighbours is a RowProblem, never a guess. After one the reader goes on at
the first later line that stands for a whole row by itself, so that a stray quote costs one row and not the rest of
the file.
"""

import csv
import io
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple, TextIO

from adapters.kartra.columns import settle_repeats
from adapters.kartra.exports import Export
from adapters.kartra.text_lines import MAX_CELL, MAX_LINE, MAX_RAW, is_overlong, skip_line
from adapters.mapping.types import RowProblem, SourceRow

_LONGEST_ROW = 200  # physical lines a row is given to close its quotes when the reader looks for where to go on
_MALFORMED = "row_malformed"
_STRETCH = 1 << 16  # characters that are read at once
_FEW = 20  # lines of a row whose end was not read with it


Cells = tuple[int, list[str]]
"""A whole row as it stands: the physical line where it starts, and a cell for each column, empty ones too."""


class Stretch(NamedTuple):
    """Whole rows, one after another: where each starts, and its cells."""

    starts: list[int]
    rows: list[list[str]]


class _OverlongLineError(Exception):
    """A physical line beyond MAX_LINE; the source has skipped the rest of it."""


class _Lines:
    """Physical lines, remembering those of the row being read so that a broken row can be given back.

    A line beyond MAX_LINE comes in pieces.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._returned: deque[str] = deque()
        self.row: list[str] = []
        self.start = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._file.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.row.append(line)
        if is_overlong(line):
            self._skip_rest()
            raise _OverlongLineError
        return line

    def stretch(self) -> list[str]:
        """Take the next lines at once, unremembered: those given back, and behind a few of them more of the file."""
        lines = list(self._returned)
        self._returned.clear()
        return lines if len(lines) > _FEW else lines + self._some()

    def _some(self) -> list[str]:
        text = self._file.read(_STRETCH)
        begun = len(text) - 1 - max(text.rfind("\n"), text.rfind("\r"))
        if text and not text.endswith("\n"):
            text += self._file.readline(MAX_LINE - begun)
        return list(io.StringIO(text, newline=""))

    def next_row(self) -> None:
        """Forget the row just read: the next line starts another."""
        self.start += len(self.row)
        self.row = []

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines back that were the last to be taken."""
        self._returned.extendleft(reversed(lines))

    def upcoming(self, count: int) -> list[str]:
        """Look at the next lines, up to `count` or an over-long one, without taking them."""
        while len(self._returned) < count and not (self._returned and is_overlong(self._returned[-1])):
            line = self._file.readline(MAX_LINE)
            if not line:
                break
            self._returned.append(line)
        return list(self._returned)[:count]

    def _skip_rest(self) -> None:
        """Pass over what is left of an over-long line."""
        while self._returned:
            if not is_overlong(self._returned.popleft()):
                return
        skip_line(self._file)


def csv_rows(export: Export, file: TextIO) -> Iterator[SourceRow | RowProblem]:
    """Yield every row of a CSV export in order; blank lines are nothing."""
    for row in csv_cells(export, file):
        yield row if isinstance(row, RowProblem) else source_row(export, *row)


def csv_cells(export: Export, file: TextIO) -> Iterator[Cells | RowProblem]:
    """Yield every row in order, whole ones as their cells stand there."""
    for found in csv_stretches(export, file):
        if isinstance(found, RowProblem):
            yield found
        else:
            yield from zip(found.starts, found.rows, strict=True)


def csv_stretches(export: Export, file: TextIO) -> Iterator[Stretch | RowProblem]:
    """Yield every row in order, whole ones by the hundred."""
    # A process-wide setting of the csv module; every reader here wants the same one.
    csv.field_size_limit(MAX_CELL)
    lines = _Lines(file)
    _skip_header(export, lines)
    while True:
        yield from _whole_rows(export, lines)
        cells = _next_cells(export, lines)
        if cells is None:
            return
        if isinstance(cells, str):
            yield _broken(export, lines, cells)
        elif _is_blank(cells):
            pass
        elif len(cells) != len(export.columns):
            yield _broken(export, lines, _count(len(cells), len(export.columns)), cells)
        else:
            yield Stretch([lines.start], [cells])
        lines.next_row()


def source_row(export: Export, line: int, cells: list[str]) -> SourceRow:
    """A whole row by its columns, without empty cells."""
    named = dict(zip(compress(export.columns, cells), filter(None, cells), strict=True))
    if export.repeats:
        named = settle_repeats(named, export.repeats)
    return SourceRow(kind=export.kind, file=export.name, line=line, cells=named)


def _whole_rows(export: Export, lines: _Lines) -> Iterator[Stretch]:
    """Rows that are plainly whole, up to the first that is not, or to the end; that one is not taken."""
    while len(export.columns) > 1 and (text := lines.stretch()):
        rows, ends = _read_whole(export, text)
        lines.give_back(text[ends[-1] :])
        # The start is known to who comes next even if nobody asks for another row.
        start, lines.start = lines.start, lines.start + ends[-1]
        if not rows:
            return
        yield Stretch([start + end for end in ends[:-1]], rows)


def _read_whole(export: Export, text: Sequence[str]) -> tuple[list[list[str]], list[int]]:
    """The first rows of some lines that are plainly whole, and how many lines lie before and behind each."""
    reader = csv.reader(text, delimiter=export.delimiter, strict=True)
    width = len(export.columns)
    rows: list[list[str]] = []
    ends = [0]
    try:
        for cells in reader:
            if len(cells) != width:
                break
            rows.append(cells)
            ends.append(reader.line_num)
    except csv.Error:
        pass  # the row that cannot be read is not taken, and told by who reads it by itself
    if max(map(len, text)) >= MAX_LINE:
        overlong = next(at for at, line in enumerate(text) if len(line) >= MAX_LINE)
        whole = bisect_right(ends, overlong) - 1
        del rows[whole:], ends[whole + 1 :]
    return rows, ends


def _skip_header(export: Export, lines: _Lines) -> None:
    """Pass over the header the way it was recognised: the first row that holds anything, read leniently."""
    for cells in csv.reader(lines, delimiter=export.delimiter):
        lines.next_row()
        if any(cell.strip() for cell in cells):
            return


def _next_cells(export: Export, lines: _Lines) -> list[str] | str | None:
    """The cells of the next row, or why it has none in words, or None at the end of the file."""
    try:
        return next(csv.reader(lines, delimiter=export.delimiter, strict=True), None)
    except csv.Error as error:
        return f"the quotes or the size of a cell are wrong ({error})"
    except _OverlongLineError:
        return f"a line is longer than {MAX_LINE} characters"


def _is_blank(cells: Sequence[str]) -> bool:
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _count(found: int, expected: int) -> str:
    return f"{found} cells where the header has {expected}"


def _broken(export: Export, lines: _Lines, detail: str, cells: Sequence[str] | None = None) -> RowProblem:
    kept = _resume_at(export, lines)
    if kept < len(lines.row):
        lines.give_back(lines.row[kept:])
        del lines.row[kept:]
        cells = None
    lenient = cells if cells is not None else _lenient(export, lines.row)
    return RowProblem(
        kind=export.kind,
        file=export.name,
        line=lines.start,
        column=_column(export, lenient, ragged=cells is not None),
        reason=_MALFORMED,
        detail=detail,
        raw=_bounded(lenient),
        columns=export.columns,
    )


def _resume_at(export: Export, lines: _Lines) -> int:
    """How many lines the broken row really has: up to the first later one where a whole row begins."""
    window = [*lines.row, *lines.upcoming(_LONGEST_ROW)]
    for index in range(1, len(lines.row)):
        if _begins_row(export, window[index : index + _LONGEST_ROW]):
            return index
    return len(lines.row)


def _begins_row(export: Export, lines: Sequence[str]) -> bool:
    if export.delimiter not in lines[0]:
        return False
    try:
        cells = next(csv.reader(lines, delimiter=export.delimiter, strict=True), [])
    except csv.Error:
        return False
    return len(cells) == len(export.columns)


def _lenient(export: Export, row: Sequence[str]) -> list[str]:
    """The cells of a broken row as far as they can be told, bounded before they are cut."""
    text = io.StringIO("".join(row)[:MAX_RAW], newline="")
    return next(csv.reader(text, delimiter=export.delimiter), [])


def _column(export: Export, cells: Sequence[str], *, ragged: bool) -> str | None:
    """Where it went wrong: the first missing or surplus cell, else the one that was being read."""
    position = min(len(cells), len(export.columns)) if ragged else len(cells) - 1
    if position < 0:
        return None
    return export.columns[position] if position < len(export.columns) else f"column_{position + 1}"


def _bounded(cells: Sequence[str]) -> tuple[str, ...]:
    left = MAX_RAW
    kept: list[str] = []
    for cell in cells:
        kept.append(cell[:left])
        left -= len(cell)
        if left <= 0:
            break
    return tuple(kept)
