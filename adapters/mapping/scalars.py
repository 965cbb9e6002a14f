"""Numbers, yes and no, and Kartra's consent codes."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from adapters.mapping.remembering import remembered
from adapters.mapping.text import present, words
from adapters.mapping.values import Note, Parsed

_INTEGER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.0*)?", re.ASCII)
_EXACT = 2**53
_EXACT_DIGITS = len(str(_EXACT))

_YES = frozenset({"1", "yes", "y", "true", "on", "blocked", "blacklisted", "agreed"})
_NO = frozenset({"0", "no", "n", "false", "off", "active", "not blocked", "not agreed"})

GDPR_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "NOT_APPLICABLE": "Not applicable",
        "NOT_SUBJECT": "Not subject",
        "ACCEPTED": "Accepted",
        "REFUSED": "Refused",
        "UNKNOWN": "Unknown",
        "PENDING": "Pending",
    }
)
"""Option value to label, in the order of Kartra's codes 0 to 5 (kartra.md section 1.2)."""

_GDPR_WORDS = {
    **{str(code): value for code, value in enumerate(GDPR_STATUSES)},
    **{label.lower(): value for value, label in GDPR_STATUSES.items()},
    "off": "NOT_APPLICABLE",
    "gdpr off": "NOT_APPLICABLE",
    "not subject to gdpr": "NOT_SUBJECT",
    "agreed": "ACCEPTED",
    "not accepted": "REFUSED",
    "declined": "REFUSED",
    "rejected": "REFUSED",
}


def integer(cell: str | None) -> Parsed[int]:
    """A whole number: `42`, `12.0`, `1,204`. A fraction is not rounded, it leaves a note: payloads hold no floats."""
    return Parsed(None) if cell is None else _integer(cell)


@remembered
def _integer(cell: str) -> Parsed[int]:
    text = present(cell)
    if text is None:
        return Parsed(None)
    match = _INTEGER.fullmatch(text)
    value = int(match[1] + match[2].replace(",", "")) if match else None
    if value is None or abs(value) > _EXACT:
        return Parsed(None, (Note("number_unreadable", f"'{text}' is not a whole number"),))
    return Parsed(value)


def kartra_number(cell: str | None) -> Parsed[str]:
    """Kartra's contact number in plain digits; 0 stands for none."""
    text = present(cell)
    if text is not None and len(text) < _EXACT_DIGITS and text.isascii() and text.isdigit() and text[0] != "0":
        return Parsed(text)
    value, notes = integer(text)
    if value is None or value < 0:
        return Parsed(None, notes or ((Note("number_unreadable", f"'{value}' is no contact number"),) if value else ()))
    return Parsed(str(value) if value else None, notes)


def boolean(cell: str | None) -> Parsed[bool]:
    """Yes or no in digits or words."""
    return Parsed(None) if cell is None else _boolean(cell)


@remembered
def _boolean(cell: str) -> Parsed[bool]:
    text = present(cell)
    if text is None:
        return Parsed(None)
    spoken = " ".join(words(text))
    if spoken in _YES or spoken in _NO:
        return Parsed(spoken in _YES)
    return Parsed(None, (Note("boolean_unreadable", f"'{text}' is neither yes nor no"),))


def gdpr_status(cell: str | None) -> Parsed[str]:
    """Kartra's GDPR status, a code from 0 to 5 or words, as the option value of GDPR_STATUSES."""
    return Parsed(None) if cell is None else _gdpr_status(cell)


@remembered
def _gdpr_status(cell: str) -> Parsed[str]:
    text = present(cell)
    if text is None:
        return Parsed(None)
    value = _GDPR_WORDS.get(" ".join(words(text)))
    if value is None:
        return Parsed(None, (Note("gdpr_status_unknown", f"'{text}' is no GDPR status of Kartra's"),))
    return Parsed(value)
