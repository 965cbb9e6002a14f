"""Requests as they were before the recording shortened their long lists.

A list keeps its shown elements; what follows is made like the last one shown: the next number wherever that one holds
its own number (`rb0@…` → `rb1@…`), the next id of the scene where its id is one of those, else a new id.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from tests.conformance.binding import NAME
from tests.conformance.recordings import Exchange

NextIds = Callable[[str, int], Sequence[str]]
"""Given an id and a number: that many ids the scene holds after it (fewer, or none, where it does not know it)."""


def expanded(exchange: Exchange, next_ids: NextIds) -> dict[str, Any]:
    """The variables of an exchange with every shortened list at its full length."""
    variables = exchange.request.get("variables") or {}
    return {key: _walk(part, f"variables.{key}", exchange, next_ids) for key, part in variables.items()}


def _walk(value: Any, path: str, exchange: Exchange, next_ids: NextIds) -> Any:
    if isinstance(value, dict):
        return {key: _walk(part, f"{path}.{key}", exchange, next_ids) for key, part in value.items()}
    if not isinstance(value, list):
        return value
    parts = [_walk(part, f"{path}[]", exchange, next_ids) for part in value]
    missing = sum(cut.full - cut.shown for cut in exchange.shortened.get(path, ())[:1])
    return parts + _continued(parts[-1], len(parts) - 1, missing, next_ids) if missing > 0 else parts


def _continued(last: Any, number: int, count: int, next_ids: NextIds) -> list[Any]:
    """`count` more elements like `last`, which is element `number` (from 0) of its list."""
    following = {found: list(next_ids(found, count)) for found in set(NAME.findall(_own_ids(last)))}
    return [_numbered(last, number, number + step + 1, step, following) for step in range(count)]


def _own_ids(value: Any) -> str:
    """The texts in which a list element names itself: itself, its `id`, or the id a filter compares with."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(_own_ids(part) for part in value)
    if isinstance(value, dict):
        return " ".join(_own_ids(value[key]) for key in ("id", "eq", "and") if key in value)
    return ""


def _numbered(value: Any, old: int, new: int, step: int, following: dict[str, list[str]]) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(part, old, new, step, following) for key, part in value.items()}
    if isinstance(value, list):
        return [_numbered(part, old, new, step, following) for part in value]
    if isinstance(value, str):
        return _numbered_text(value, old, new, step, following)
    return new if value == old and isinstance(value, int) and not isinstance(value, bool) else value


def _numbered_text(text: str, old: int, new: int, step: int, following: dict[str, list[str]]) -> str:
    if text in following:
        known = following[text]
        return known[step] if step < len(known) else str(uuid.uuid4())
    if NAME.search(text) or re.match(r"\d{4}-\d\d-\d\d", text):
        return text
    return re.sub(rf"(?<!\d){old}(?!\d)", str(new), text, count=1)
