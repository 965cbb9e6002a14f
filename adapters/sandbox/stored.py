"""Values between JSON and the database: how each kind of column is shown, and how JSON is stored."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import Kind

_decode = msgspec.json.Decoder().decode


def json_text(value: Any) -> str:
    """JSON as PostgreSQL's jsonb writes it, so that `like` filters see the same text.

    Keys by length, then alphabetically; a blank after each comma and colon.
    """
    return json.dumps(_ordered(value), ensure_ascii=False)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _number(value: float | None) -> float | None:
    """A number as JavaScript knows it: whole beyond 2^53 only as far as a double goes."""
    if value is None or -(2**53) <= value <= 2**53:
        return value
    return int(float(value))


SHOWN: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: lambda value: value or "",
    Kind.WORD: lambda value: value,
    Kind.UUID: lambda value: value,
    Kind.TIME: lambda value: value and value[:23] + "Z",
    Kind.DATE: lambda value: value,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: lambda value: None if value is None else bool(value),
    Kind.LIST: lambda value: _decode(value) if value else [],
    Kind.JSON: lambda value: None if value is None else _decode(value),
}
"""How a stored value of each kind is answered."""
