"""Cursors: where a page ended, as an opaque word for the next one."""

import base64
import binascii
from typing import Any

import msgspec

from adapters.console.errors import BadCursor

_LAST = 2**63 - 1
"""The last number that SQLite knows."""


def cursor(end: Any) -> str:
    """A word for where a page ended."""
    return base64.urlsafe_b64encode(msgspec.json.encode(end)).decode().rstrip("=")


def behind(word: str | None, kind: Any) -> Any:
    """Where the page before ended, as a `kind`; None for the first page.

    Raises:
        BadCursor: the word is none of ours, or is of another list.
    """
    if word is None:
        return None
    try:
        end = msgspec.json.decode(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadCursor from error
    if any(isinstance(part, int) and not 0 <= part <= _LAST for part in (end if isinstance(end, tuple) else (end,))):
        raise BadCursor
    return end
