"""Kartra's JSON, of which only the names are certain: numbers come as text and the other way round, lists as objects.

Source: kartra.md sections 6.2 and 6.3 ("numbers arrive as text about as often as not"). PHP writes an empty object as
`[]`, and a list with gaps as an object.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from adapters.mapping.types import JsonValue

Object = Mapping[str, JsonValue]

_DECODER = msgspec.json.Decoder(float_hook=str)
_TRUE = frozenset({"1", "true", "yes", "active"})


class NotJson(ValueError):
    """Text that is no JSON value, or one nested too deeply or with a number too long to be held."""


def decode(text: str | bytes) -> JsonValue:
    """One JSON value; fractions stay text as written. Raises NotJson."""
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(str(error)) from error


def elements(document: bytes) -> list[bytes]:
    """The elements of a JSON array as written; of anything else, the whole of it. Raises NotJson for a broken array."""
    if not document.lstrip().startswith(b"["):
        return [document.strip()]
    try:
        return [bytes(raw) for raw in msgspec.json.decode(document, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(str(error)) from error


def text(value: JsonValue) -> str:
    """A value as the text of a cell: empty for null and for empty containers, 1 and 0 for the booleans, else JSON."""
    match value:
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case int():
            return str(value)
        case _:
            return compact(value) if value else ""


def compact(value: JsonValue) -> str:
    """JSON on one line."""
    return msgspec.json.encode(value).decode()


def entries(value: JsonValue) -> list[JsonValue]:
    """The entries of what should be a list: its own, the values of an object with gaps, or the one thing it is."""
    match value:
        case list():
            return value
        case None | "":
            return []
        case dict() if all(key.isdecimal() or isinstance(entry, dict) for key, entry in value.items()):
            return list(value.values())
        case _:
            return [value]


def field(entry: JsonValue, *names: str) -> str:
    """The text of the first of `names` that an entry has; a bare entry is its own text."""
    if not isinstance(entry, dict):
        return text(entry)
    return next((written for name in names if (written := text(entry.get(name)))), "")


def is_on(value: JsonValue) -> bool:
    """Whether a flag that comes as 1, "1", true or a word is set."""
    return text(value).strip().casefold() in _TRUE


def cells(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Cells of a row: empty ones are left out, and of two of a name the first filled one counts."""
    kept: dict[str, str] = {}
    for name, written in values:
        if name and written:
            kept.setdefault(name, written)
    return kept


def names_of(values: Sequence[JsonValue], *keys: str) -> list[str]:
    """The names of entries; one without a name says nothing and is passed over."""
    return [name for entry in values if (name := field(entry, *keys))]
