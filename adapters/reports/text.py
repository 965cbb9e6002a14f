"""Untrusted text made safe to look at: on a terminal, in Markdown and on a page.

What would steer a reader's eyes or a terminal is shown as its escape (`\\u202e`), not obeyed. HTML's own characters are
the page's to escape (`pages` does, for every value).
"""

import re
import unicodedata

_JOINERS = frozenset("\u200c\u200d")
"""Persian, Hindi and joined emoji cannot be written without these two."""

LONGEST = 4_000
"""Characters of one text that a report shows; a cell may have a million."""

_BLANKS = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|~&$]|^[-+#=]|(?<=^\d)[.)])")
_AUTOLINK = re.compile(r"(?<=[a-z])(?=://)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=#)(?=\d)", re.IGNORECASE)
_NOTHING = "<!-- -->"


def visible(text: str) -> str:
    """`text` with every character that cannot be seen written as its escape. Idempotent."""
    if text.isprintable():
        return text
    return "".join(character if _is_harmless(character) else _escape(character) for character in text)


def line(text: str, longest: int | None = None) -> str:
    """`text` on one line, visible, cut to `longest` characters with an ellipsis."""
    shown = visible(_BLANKS.sub(" ", text).strip())
    return shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"


def markdown(text: str) -> str:
    """`text` on one line as plain words of Markdown: no mark-up, table cell, HTML or link comes of it."""
    # GitHub makes links of bare addresses, @names and #numbers whatever is escaped: an empty comment parts them.
    return _NOTHING.join(_MARKDOWN.sub(r"\\\1", part) for part in _AUTOLINK.split(line(text)))


def _is_harmless(character: str) -> bool:
    if character in _JOINERS or character.isprintable():
        return True
    return unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
