"""Options of selects: a value Twenty takes, made from a label people read.

Twenty wants upper-case letters, digits and underscores, no digit first, no comma in a label (FACTS section 10); a
label holds 63 characters at most. A value is the slug of its label, with hex digits of the label's hash where the
slug is empty, too long or taken; a value once given is never taken back.
"""

import hashlib
import re
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from adapters.mapping.text import fold, one_line

MAX_LENGTH = 63
"""Characters of a label, and of a value: PostgreSQL cuts enum values there."""

_NOT_SLUG = re.compile(r"[^A-Z0-9]+")
_PREFIX = "OPT_"
_HASH_DIGITS = 4
_CLAIMED = ""


class Options(NamedTuple):
    """`values`: original text to option value; `labels`: option value to label as Twenty shows it, known ones first."""

    values: dict[str, str]
    labels: dict[str, str]


def assign_options(texts: Iterable[str], known: Mapping[str, str]) -> Options:
    """Give every distinct text, in order of first sight, an option value.

    `known` is value to label as Twenty has them already: those are found again by label, never renamed and never
    dropped.
    """
    labels = dict(known)
    by_label = {label: value for value, label in known.items()}
    values: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        value = _known_value(text, by_label)
        if value is None:
            value = _free_value(text, labels)
            labels[value] = display_label(text, by_label)
        # A label is claimed once: two texts that look alike in Twenty are still two options.
        by_label[labels[value]] = _CLAIMED
        values[text] = value
    return Options(values, labels)


def display_label(text: str, taken: Container[str] = ()) -> str:
    """The label as Twenty shows it: one line, commas as blanks, 63 characters at most, unlike every one `taken`."""
    plain = one_line(text.replace(",", " "))[:MAX_LENGTH].strip()
    if plain and plain not in taken:
        return plain
    mark = _digest(text)[:_HASH_DIGITS].lower()
    return f"{plain[: MAX_LENGTH - _HASH_DIGITS - 1].strip()} {mark}".strip()


def slug(label: str) -> str:
    """`label` in upper-case ASCII letters, digits and single underscores, a letter first; empty if nothing is left."""
    plain = _NOT_SLUG.sub("_", fold(label).upper()).strip("_")
    return f"{_PREFIX}{plain}" if plain[:1].isdigit() else plain


def _known_value(text: str, by_label: Mapping[str, str]) -> str | None:
    plain = display_label(text)
    found = (by_label.get(label) for label in (display_label(text, taken={plain}), plain))
    return next((value for value in found if value), None)


def _free_value(text: str, taken: Mapping[str, str]) -> str:
    plain = slug(text)
    if plain and plain not in taken and len(plain) <= MAX_LENGTH:
        return plain
    digest = _digest(text)
    stem = plain or _PREFIX.rstrip("_")
    hashed = (f"{stem[: MAX_LENGTH - digits - 1]}_{digest[:digits]}" for digits in range(_HASH_DIGITS, len(digest)))
    return next(value for value in hashed if value not in taken)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32].upper()
