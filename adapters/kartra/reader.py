"""Read an export row by row, and lose nothing on the way: what cannot be read is a RowProblem."""

from collections.abc import Callable, Iterator
from typing import TextIO, TypeVar

from adapters.kartra.csv_rows import Stretch, csv_rows, csv_stretches
from adapters.kartra.errors import ExportChanged, ExportUnreadable
from adapters.kartra.exports import Export
from adapters.kartra.json_rows import json_rows
from adapters.kartra.text_lines import Hashing, decoded
from adapters.mapping.types import RowProblem, SourceRow

T = TypeVar("T")


def read(export: Export, *, verify: bool = False) -> Iterator[SourceRow | RowProblem]:
    """Yield every row of `export` in order; blank lines are nothing.

    A cell is the text as written; empty cells are left out, and what the encoding cannot decode (lone surrogates
    included) is U+FFFD. `line` is the physical line where a row starts, also of an element of a JSON array. With
    `verify`, the bytes read are compared with `export.sha256` at the end.

    Raises ExportUnreadable, and with `verify` ExportChanged.
    """
    return _read(export, csv_rows if export.form == "csv" else json_rows, verify=verify)


def read_stretches(export: Export, *, verify: bool = False) -> Iterator[Stretch | RowProblem]:
    """Yield the rows of a CSV export as their cells stand there, by the hundred.

    What `source_row` makes of one is what `read` yields.

    Raises ExportUnreadable, and with `verify` ExportChanged.
    """
    return _read(export, csv_stretches, verify=verify)


def _read(export: Export, rows: Callable[[Export, TextIO], Iterator[T]], *, verify: bool) -> Iterator[T]:
    try:
        with export.path.open("rb") as raw, Hashing(raw) as hashing:
            yield from rows(export, decoded(export, hashing))
            if verify and (found := hashing.finish()) != export.sha256:
                raise ExportChanged(export.path, export.sha256, found)
    except OSError as refusal:
        raise ExportUnreadable(export.path, refusal) from refusal
