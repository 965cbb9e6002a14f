"""The shape of a value somebody wrote down (a report, a body), so that it is shown as a table where it is one."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

MOST = 200
"""How many lines of a list a page shows; the API has them all."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How a value is shown: as `text`, `pairs` of name and value, a `table`, or a `list`; `left` counts the rest."""

    kind: str
    head: list[str] = []
    rows: list[list[Any]] = []
    left: int = 0


def shape(value: Any) -> Shape:
    """The shape of a value."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, Mapping) and value:
        pairs = [[str(name), part] for name, part in value.items()]
        return Shape(kind="pairs", rows=pairs[:MOST], left=max(len(pairs) - MOST, 0))
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return _listed(value)
    return Shape(kind="text", rows=[[_text(value)]])


def _listed(value: Sequence[Any]) -> Shape:
    left = max(len(value) - MOST, 0)
    shown = value[:MOST]
    if all(isinstance(one, Mapping) for one in shown):
        head = list(dict.fromkeys(str(name) for one in shown for name in one))
        return Shape(kind="table", head=head, rows=[[one.get(name) for name in head] for one in shown], left=left)
    return Shape(kind="list", rows=[[one] for one in shown], left=left)


def _text(value: Any) -> str:
    if value is None or value in ({}, [], ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
