"""Which header stands for which column, and which kind of file a header belongs to.

Headers are compared after trimming, lower-casing and turning blanks, dashes and dots into underscores. A money header
names its currency in brackets (`Amount (USD)`, kartra.md section 2.1); its column is `amount:USD`.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

from adapters.kartra.aliases import LAYOUTS

_SEPARATORS = re.compile(r"[\s\-.]+")
_CURRENCY = re.compile(r"(?P<base>[^()\[\]]+)[(\[]_*(?P<code>[a-z]{3})_*[)\]]")
_CONTACT_COLUMNS_TO_TELL = 3


def normalise(header: str) -> str:
    """`header` as it is compared: trimmed, lower case, blanks, dashes and dots as single underscores."""
    return _SEPARATORS.sub("_", header.replace("\x00", "").strip().lower()).strip("_")


def kind_of(header: Sequence[str]) -> str | None:
    """The kind of Kartra file a header belongs to, or None for a stranger.

    The kind that knows most of the header's columns takes it, if one of them is a mark of that kind. Contacts need no
    mark, for their columns occur in every other kind too: e-mail and one more known column are enough, and so are
    three without it, since an e-mail column may have been cut away. They win a tie, because a field of the account's
    own may be called like a mark.
    """
    names = {normalise(cell) for cell in header}
    known = {kind: {column for name in names if (column := _canonical(kind, name))} for kind in LAYOUTS}
    fitting = [kind for kind in LAYOUTS if _tells(kind, names, known[kind])]
    return max(fitting, key=lambda kind: (len(known[kind]), kind == "contacts"), default=None)


def _tells(kind: str, names: AbstractSet[str], known: AbstractSet[str]) -> bool:
    if kind == "contacts":
        return len(known) >= (2 if "email" in known else _CONTACT_COLUMNS_TO_TELL)
    return not LAYOUTS[kind].marks.isdisjoint(names) or any(":" in column for column in known)


class Columns(NamedTuple):
    """The names of a header's positions, and which of them (own name to canonical one) repeat another column."""

    names: tuple[str, ...]
    repeats: dict[str, str]


def name_columns(kind: str, header: Sequence[str]) -> Columns:
    """Name every position of a header of `kind`.

    A canonical name goes to the first column that is called exactly so, else to the first of its aliases. The others
    keep their own header (numbered where that is taken too) and are listed as repeats, so that a row whose first
    cell is empty can still use them and none is lost.
    """
    own = [normalise(cell) or f"column_{position}" for position, cell in enumerate(header, start=1)]
    canonical = [_canonical(kind, name) or name for name in own]
    takers = _takers(own, canonical)
    free = _FreeNames({*takers, *LAYOUTS[kind].aliases})
    names: list[str] = []
    repeats: dict[str, str] = {}
    for position, (mine, column) in enumerate(zip(own, canonical, strict=True)):
        name = column if takers[column] == position else free.like(mine)
        if name != column:
            repeats[name] = column
        names.append(name)
    return Columns(tuple(names), repeats)


def settle_repeats(row: dict[str, str], repeats: Mapping[str, str]) -> dict[str, str]:
    """Let the first filled column of a canonical name have it; the others stay under their own names."""
    for own, canonical in repeats.items():
        if canonical not in row and own in row:
            row[canonical] = row.pop(own)
    return row


def own_column(identifier: str) -> str:
    """The column of a field of the account's own: never that of a standard column, which stands before it."""
    name = normalise(identifier)
    return f"{name}_2" if name in LAYOUTS["contacts"].aliases else name


def _takers(own: Sequence[str], canonical: Sequence[str]) -> dict[str, int]:
    """Which position has each canonical name."""
    takers: dict[str, int] = {}
    for position, (mine, column) in enumerate(zip(own, canonical, strict=True)):
        if column not in takers or (mine == column and own[takers[column]] != column):
            takers[column] = position
    return takers


class _FreeNames:
    """Names that are not taken; a plain alias or a numbered name never passes for a canonical column."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._numbers: dict[str, int] = {}

    def like(self, own: str) -> str:
        """`own` if it is free, else the next free `own_2`, `own_3`, …"""
        name = own
        while name in self._taken:
            number = self._numbers[own] = self._numbers.get(own, 1) + 1
            name = f"{own}_{number}"
        self._taken.add(name)
        return name


@cache
def _names(kind: str) -> Mapping[str, str]:
    aliases = LAYOUTS[kind].aliases
    return {
        **{alias: column for column, others in aliases.items() for alias in others},
        **{name: name for name in aliases},
    }


def _canonical(kind: str, name: str) -> str | None:
    """The column a normalised header stands for, with its currency if it names one; None if the kind knows no such."""
    names = _names(kind)
    money = _CURRENCY.fullmatch(name)
    if name in names or money is None:
        return names.get(name)
    base = names.get(money["base"].rstrip("_"))
    return f"{base}:{money['code'].upper()}" if base in LAYOUTS[kind].money else None
