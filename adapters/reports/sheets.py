"""Sheets and tables of untrusted values: nothing in them is run, however a spreadsheet or a page reads them.

A spreadsheet takes a cell for a formula by its first character (OWASP, "CSV Injection": `=`, `+`, `-`, `@`, tab and
carriage return, and their full-width forms), some also behind blanks. Such a cell gets a guard in front: an apostrophe
in sheets for people (`inert`), Twenty's own guard in sheets for its import (`importable`). Plain numbers, `-12.50` too,
stay as they are.

Sheets are CSV as RFC 4180 has it: UTF-8 without a mark, commas, CRLF. Files are 0600 and appear whole or not at all.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from adapters.reports.files import write_whole
from adapters.reports.text import markdown, visible

Cell = str | int | None
"""What a sheet takes: text, a whole number, or nothing. Decimals come as text, in the digits that are to be read."""

GUARD = "\u200d"
"""What Twenty's own export puts before a formula, and its import takes off again: one zero-width joiner.

Source: twentyhq/twenty, packages/twenty-front/src/modules/spreadsheet-import/utils, `sanitizeValueForCSVExport` and
`cleanZWJFromImportedValue`.
"""

_TRIGGERS = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_INNER = re.compile(r"(?<=[;\t])(?=\s*[=+@-])")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def inert(text: str) -> str:
    """`text` for people: a formula is guarded by an apostrophe, also behind the `;` that some spreadsheets cut at.

    What cannot be seen is written as its escape. Idempotent.
    """
    shown = "\n".join(visible(part.expandtabs(1)) for part in _lines(text))
    apart = shown if _NUMBER.fullmatch(shown) else _INNER.sub("'", shown)
    return f"'{apart}" if _is_formula(apart) else apart


def importable(text: str) -> str:
    """`text` for Twenty's import, which reads back the very value: a formula is guarded by GUARD.

    Only line ends become LF, and control characters and broken ones U+FFFD.
    """
    kept = _CONTROLS.sub("\ufffd", "\n".join(_lines(text)))
    return f"{GUARD}{kept}" if kept.startswith(GUARD) or _is_formula(kept) else kept


def write_sheet(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], guard: Callable[[str], str] = inert
) -> int:
    """Write a sheet, every text of it through `guard`; answers how many rows it has, its header not counted.

    Raises:
        OSError: the place cannot be written; nothing is left there, and a sheet that stood there stands.
        ValueError: a row is longer or shorter than the header.
    """
    return write_whole(path, lambda file: _write(file, header, rows, guard))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The same as a table of Markdown, every text as plain words; whole numbers stand to the right.

    Raises:
        ValueError: a row is longer or shorter than the header.
    """
    held = [_fitting(header, tuple(row)) for row in rows]
    right = [_is_numeric([row[at] for row in held]) for at in range(len(header))]
    rule = ["---:" if numbers else "---" for numbers in right]
    lines = [[markdown(name) for name in header], rule, *([_words(cell) for cell in row] for row in held)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _write(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell]], guard: Callable[[str], str]) -> int:
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([guard(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in _fitting(header, row)])
        count += 1
    return count


def _fitting(header: Sequence[str], row: Sequence[Cell]) -> Sequence[Cell]:
    if len(row) != len(header):
        raise ValueError(f"a row of {len(row)} cells under a header of {len(header)}")
    return row


def _is_numeric(column: Sequence[Cell]) -> bool:
    return any(isinstance(cell, int) for cell in column) and not any(isinstance(cell, str) for cell in column)


def _words(cell: Cell) -> str:
    return "" if cell is None else markdown(str(cell))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _is_formula(text: str) -> bool:
    if _NUMBER.fullmatch(text):
        return False
    # NFKC: a full-width ＝ is = to some spreadsheets. Blanks before it, or what nobody sees, hide nothing from them.
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return folded[:1] in _TRIGGERS or folded.lstrip()[:1] in _TRIGGERS
