"""One contact's rows made one: names united, the newest word on everything else, every disagreement on record."""

from collections.abc import Mapping, Sequence

import msgspec

from adapters.mapping.splitting import split_names
from adapters.mapping.text import present
from adapters.mapping.types import MappingWarning, SourceRow
from adapters.mapping.vocabulary import Vocabulary


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as its rows say together.

    `cells`: column → newest non-empty cell. `names`: column of several names (tags, lists) → all of them, in order of
    first sight. `rows`: where they stood, as (file, line), oldest first.
    """

    cells: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]
    rows: tuple[tuple[str, int], ...]
    warnings: tuple[MappingWarning, ...] = ()


def merge(rows: Sequence[SourceRow], words: Vocabulary) -> Merged:
    """Merge the rows of one contact, oldest first (of one file, a later line is newer).

    Sentinels count as empty, `0` as a value. Every row must have been gathered into `words` before.
    """
    newest: dict[str, tuple[str, SourceRow]] = {}
    names: dict[str, dict[str, None]] = {}
    warnings: list[MappingWarning] = []
    for row in rows:
        for column, cell in row.cells.items():
            if column in words.separators:
                names.setdefault(column, {}).update(dict.fromkeys(_split(row, column, cell, words)))
            elif (text := present(cell)) is not None:
                earlier = newest.get(column)
                if earlier is not None and _differs(column, earlier[0], text):
                    warnings.append(_conflict(column, *earlier, text, row))
                newest[column] = (text, row)
    return Merged(
        cells={column: text for column, (text, _) in newest.items()},
        names={column: tuple(united) for column, united in names.items() if united},
        rows=tuple((row.file, row.line) for row in rows),
        warnings=tuple(warnings),
    )


def _split(row: SourceRow, column: str, cell: str, words: Vocabulary) -> list[str]:
    return split_names(cell, words.separators[column][row.file], words.known_names.get(column, frozenset()))


def _differs(column: str, earlier: str, later: str) -> bool:
    return earlier.lower() != later.lower() if column == "email" else earlier != later


def _conflict(column: str, earlier: str, earlier_row: SourceRow, later: str, later_row: SourceRow) -> MappingWarning:
    detail = (
        f"'{later}' ({later_row.file}:{later_row.line}) replaces '{earlier}' ({earlier_row.file}:{earlier_row.line})"
    )
    return MappingWarning(code="merge_conflict", column=column, detail=detail)
