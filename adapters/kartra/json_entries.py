"""The JSON values of a file, each with the physical line where it starts: one a line, or the elements of one array.

One line is held in memory at a time; an array, or any value over several lines, is held whole.
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, TextIO

from adapters.kartra.json_values import NotJson, decode, elements
from adapters.kartra.text_lines import MAX_LINE, MAX_RAW, is_overlong, skip_line
from adapters.mapping.types import JsonValue

_LINE_END = re.compile(rb"\r\n?|\n")
_BLANK = " \t\r\n\x0b\x0c\ufeff"


class Entry(NamedTuple):
    """One JSON value: its line, its first MAX_RAW characters as written, and what it is, or why it is none."""

    line: int
    raw: str
    value: JsonValue
    broken: str | None = None


def line_entries(file: TextIO) -> Iterator[Entry]:
    """The value of every line that is not blank."""
    for number in count(1):
        line = file.readline(MAX_LINE)
        if not line:
            return
        if is_overlong(line):
            skip_line(file)
            yield Entry(number, line[:MAX_RAW], None, f"a line is longer than {MAX_LINE} characters")
        elif written := line.strip(_BLANK):
            yield _entry(number, written)


def document_entries(file: TextIO) -> Iterator[Entry]:
    """The elements of the array that the whole file is, or the one other value there is. Raises NotJson."""
    document = file.read().encode()
    line, end = 1, 0
    for element in elements(document):
        start = document.index(element, end)
        line += len(_LINE_END.findall(document, end, start))
        yield _entry(line, element.decode())
        end = start + len(element)
        line += len(_LINE_END.findall(element))


def _entry(line: int, written: str) -> Entry:
    try:
        return Entry(line, written[:MAX_RAW], decode(written))
    except NotJson as error:
        return Entry(line, written[:MAX_RAW], None, f"no JSON ({error})")
