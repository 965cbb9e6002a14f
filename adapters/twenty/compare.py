"""Whether what Twenty answers is what we sent: pure, and blind only to what Twenty itself does not tell apart.

Empty text, null and a missing value are one (FACTS section 3). Times are compared at the millisecond Twenty shows, an
amount may come back as digits or a number, choices have no order, and markdown may gain or lose its last line end.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)")
_SECOND_PARTS_SHOWN = 1_000


class Difference(msgspec.Struct, frozen=True):
    """A value that is not what we sent: where (dotted path), ours, theirs. The values may be personal: a body."""

    path: str
    ours: Any
    theirs: Any


def differences(fields: Mapping[str, Any], row: Mapping[str, Any]) -> list[Difference]:
    """Compare a payload in Twenty's stored form with a row as read; only what was sent is looked at."""
    return list(_of_mapping(fields, row, ""))


def _of_mapping(ours: Mapping[str, Any], theirs: Mapping[str, Any], prefix: str) -> Iterator[Difference]:
    for name, value in ours.items():
        yield from _of_value(value, theirs.get(name), f"{prefix}{name}")


def _of_value(ours: Any, theirs: Any, path: str) -> Iterator[Difference]:
    if isinstance(ours, Mapping) and (theirs is None or isinstance(theirs, Mapping)):
        yield from _of_mapping(ours, theirs or {}, f"{path}.")
    elif _has_records(ours) and _has_records(theirs) and len(ours) == len(theirs):
        for at, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _of_value(mine, other, f"{path}.{at}")
    elif not _same(ours, theirs, path):
        yield Difference(path, ours, theirs)


def _has_records(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value)


def _same(ours: Any, theirs: Any, path: str) -> bool:
    if blank(ours) or blank(theirs):
        return blank(ours) and blank(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return {str(item) for item in ours} == {str(item) for item in theirs}
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or _same_text(ours, theirs, path)
    return _number(ours) is not None and _number(ours) == _number(theirs)


def blank(value: Any) -> bool:
    """Whether a value is nothing to Twenty."""
    return value is None or value in ("", [], (), {})


def _same_text(ours: str, theirs: str, path: str) -> bool:
    if path.endswith(".markdown"):
        return ours.rstrip("\n") == theirs.rstrip("\n")
    instant = _instant(ours)
    return instant is not None and instant == _instant(theirs)


def _instant(text: str) -> datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time.replace(microsecond=time.microsecond // _SECOND_PARTS_SHOWN * _SECOND_PARTS_SHOWN)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
