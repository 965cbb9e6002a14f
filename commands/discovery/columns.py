"""Columns by what is in them: filled, distinct values, and the commonest shape of a value, which names nobody."""

import re
from collections import Counter
from collections.abc import Iterator

from commands.discovery.document import Column

DISTINCT = 5_000
"""Distinct values that are told apart; a column with more has "more than" that many."""

_SHAPED = 2_000  # distinct values whose shape is looked at
_LONGEST_SHAPE = 48
_DIGITS = 6
_RUNS = re.compile(r"(?P<digits>\d+)|(?P<letters>[^\W\d_]+)|(?P<blank>\s+)|(?P<other>.)", re.DOTALL)
_PLAIN = frozenset("@.-_/:+(),;&'\"#%€$£=*?!<>[]{}|")


class Profile:
    """The values of one column, counted and forgotten."""

    def __init__(self) -> None:
        self.filled = 0
        self._values: set[int] = set()
        self._shapes: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Take in a value that is not empty."""
        self.filled += 1
        if len(self._values) > DISTINCT:
            return
        # A hash instead of the value: 64 bits do not meet by chance among five thousand.
        fingerprint = hash(text)
        if fingerprint in self._values:
            return
        self._values.add(fingerprint)
        if len(self._values) <= _SHAPED:
            self._shapes[shape(text)] += 1

    def column(self, kind: str, name: str, *, filled: int, of: int, home: str, kartra_type: str) -> Column:
        """The column as the document has it."""
        return Column(
            kind=kind,
            name=name,
            filled=filled,
            of=of,
            distinct=min(len(self._values), DISTINCT),
            distinct_more=len(self._values) > DISTINCT,
            shape=self._shapes.most_common(1)[0][0] if self._shapes else "",
            home=home,
            kartra_type=kartra_type,
        )


def shape(text: str) -> str:
    """What a value looks like without saying what it is: `Zoë 12, lgh` is `Abc 99, abc`.

    Every run of letters has one of four forms (`abc`, `Abc`, `ABC`, `字` for scripts without case), digits keep their
    number up to six.
    """
    shown = ""
    for part in _parts(text):
        shown += part
        if len(shown) >= _LONGEST_SHAPE:
            return f"{shown[: _LONGEST_SHAPE - 1]}…"
    return shown


def _parts(text: str) -> Iterator[str]:
    for match in _RUNS.finditer(text):
        run = match[0]
        match match.lastgroup:
            case "digits":
                yield "9" * len(run) if len(run) <= _DIGITS else "9…"
            case "letters":
                yield _letters(run)
            case "blank":
                yield " "
            case _:
                yield run if run in _PLAIN else "·"


def _letters(run: str) -> str:
    if run.lower() == run.upper():
        return "字"
    if run.isupper() and len(run) > 1:
        return "ABC"
    return "Abc" if run[0].isupper() else "abc"
