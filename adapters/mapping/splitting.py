"""Several names in one cell: tags and lists.

The separator is not settled by Kartra's documents, so it is told per file and column (kartra.md section 1.2): a
semicolon in any cell means semicolons throughout, otherwise commas, with known names kept whole. Never split at `|`
or `/`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from adapters.mapping.remembering import remembered
from adapters.mapping.text import clean, one_line, present

SEMICOLON = ";"
COMMA = ","
LISTED = "[]"
"""In place of a separator: every cell is a JSON list of names, as the API's answers give them."""

_names = msgspec.json.Decoder(list[str])


def detect_separator(cells: Iterable[str]) -> str:
    """The separator of a column, from all its cells in one file."""
    listed = parted = None
    for cell in cells:
        listed = listed is not False and _listed(cell) is not None
        parted = parted or SEMICOLON in cell
    if listed:
        return LISTED
    return SEMICOLON if parted else COMMA


def possible_separators(cells: Iterable[str], declared: str | None = None) -> tuple[str, ...]:
    """What may part the names of a column in a file of which some cells are known, as far as it makes a difference."""
    every = list(cells)
    plain = _plain_separators(every) if declared is None else (declared,)
    return (LISTED, *plain) if all(_listed(cell) is not None for cell in every) else plain


def _plain_separators(cells: Sequence[str]) -> tuple[str, ...]:
    if any(SEMICOLON in cell for cell in cells):
        return (SEMICOLON,)
    return (COMMA, SEMICOLON) if any(COMMA in cell for cell in cells) else (COMMA,)


@remembered
def split_names(cell: str, separator: str, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The distinct names of a cell in order; runs of blanks count as one, sentinels as nothing.

    `known` names may hold the separator: the longest run of neighbours that makes one, however it is spaced, is kept.
    """
    if separator == LISTED:
        return tuple(name for name in dict.fromkeys(map(_name, _listed(cell) or ())) if name)
    parts = [_name(part) for part in cell.split(separator)]
    whole = _by_parts(known, separator)
    names: list[str] = []
    while parts:
        length = _longest_run(parts, whole)
        names.append(whole.get(tuple(parts[:length]), parts[0]))
        del parts[:length]
    return tuple(name for name in dict.fromkeys(names) if name)


def _listed(cell: str) -> list[str] | None:
    try:
        return _names.decode(cell) if cell.startswith("[") else None
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None


def _longest_run(parts: Sequence[str], whole: Mapping[tuple[str, ...], str]) -> int:
    if not whole:
        return 1
    return next((length for length in range(len(parts), 1, -1) if tuple(parts[:length]) in whole), 1)


@lru_cache(maxsize=64)
def _by_parts(known: frozenset[str], separator: str) -> Mapping[tuple[str, ...], str]:
    return {tuple(_name(part) for part in name.split(separator)): name for name in sorted(known)}


def _name(text: str) -> str:
    return one_line(present(clean(text).value) or "")
