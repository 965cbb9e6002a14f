"""Read an export row by row, in memory bounded by the longest row, and lose nothing on the way.

A row that cannot be told apart from its neighbours is a RowProblem, never a guess. After one the reader goes on at
the first later line that stands for a whole row by itself, so that a stray quote costs one row and not the rest of
the file.
"""

import csv
import hashlib
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from adapters.kartra.errors import ExportChanged, ExportUnreadable
from adapters.kartra.recognise import Export
from adapters.mapping.types import RowProblem, SourceRow

MAX_CELL = 1_000_000
"""Characters of the longest cell that is taken for one; ten times the longest text Twenty was seen to take."""

_MAX_LINE = 4 * MAX_CELL
_LONGEST_ROW = 200  # physical lines a row is given to close its quotes when the reader looks for where to go on
_RAW_CHARACTERS = 20_000
_ENDS = ("\n", "\r")
_MALFORMED = "row_malformed"


def read(export: Export, *, verify: bool = False) -> Iterator[SourceRow | RowProblem]:
    """Yield every row of `export` in order; blank lines are nothing.

    A cell is the text as written; empty cells are left out, and what the encoding cannot decode (lone surrogates
    included) is U+FFFD. With `verify`, the bytes read are compared with `export.sha256` at the end.

    Raises ExportUnreadable, and with `verify` ExportChanged.
    """
    # A process-wide setting of the csv module; every reader here wants the same one.
    csv.field_size_limit(MAX_CELL)
    try:
        with export.path.open("rb") as raw, _Hashing(raw) as hashing:
            yield from _rows(export, _decoded(export, hashing))
            if verify and hashing.finish() != export.sha256:
                raise ExportChanged(export.path, export.sha256, hashing.finish())
    except OSError as refusal:
        raise ExportUnreadable(export.path, refusal) from refusal


class _Hashing(io.RawIOBase):
    """Bytes on their way to the decoder, digested as they pass."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the stub asks for any buffer
        count = self._source.readinto(buffer)
        self._digest.update(memoryview(buffer)[:count])
        return count

    def finish(self) -> str:
        """Digest what the decoder left unread, and return the SHA-256 of the whole in hex."""
        while chunk := self._source.read(1 << 20):
            self._digest.update(chunk)
        return self._digest.hexdigest()


def _decoded(export: Export, source: io.RawIOBase) -> TextIO:
    return io.TextIOWrapper(io.BufferedReader(source, 1 << 18), encoding=export.encoding, errors="replace", newline="")


class _OverlongLineError(Exception):
    """A physical line beyond `_MAX_LINE`; the source has skipped the rest of it."""


class _Lines:
    """Physical lines, remembering those of the row being read so that a broken row can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._returned: deque[str] = deque()
        self.row: list[str] = []
        self.start = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._file.readline(_MAX_LINE)
        if not line:
            raise StopIteration
        self.row.append(line)
        if _is_overlong(line):
            self._skip_line()
            raise _OverlongLineError
        return line

    def next_row(self) -> None:
        """Forget the row just read: the next line starts another."""
        self.start += len(self.row)
        self.row = []

    def give_back(self, kept: int) -> None:
        """Put back all lines of the row but the first `kept`."""
        self._returned.extendleft(reversed(self.row[kept:]))
        del self.row[kept:]

    def upcoming(self, count: int) -> list[str]:
        """Look at the next lines, up to `count` or an over-long one, without taking them."""
        while len(self._returned) < count and not (self._returned and _is_overlong(self._returned[-1])):
            line = self._file.readline(_MAX_LINE)
            if not line:
                break
            self._returned.append(line)
        return list(self._returned)[:count]

    def _skip_line(self) -> None:
        while (rest := self._file.readline(_MAX_LINE)) and not rest.endswith(_ENDS):
            pass


def _is_overlong(line: str) -> bool:
    return len(line) >= _MAX_LINE and not line.endswith(_ENDS)


def _rows(export: Export, file: TextIO) -> Iterator[SourceRow | RowProblem]:
    lines = _Lines(file)
    _skip_header(export, lines)
    while True:
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
            yield SourceRow(kind=export.kind, file=export.name, line=lines.start, cells=_by_column(export, cells))
        lines.next_row()


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
        return f"a line is longer than {_MAX_LINE} characters"


def _is_blank(cells: Sequence[str]) -> bool:
    return not cells or (len(cells) == 1 and not cells[0].strip())


def _count(found: int, expected: int) -> str:
    return f"{found} cells where the header has {expected}"


def _by_column(export: Export, cells: Sequence[str]) -> dict[str, str]:
    row = {name: cell for name, cell in zip(export.columns, cells, strict=True) if cell}
    return _settle_repeats(row, export.repeats) if export.repeats else row


def _settle_repeats(row: dict[str, str], repeats: Mapping[str, str]) -> dict[str, str]:
    """Let the first filled column of a canonical name have it; the others stay under their own names."""
    for own, canonical in repeats.items():
        if canonical not in row and own in row:
            row[canonical] = row.pop(own)
    return row


def _broken(export: Export, lines: _Lines, detail: str, cells: Sequence[str] | None = None) -> RowProblem:
    kept = _resume_at(export, lines)
    if kept < len(lines.row):
        lines.give_back(kept)
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
    text = io.StringIO("".join(row)[:_RAW_CHARACTERS], newline="")
    return next(csv.reader(text, delimiter=export.delimiter), [])


def _column(export: Export, cells: Sequence[str], *, ragged: bool) -> str | None:
    """Where it went wrong: the first missing or surplus cell, else the one that was being read."""
    position = min(len(cells), len(export.columns)) if ragged else len(cells) - 1
    if position < 0:
        return None
    return export.columns[position] if position < len(export.columns) else f"column_{position + 1}"


def _bounded(cells: Sequence[str]) -> tuple[str, ...]:
    left = _RAW_CHARACTERS
    kept: list[str] = []
    for cell in cells:
        kept.append(cell[:left])
        left -= len(cell)
        if left <= 0:
            break
    return tuple(kept)
