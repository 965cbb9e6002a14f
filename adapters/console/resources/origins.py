"""Which columns of Kartra's a field is made from, as the confirmed mapping says; what it does not say stays unknown."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

_PREFIX = "kartraField"
_STANDARD = ("person", "company", "opportunity", "task", "note")


def origins(
    mapping: str, stream: str, object_name: str, fields: Iterable[str], columns: Iterable[str]
) -> dict[str, list[str]]:
    """Field → the columns it is made from, of those that the rows have; fields of unknown origin are left out.

    `stream` tells which part of the mapping made the record: what was subscribed to, bought and booked have their own.
    """
    parts = _read(mapping)
    declared, own = _declared(parts, stream, object_name), _own_prefix(parts)
    by_sound = _by_sound(columns)
    found = {}
    for field in fields:
        said = declared.get(field) or ([field.removeprefix(own)] if object_name == "person" else [])
        if there := [column for one in said for column in by_sound.get(_sound(one), ())]:
            found[field] = there
    return found


def _read(mapping: str) -> dict[str, Any]:
    try:
        return tomllib.loads(mapping)
    except tomllib.TOMLDecodeError:
        return {}  # it was confirmed, so another version of this program reads it: its text is shown all the same


def _declared(parts: Mapping[str, Any], stream: str, object_name: str) -> dict[str, list[str]]:
    kind = stream.partition(":")[0]
    if kind == "subscription":
        part = _at(parts, "subscription", "opportunity" if object_name == "opportunity" else "custom")
    elif kind == "affiliate":
        part = _at(parts, "affiliate")
    else:
        part = _at(parts, object_name) if object_name in _STANDARD else {}
    found = {str(name): _columns(how) for name, how in _at(part, "fields").items()}
    company = part.get("company")
    return found | ({"companyId": [company]} if isinstance(company, str) else {})


def _at(part: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        inner = part.get(name)
        part = inner if isinstance(inner, Mapping) else {}
    return part


def _own_prefix(parts: Mapping[str, Any]) -> str:
    said = _at(parts, "person", "custom").get("prefix")
    return said if isinstance(said, str) else _PREFIX


def _columns(how: Any) -> list[str]:
    said = how.get("from") if isinstance(how, Mapping) else None
    return [str(one) for one in said] if isinstance(said, list) else []


def _by_sound(columns: Iterable[str]) -> dict[str, list[str]]:
    """Columns by their names without blanks, case and signs; an amount's column also names its currency."""
    found: dict[str, list[str]] = {}
    for name in columns:
        found.setdefault(_sound(name.partition(":")[0]), []).append(name)
    return found


def _sound(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
