"""What a column holds, told from its cells: how full it is, how varied, and which kind of value it looks like.

A kind is guessed only where every cell fits it: a cell that did not would lose its value on the way into a field of
that kind. Memory is bounded whatever a file holds: of each column a few thousand distinct cells are kept, by the hash
of those that are long, and a kind is given up at the first cell that does not fit.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from adapters.mapping.dates import SlashDates, date_only, order_proved
from adapters.mapping.emails import normalise_email
from adapters.mapping.links import url
from adapters.mapping.money import amount
from adapters.mapping.options import MAX_LENGTH
from adapters.mapping.scalars import integer
from adapters.mapping.shapes import shape
from adapters.mapping.splitting import COMMA, SEMICOLON, split_names
from adapters.mapping.text import one_line, present
from adapters.mapping.values import Refusal

Guess = Literal[
    "empty", "boolean", "integer", "date", "date_time", "email", "link", "phone", "money", "choice", "choices", "text"
]

MAX_DISTINCT = 2_000
"""Distinct cells kept of a column; there may be more."""

_LONG = 200
_MOST_CHOICES = 20
_MOST_PARTS = 50
_REPEATED = 5  # times a choice is seen, on average; fewer may be chance
_SHAPES = 5
_YES_NO = (frozenset({"yes", "no", "y", "n"}), frozenset({"true", "false"}), frozenset({"on", "off"}), frozenset("01"))
_COUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,8}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,2})(?:\.0*)?")
_PADDED = re.compile("0[0-9]")
_PHONE = re.compile(r"[+(]{0,2}[0-9](?:[ ()./-]{0,2}[0-9]){6,14}")


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a column.

    `filled` of `rows` cells hold something, `distinct` different things (`distinct_is_least`: or more). `guess` is a
    kind of value with a `confidence` from 0 to 1 and a `reason` that quotes none. `ambiguous` cells are dates whose
    day and month cannot be told apart; `orders` counts those that prove an order. `shapes` are those of a few values.
    """

    rows: int
    filled: int
    distinct: int
    distinct_is_least: bool
    guess: Guess
    confidence: float
    reason: str
    ambiguous: int
    orders: Mapping[SlashDates, int]
    shapes: tuple[str, ...]

    @property
    def share(self) -> float:
        """How much of the column is filled, from 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0


class Column:
    """The cells of one column, taken in one by one; `guess=False` leaves out what is known without looking."""

    def __init__(self, *, guess: bool = True) -> None:
        self._filled = 0
        self._cells: Counter[str | int] = Counter()
        self._more = False
        self._guessing = guess
        self._fitting = list(_FITS) if guess else []
        self._ambiguous = 0
        self._orders: Counter[SlashDates] = Counter()

    def add(self, cell: str) -> None:
        """Take in a cell; sentinels are empty."""
        text = present(cell)
        if text is None:
            return
        self._filled += 1
        self._note_order(text)
        kept = text if len(text) <= _LONG else hash(text)
        if kept not in self._cells:
            self._fitting = [name for name in self._fitting if _FITS[name](text)]
            if len(self._cells) == MAX_DISTINCT:
                self._more = True
                return
        self._cells[kept] += 1

    def profile(self, rows: int) -> Profile:
        """What was seen, in files of `rows` rows."""
        guess, confidence, reason = self._guess()
        return Profile(
            rows=rows,
            filled=self._filled,
            distinct=len(self._cells),
            distinct_is_least=self._more,
            guess=guess,
            confidence=round(confidence, 2),
            reason=reason,
            ambiguous=self._ambiguous,
            orders=dict(self._orders),
            shapes=self._shapes(),
        )

    def _note_order(self, text: str) -> None:
        if "/" not in text:
            return
        order = order_proved(text)
        if order is not None:
            self._orders[order] += 1
        elif _is_ambiguous(text):
            self._ambiguous += 1

    def _guess(self) -> tuple[Guess, float, str]:
        if not self._filled:
            return "empty", 1.0, "no cell is filled"
        # Three cells may be alike by chance, hundreds are not; sure is only what a person says.
        certainty = min(0.99, self._filled / (self._filled + 2))
        guess = self._of_one_kind()
        if guess is not None:
            return guess, certainty, f"all {self._filled:,} filled cells are {_WORDS[guess]}"
        return self._choice(certainty) or ("text", certainty, f"{self._varied()} in {self._filled:,} filled cells")

    def _of_one_kind(self) -> Guess | None:
        guess = next(iter(self._fitting), None)
        if guess == "boolean" and not self._is_yes_and_no():
            guess = next((name for name in self._fitting if name != "boolean"), None)
        return guess

    def _is_yes_and_no(self) -> bool:
        said = {str(cell).lower() for cell in self._cells}
        return len(said) > 1 and any(said <= pair for pair in _YES_NO)

    def _choice(self, certainty: float) -> tuple[Guess, float, str] | None:
        if self._more or any(not isinstance(cell, str) or "\n" in cell for cell in self._cells):
            return None
        texts = {str(cell): count for cell, count in self._cells.items()}
        separator = SEMICOLON if any(SEMICOLON in text for text in texts) else COMMA
        named = _named(texts, separator)
        if _is_chosen(named, _MOST_PARTS) and (separator == SEMICOLON or _is_parted(texts)):
            reason = f"{len(named)} names, parted by `{separator}`, in {self._filled:,} filled cells"
            return "choices", certainty * _repetition(named), reason
        chosen: Counter[str] = Counter()
        for text, count in texts.items():
            chosen[one_line(text)] += count
        if not _is_chosen(chosen, _MOST_CHOICES):
            return None
        return "choice", certainty * _repetition(chosen), f"{self._varied()} in {self._filled:,} filled cells"

    def _varied(self) -> str:
        least = "more than " if self._more else ""
        return f"{least}{len(self._cells):,} distinct value{'s' if len(self._cells) != 1 else ''}"

    def _shapes(self) -> tuple[str, ...]:
        if not self._guessing:
            return ()
        texts = (cell for cell in self._cells if isinstance(cell, str))
        return tuple(seen for seen, _ in Counter(map(shape, texts)).most_common(_SHAPES))


def _named(texts: Mapping[str, int], separator: str) -> Counter[str]:
    """How often each name occurs, the cells being cut at the separator."""
    named: Counter[str] = Counter()
    for text, count in texts.items():
        named.update(dict.fromkeys(split_names(text, separator), count))
    return named


def _is_parted(texts: Iterable[str]) -> bool:
    """Whether commas part names, and are not those of sentences: most names beside others occur in other cells too."""
    beside: Counter[str] = Counter()
    several: set[str] = set()
    for names in (split_names(text, COMMA) for text in texts):
        beside.update(names)
        several.update(names if len(names) > 1 else ())
    return 2 * sum(beside[name] > 1 for name in several) > len(several)


def _is_chosen(names: Mapping[str, int], most: int) -> bool:
    """A few names, each short enough for a label, that come again and again."""
    repeated = sum(names.values()) >= _REPEATED * len(names)
    return 1 < len(names) <= most and repeated and all(len(name) <= MAX_LENGTH for name in names)


def _repetition(names: Mapping[str, int]) -> float:
    """From 0.5 for names that come five times each to 1 for ten times and more."""
    return min(1.0, sum(names.values()) / (2 * _REPEATED * len(names)))


def _is_ambiguous(text: str) -> bool:
    return any(note.code == "date_ambiguous" for note in date_only(text).notes)


def _is_date(text: str) -> bool:
    """Whether it has the shape of a date, be it an impossible one."""
    return all(note.code != "date_unreadable" for note in date_only(text).notes)


def _is_moment(text: str) -> bool:
    return date_only(text).value is not None or _is_ambiguous(text)


_FITS: Mapping[Guess, Callable[[str], bool]] = MappingProxyType(
    {
        "boolean": lambda text: any(text.lower() in pair for pair in _YES_NO),
        "integer": lambda text: _COUNT.fullmatch(text) is not None and integer(text).value is not None,
        "date": lambda text: ":" not in text and _is_moment(text),
        "date_time": _is_moment,
        "email": lambda text: "@" in text and not isinstance(normalise_email(text), Refusal),
        "link": lambda text: text.lower().startswith(("http://", "https://", "www.")) and url(text).value is not None,
        "phone": lambda text: _PHONE.fullmatch(text) is not None and not _is_date(text),
        "money": lambda text: not _PADDED.match(text) and amount(text, None, "USD").value is not None,
    }
)
"""The kinds that every cell must fit, the most telling first. A number of ten digits counts nothing: it names."""

_WORDS: Mapping[Guess, str] = MappingProxyType(
    {
        "boolean": "yes or no",
        "integer": "whole numbers",
        "date": "dates",
        "date_time": "dates with times",
        "email": "e-mail addresses",
        "link": "links",
        "phone": "phone numbers",
        "money": "amounts of money",
    }
)
