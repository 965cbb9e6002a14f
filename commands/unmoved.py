"""What of a migration is not moved, or not wholly, by the books: counted, and in words."""

from collections.abc import Mapping

from ledger.books import Books

_RECORDS: Mapping[str, str] = {
    "pending": "records that were not written to Twenty yet",
    "intended": "records on their way to Twenty",
    "changed": "records that are to be changed in Twenty yet",
    "rejected": "records that Twenty refused",
    "unlinked": "records without a relation of theirs",
}
"""Counts of records that say that something is left, in words."""
_WORDS: Mapping[str, str] = {
    **_RECORDS,
    "waiting": "rows of which no record was made",
    "imbalances": "sums of the books that do not balance",
}


def unmoved(books: Books) -> dict[str, int]:
    """What is left, each with its number; empty where everything is moved that a person did not hold or give up."""
    counts = {name: sum(getattr(one, name) for one in books.records) for name in _RECORDS}
    counts |= {"waiting": books.rows.waiting, "imbalances": len(books.imbalances)}
    return {name: count for name, count in counts.items() if count}


def in_words(left: Mapping[str, int]) -> tuple[str, ...]:
    """Each of them as a person reads it."""
    return tuple(f"{_WORDS[name]}: {count}" for name, count in left.items())
