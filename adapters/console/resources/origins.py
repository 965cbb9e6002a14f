"""Which columns of Kartra's a field is made from, as the confirmed mapping says."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PREFIX = "kartraField"


def origins(mapping: str, object_name: str, fields: Iterable[str], columns: Iterable[str]) -> dict[str, list[str]]:
    """Field → the columns it is made from, of those that the rows have; fields of unknown origin are left out."""
    declared = dict(_declared(mapping, object_name))
    by_sound = {_sound(name): name for name in columns}
    found = {}
    for field in fields:
        said = declared.get(field) or [field.removeprefix(_PREFIX)]
        if there := [by_sound[_sound(one)] for one in said if _sound(one) in by_sound]:
            found[field] = there
    return found


def _declared(mapping: str, object_name: str) -> Iterator[tuple[str, list[str]]]:
    try:
        parts = tomllib.loads(mapping)
    except tomllib.TOMLDecodeError:
        return  # it was confirmed, so another version of this program reads it: its text is shown all the same
    for name, part in parts.items():
        if _sound(object_name).endswith(_sound(name)):
            yield from _fields(part)


def _fields(part: Any) -> Iterator[tuple[str, list[str]]]:
    """The fields of a part, and of the forms it can take (`subscription.custom`)."""
    if not isinstance(part, Mapping):
        return
    for name, how in part.items():
        if name == "fields" and isinstance(how, Mapping):
            yield from ((field, _columns(one)) for field, one in how.items())
        else:
            yield from _fields(how)


def _columns(how: Any) -> list[str]:
    said = how.get("from") if isinstance(how, Mapping) else None
    return [str(one) for one in said] if isinstance(said, list) else []


def _sound(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
