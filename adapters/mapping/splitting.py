"""Several names in one cell: tags and lists.

The separator is not settled by Kartra's documents, so it is told per file and column (kartra.md section 1.2): a
semicolon in any cell means semicolons throughout, otherwise commas, with known names kept whole. Never split at `|`
or `/`.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from adapters.mapping.text import clean, one_line, present

SEMICOLON = ";"
COMMA = ","


def detect_separator(cells: Iterable[str]) -> str:
    """The separator of a column, from all its cells in one file."""
    return SEMICOLON if any(SEMICOLON in cell for cell in cells) else COMMA


def split_names(cell: str, separator: str, known: AbstractSet[str] = frozenset()) -> list[str]:
    """The distinct names of a cell in order; runs of blanks count as one, sentinels as nothing.

    `known` names may hold the separator: the longest run of neighbours that makes one is kept whole.
    """
    parts = cell.split(separator)
    names: list[str] = []
    start = 0
    while start < len(parts):
        end = _longest_known(parts, start, separator, known)
        names.append(_name(separator.join(parts[start:end])))
        start = end
    return [name for name in dict.fromkeys(names) if name]


def _longest_known(parts: list[str], start: int, separator: str, known: AbstractSet[str]) -> int:
    if known:
        for end in range(len(parts), start + 1, -1):
            if _name(separator.join(parts[start:end])) in known:
                return end
    return start + 1


def _name(text: str) -> str:
    return one_line(present(clean(text).value) or "")
