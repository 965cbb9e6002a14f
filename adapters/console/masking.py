"""Personal data shortened, for a screen that others see: e-mails, phones, names, and any text of a row or a record."""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_EMAIL = re.compile(r"([^\s@<>\"'(),;:]+)@([^\s@<>\"'(),;:]+\.[^\s@<>\"'(),;:]+)")
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_PLAIN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"  # a day, a moment
    r"|-?\d{1,6}(?:[.,]\d{1,2})?"  # an amount, a score
    r"|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|true|false"  # an option's value, a yes or no
    r"|[A-Za-z]+ (?:contact|company|transaction|subscription|affiliate|booking):[~0-9a-f/]+",  # a relation
    re.ASCII,
)
_DIGITS = re.compile(r"\+?[\d\s().\-/]{6,}", re.ASCII)
_TEXTS = frozenset(
    {"label", "cells", "as_read", "value", "before", "written", "meant", "sent", "body", "labels", "values", "why"}
)
"""Attributes that hold what Kartra or Twenty said of somebody."""

_STRUCTURE = frozenset(
    ("object", "id", "key", "kind", "path", "field", "source", "source_key", "twenty_id", "file", "file_id", "why")
)
"""What a report or a link names things by, without which it tells nothing. Columns of Kartra's may be called so too."""

_SAYINGS = frozenset({"cells", "as_read", "fields", "before", "sent"})
"""Parts whose names are Kartra's or Twenty's own, and all of whose values are somebody's."""

_MOST_WORDS = 4


def masked(value: T) -> T:
    """The same, personal data shortened."""
    if isinstance(value, msgspec.Struct):
        parts = {name: getattr(value, name) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **{name: _part(name, part) for name, part in parts.items()})
    if isinstance(value, list | tuple):
        return type(value)(map(masked, value))
    if isinstance(value, dict):
        return {name: masked(part) for name, part in value.items()}  # type: ignore[return-value]
    return _without_emails(value) if isinstance(value, str) else value  # type: ignore[return-value]


def shortened(text: str) -> str:
    """Text of a row or a record, cut to what shows its kind and nobody's person."""
    if not text or _PLAIN.fullmatch(text):
        return text
    if _EMAIL.search(text):
        return _without_emails(text) if _EMAIL.fullmatch(text) else f"{_first_email(text)} …"
    if _URL.match(text):
        return "https://…"
    if _DIGITS.fullmatch(text):
        return f"…{text.rstrip()[-2:]}"
    words = text.split()
    return " ".join(f"{word[0]}…" for word in words[:_MOST_WORDS]) + (" …" if len(words) > _MOST_WORDS else "")


def _part(name: str, part: Any) -> Any:
    return _deep(part, everything=name in _SAYINGS) if name in _TEXTS else masked(part)


def _deep(value: Any, *, everything: bool) -> Any:
    if isinstance(value, msgspec.Struct):
        return masked(value)
    if isinstance(value, dict):
        return {name: _within(name, part, everything=everything) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_deep(part, everything=everything) for part in value)
    return shortened(value) if isinstance(value, str) else value


def _within(name: str, part: Any, *, everything: bool) -> Any:
    if name in _STRUCTURE and isinstance(part, str) and not everything:
        return _without_emails(part)
    return _deep(part, everything=everything or name in _SAYINGS)


def _first_email(text: str) -> str:
    found = _EMAIL.search(text)
    return _without_emails(found[0]) if found else ""


def _without_emails(text: str) -> str:
    return _EMAIL.sub(lambda found: f"{found[1][0]}…@{found[2][0]}…", text)
