"""The rows of one stream made one: names united, the newest word on all else, every disagreement on record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from adapters.mapping.splitting import split_names
from adapters.mapping.targets import KINDS
from adapters.mapping.text import present, present_cells
from adapters.mapping.types import MappingWarning, SourceRow
from adapters.mapping.vocabulary import Vocabulary

_CURRENCY = re.compile(":[A-Z]{3}$")


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as its rows say together.

    `cells`: column → newest cell that is neither empty nor a sentinel, without blanks around it. `names`: column of
    several names (tags, lists) → all of them, in order of first sight. `rows`: where they stood, as (file, line),
    oldest first.
    """

    cells: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]
    rows: tuple[tuple[str, int], ...]
    warnings: tuple[MappingWarning, ...] = ()


class _Said(NamedTuple):
    """The newest word on a matter: the filled cells of its columns in one row."""

    cells: Mapping[str, str]
    row: SourceRow


def merge(rows: Sequence[SourceRow], words: Vocabulary) -> Merged:
    """Merge the rows of one stream, oldest first (of one file, a later line is newer).

    Sentinels count as empty, `0` as a value. The columns of one sum of money (`amount`, `amount:USD`) are one matter:
    a row that fills any of them says all of it. Every row must have been gathered into `words` before.

    Each wave is merged by itself and laid over those before it: what its files have a column for is as they say, also
    if that is nothing; names are taken away by a complete one only.
    """
    return _alone(rows[0], words) if len(rows) == 1 else laid_over(rows, words)


def _alone(row: SourceRow, words: Vocabulary) -> Merged:
    """What nearly all streams are: one row, which nothing disagrees with."""
    cells = present_cells(row.cells)
    names: dict[str, tuple[str, ...]] = {}
    for column in _listed(row, words):
        if column in row.cells:
            cells.pop(column, None)
            if found := _split(row, column, row.cells[column], words):
                names[column] = found
    return Merged(cells=cells, names=names, rows=((row.file, row.line),))


def laid_over(rows: Sequence[SourceRow], words: Vocabulary) -> Merged:
    """The same of any number of rows, wave by wave."""
    newest: dict[str, _Said] = {}
    names: dict[str, dict[str, None]] = {}
    warnings: list[MappingWarning] = []
    for _, group in groupby(rows, key=attrgetter("wave")):
        wave = list(group)
        _make_room(wave, newest, names, words)
        said = _said_in(wave, names, words, warnings)
        newest |= said
    return Merged(
        cells={column: text for said in newest.values() for column, text in said.cells.items()},
        names={column: tuple(united) for column, united in names.items() if united},
        rows=tuple((row.file, row.line) for row in rows),
        warnings=tuple(warnings),
    )


def _make_room(
    wave: Sequence[SourceRow], newest: dict[str, _Said], names: dict[str, dict[str, None]], words: Vocabulary
) -> None:
    """Forget what a later wave says anew: it has the column."""
    for row in wave:
        listed = _listed(row, words)
        for column in row.columns:
            if column not in listed and not _is_identity(row, column):
                newest.pop(_matter(column), None)
            elif row.complete:
                names.pop(column, None)


def _said_in(
    wave: Sequence[SourceRow], names: dict[str, dict[str, None]], words: Vocabulary, warnings: list[MappingWarning]
) -> dict[str, _Said]:
    """The newest word of a wave on every matter; its names are united with those known."""
    newest: dict[str, _Said] = {}
    for row in wave:
        listed = _listed(row, words)
        for column in (column for column in row.cells if column in listed):
            names.setdefault(column, {}).update(dict.fromkeys(_split(row, column, row.cells[column], words)))
        for matter, cells in _matters(row, listed).items():
            said = _Said(cells, row)
            warnings += _conflicts(matter, newest.get(matter), said)
            newest[matter] = said
    return newest


def _listed(row: SourceRow, words: Vocabulary) -> AbstractSet[str]:
    """The columns of a row that hold several names."""
    return words.separators.keys() if _is_contact(row) else frozenset()


def _is_identity(row: SourceRow, column: str) -> bool:
    """Whether a column says who a contact is: nothing in it is never the word that she has none."""
    return column == "email" and _is_contact(row)


def _is_contact(row: SourceRow) -> bool:
    return KINDS.get(row.kind, row.kind) == "contacts"


def _matters(row: SourceRow, listed: AbstractSet[str]) -> dict[str, dict[str, str]]:
    """The filled cells of a row that are no lists of names, the currencies of one sum together."""
    found: dict[str, dict[str, str]] = {}
    for column, cell in row.cells.items():
        if column not in listed and (text := present(cell)) is not None:
            found.setdefault(_matter(column), {})[column] = text
    return found


def _matter(column: str) -> str:
    """The column without the currency its header names."""
    return _CURRENCY.sub("", column) if ":" in column else column


def _split(row: SourceRow, column: str, cell: str, words: Vocabulary) -> tuple[str, ...]:
    return split_names(cell, words.separators[column][row.file], words.known_names.get(column, frozenset()))


def _conflicts(matter: str, earlier: _Said | None, later: _Said) -> Iterator[MappingWarning]:
    if earlier is None or _same(matter, earlier.cells, later.cells):
        return
    columns = {*earlier.cells, *later.cells}
    detail = f"{_shown(later)} replaces {_shown(earlier)}"
    yield MappingWarning(code="merge_conflict", column=columns.pop() if len(columns) == 1 else matter, detail=detail)


def _same(matter: str, earlier: Mapping[str, str], later: Mapping[str, str]) -> bool:
    return earlier[matter].lower() == later[matter].lower() if matter == "email" else earlier == later


def _shown(said: _Said) -> str:
    """Cells with the currencies their headers name, and where they stand."""
    cells = ", ".join(f"'{text}' {column.partition(':')[2]}".rstrip() for column, text in said.cells.items())
    return f"{cells} ({said.row.file}:{said.row.line})"
