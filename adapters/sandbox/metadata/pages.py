"""Pages of objects and fields: offset cursors, `first` and `after` (or `last` and `before`), a few filters."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.sandbox.model import FieldMeta, ObjectMeta
from adapters.sandbox.protocol import Refusal

_PREFIX = "arrayconnection:"
_ATTRIBUTES = {"isActive": "is_active", "isSystem": "is_system", "id": "id", "objectMetadataId": "object_id"}

Node = ObjectMeta | FieldMeta


def connection(nodes: Iterable[Node], paging: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The page of `nodes` that match `wanted`, in the order given; Twenty's follows ids, which are random there."""
    found = [node for node in nodes if _matches(node, wanted)]
    start, stop = _bounds(paging, len(found))
    edges = [{"node": found[place], "cursor": _cursor(place)} for place in range(start, stop)]
    return {"edges": edges, "pageInfo": _page_info(edges, start, stop, len(found))}


def _bounds(paging: Mapping[str, Any], count: int) -> tuple[int, int]:
    start = _place(paging["after"]) + 1 if paging.get("after") else 0
    stop = _place(paging["before"]) if paging.get("before") else count
    if paging.get("first") is not None:
        stop = min(stop, start + max(paging["first"], 0))
    if paging.get("last") is not None:
        start = max(start, stop - max(paging["last"], 0))
    return min(start, count), max(min(stop, count), min(start, count))


def _page_info(edges: Sequence[Mapping[str, Any]], start: int, stop: int, count: int) -> dict[str, Any]:
    return {
        "hasNextPage": stop < count,
        "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }


def _cursor(place: int) -> str:
    return base64.b64encode(f"{_PREFIX}{place}".encode()).decode()


def _place(cursor: str) -> int:
    """The offset a cursor stands for. Raises Refusal for any other text."""
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix(_PREFIX))
    except ValueError as error:
        raise Refusal(f"Invalid cursor: {cursor}", sub_code="INVALID_CURSOR") from error


def _matches(node: Node, wanted: Mapping[str, Any]) -> bool:
    return all(_matches_key(node, key, comparison) for key, comparison in wanted.items())


def _matches_key(node: Node, key: str, comparison: Any) -> bool:
    if comparison is None:
        return True
    if key == "and":
        return all(_matches(node, part) for part in comparison)
    if key == "or":
        return any(_matches(node, part) for part in comparison)
    value = getattr(node, _ATTRIBUTES[key])
    return all(_compares(value, operator, other) for operator, other in comparison.items())


def _compares(value: Any, operator: str, other: Any) -> bool:
    if other is None:
        return True
    if operator in ("in", "notIn"):
        return (value in other) is (operator == "in")
    return (value == other) is (operator in ("eq", "is"))
