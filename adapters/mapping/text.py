"""Text as Kartra writes it: sentinels that mean empty, characters no database takes, and folding for comparison."""

import re
import unicodedata
from collections.abc import Mapping

from adapters.mapping.values import Note, Parsed

SENTINELS = frozenset({"", "n/a", "-", "0000-00-00", "0000-00-00 00:00:00", "until cancelled"})
"""What Kartra writes for "nothing", lower-cased (kartra.md section 9). `0` is a value."""

_SENTINEL_LENGTHS = frozenset(map(len, SENTINELS))  # lower case is never longer or shorter where it is a sentinel
_DAMAGED = re.compile("[\x00\ud800-\udfff\ufffd]")
_BLANKS = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[\W_]+")
# Latin letters that Unicode does not decompose into a base letter and a mark.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"}
)


def present(cell: str | None) -> str | None:
    """The cell without blanks around it, or None where it is empty or a sentinel."""
    if cell is None:
        return None
    text = cell.strip()
    return None if len(text) in _SENTINEL_LENGTHS and text.lower() in SENTINELS else text


def present_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """Those of a row's cells that are `present`."""
    # What `present` does, without a call for every cell there is.
    return {
        column: text
        for column, cell in cells.items()
        if not (len(text := cell.strip()) in _SENTINEL_LENGTHS and text.lower() in SENTINELS)
    }


def is_sound(text: str) -> bool:
    """Whether a database takes every character of `text`."""
    # Most text is ASCII, which Python knows without looking; a search looks at every character.
    return "\x00" not in text if text.isascii() else _DAMAGED.search(text) is None


def clean(text: str) -> Parsed[str]:
    """`text` without blanks around it and without what a database refuses.

    NUL makes Twenty fail with a server error and a lone surrogate is replaced (FACTS section 5), so both are removed,
    and so is U+FFFD, which stands for bytes that could not be decoded.
    """
    if is_sound(text):
        return Parsed(present(text))
    kept = _DAMAGED.sub("", text)
    return Parsed(present(kept), (Note("text_damaged", f"{len(text) - len(kept)} unreadable characters removed"),))


def one_line(text: str) -> str:
    """`text` with every run of blanks as one blank, none around it."""
    return _BLANKS.sub(" ", text).strip()


def fold(text: str) -> str:
    """`text` without case and accents, for comparison; letters of every script stay. Idempotent."""
    return _without_marks(_without_marks(text).casefold().translate(_PLAIN_LETTERS))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def letters(text: str) -> str:
    """`text` folded, and without blanks and punctuation."""
    return _NOT_WORD.sub("", fold(text))


def words(text: str) -> list[str]:
    """The folded words of `text`."""
    return _NOT_WORD.sub(" ", fold(text)).split()
