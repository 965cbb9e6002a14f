"""Which known column an unknown header may mean, by likeness of words."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from rapidfuzz import fuzz, process

from adapters.mapping.config import MappingConfig
from adapters.mapping.homes import homes
from adapters.mapping.synonyms import SYNONYMS
from adapters.mapping.text import words

ENOUGH = 0.85
"""Likeness from which a header is taken for another's: a letter or two, or the order of words, may differ."""

Aliases = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Kind of file → canonical column → other headers accepted for it."""


class Likeness(NamedTuple):
    """A known column, how like the header is, from 0 to 1, and the word it is like."""

    column: str
    score: float
    word: str


def likeness(header: str, candidates: Mapping[str, Iterable[str]]) -> Likeness | None:
    """The candidate (column → other headers accepted) whose name, headers or synonyms `header` is most like.

    None below ENOUGH. Equal scores: the first candidate.
    """
    known = {" ".join(words(word)): column for column, others in _reversed(candidates) for word in others}
    found = process.extractOne(" ".join(words(header)), list(known), scorer=_ratio)
    if found is None or found[1] < 100 * ENOUGH:
        return None
    word, score, _ = found
    return Likeness(known[word], round(score / 100, 2), word)


def _ratio(one: str, other: str, **_settings: object) -> float:
    """Likeness of spelling, or of the words in any order, whichever is more."""
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def missing_columns(
    kind: str, config: MappingConfig, aliases: Aliases, present: AbstractSet[tuple[str, str]]
) -> Mapping[str, tuple[str, ...]]:
    """The known columns of a kind that the mapping has a home for and none of `present` (kind, column) is."""
    known = homes(config)
    return {
        column: also
        for column, also in aliases.get(kind, {}).items()
        if (kind, column) in known and (kind, column) not in present
    }


def _reversed(candidates: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Every candidate's words, the first candidate last: what two of them share is the first one's."""
    return ((column, (column, *candidates[column], *SYNONYMS.get(column, ()))) for column in reversed(list(candidates)))
