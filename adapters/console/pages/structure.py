"""The shape of a value somebody wrote down (a report, a body), so that it is shown as a table where it is one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

MOST = 200
"""How many lines of a list a page shows; the API has them all."""

FEW = 12
"""Longer lists are folded."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How a value is shown: as `text`, an `id`, `pairs` of name and value, a `table`, or a `list`.

    `left` counts what is not shown, `folded` says that it is long.
    """

    kind: str
    head: list[str] = []
    rows: list[list[Any]] = []
    left: int = 0
    folded: bool = False


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by object, each kind of count in a column."""

    head: list[str]
    rows: list[tuple[str, list[int | None]]]


def shape(value: Any) -> Shape:
    """The shape of a value."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, Mapping) and value:
        pairs = [[str(name), part] for name, part in value.items()]
        return Shape(kind="pairs", rows=pairs[:MOST], left=max(len(pairs) - MOST, 0))
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return _listed(value)
    kind = "id" if isinstance(value, str) and _ID.fullmatch(value) else "text"
    return Shape(kind=kind, rows=[[_text(value)]])


def matrix(report: Any) -> Matrix | None:
    """The counts of a report that go by object: numbers, and how long lists are."""
    if not isinstance(report, Mapping):
        return None
    columns = {str(name): counts for name, part in report.items() if (counts := _counts(part))}
    objects = sorted({name for counts in columns.values() for name in counts})
    if not columns:
        return None
    return Matrix(
        head=list(columns), rows=[(name, [counts.get(name) for counts in columns.values()]) for name in objects]
    )


def beside(report: Any) -> dict[str, Any]:
    """What a report says beside the counts of its matrix: plain values first, then what is long."""
    parts = report if isinstance(report, Mapping) else {"": report}
    rest = {str(name): part for name, part in parts.items() if not _is_counts(part)}
    return dict(sorted(rest.items(), key=lambda pair: isinstance(pair[1], Mapping | list)))


def _is_counts(part: Any) -> bool:
    return isinstance(part, Mapping) and bool(part) and all(type(each) is int for each in part.values())


def _counts(part: Any) -> dict[str, int]:
    if not isinstance(part, Mapping):
        return {}
    if _is_counts(part):
        return {str(name): each for name, each in part.items()}
    lists = {str(name): len(each) for name, each in part.items() if isinstance(each, list)}
    return lists if len(lists) == len(part) else {}


def _listed(value: Sequence[Any]) -> Shape:
    left, shown = max(len(value) - MOST, 0), value[:MOST]
    folded = len(value) > FEW
    if all(isinstance(one, Mapping) for one in shown):
        head = list(dict.fromkeys(str(name) for one in shown for name in one))
        rows = [[one.get(name) for name in head] for one in shown]
        return Shape(kind="table", head=head, rows=rows, left=left, folded=folded)
    return Shape(kind="list", rows=[[one] for one in shown], left=left, folded=folded)


def _text(value: Any) -> str:
    if value is None or value in ({}, [], (), ""):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
