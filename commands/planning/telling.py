"""A plan as a person reads it, and as a document."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.mapping.proposal import Proposed
from commands import reporting
from commands.planning.making import Planned
from commands.planning.model import Element
from commands.planning.strangers import Left


def tell(planned: Planned, left: Sequence[Left], path: Path) -> None:
    """Print the plan: columns by kind, what stays behind, settings, the data model, and what to do next."""
    for kind, rows in planned.rows.items():
        _columns(kind, rows, planned)
    _left_behind(planned, left)
    _heading("Settings")
    reporting.table(
        ["setting", "value", "sure", "why"],
        [(".".join(one.path), _value(one.value), f"{one.confidence:.2f}", one.reason) for one in planned.settings],
    )
    _model(planned.elements)
    reporting.line("")
    reporting.line(f"{path} holds the plan. Read it, edit it, then `confirm` it; `load` works by it from then on.")


def document_of(planned: Planned, left: Sequence[Left], path: Path) -> dict[str, Any]:
    """The plan as one JSON document."""
    profiles = {(one.kind, one.column): one.profile for one in planned.columns}
    return {
        "mapping": str(path),
        "rows": dict(planned.rows),
        "columns": [
            {
                "kind": one.kind,
                "column": one.column,
                "fields": list(one.fields),
                "type": _type(planned, one),
                "by": one.by,
                "stands_for": one.stands_for,
                "confidence": one.confidence,
                "reason": one.reason,
                "filled": profiles[one.kind, one.column].filled,
                "distinct": profiles[one.kind, one.column].distinct,
            }
            for one in planned.proposals
        ],
        "unmapped": [{"kind": one.kind, "column": one.column} for one in _unmapped(planned)],
        "settings": [
            {
                "setting": ".".join(one.path),
                "value": one.value,
                "changed": one.changed,
                "confidence": one.confidence,
                "reason": one.reason,
            }
            for one in planned.settings
        ],
        "model": [
            {"object": one.object, "field": one.field, "type": one.type, "state": one.state, "detail": one.detail}
            for one in planned.elements
        ],
        "left": [{"file": one.file, "code": one.code, "reason": one.reason} for one in left],
    }


def _columns(kind: str, rows: int, planned: Planned) -> None:
    _heading(f"{kind}: {rows:,} rows")
    shown = [one for one in planned.proposals if one.kind == kind and one.fields]
    reporting.table(
        ["column", "becomes", "type", "sure", "why"],
        [(one.column, _becomes(one), _type(planned, one), f"{one.confidence:.2f}", one.reason) for one in shown],
    )


def _becomes(one: Proposed) -> str:
    first, *others = one.fields
    return f"{first} and {len(others)} more" if others else first


def _type(planned: Planned, one: Proposed) -> str:
    return next((planned.types[field] for field in one.fields if field in planned.types), "")


def _unmapped(planned: Planned) -> Iterator[Proposed]:
    return (one for one in planned.proposals if not one.fields)


def _left_behind(planned: Planned, left: Sequence[Left]) -> None:
    unmapped: dict[tuple[str, str], list[str]] = {}
    for one in _unmapped(planned):
        unmapped.setdefault((one.kind, one.reason), []).append(one.column)
    if unmapped:
        _heading("Unmapped: these stay in the ledger, with their rows")
        reporting.table(
            ["kind", "columns", "why"], [(kind, ", ".join(names), why) for (kind, why), names in unmapped.items()]
        )
    if left:
        _heading("Files left alone")
        reporting.table(["file", "why"], [(one.file, one.reason) for one in left])


def _model(elements: Sequence[Element]) -> None:
    looked = any(one.state != "not looked" for one in elements)
    _heading(f"Twenty's data model{'' if looked else ' (nobody looked: name --sandbox or --twenty-url)'}")
    reporting.table(
        ["object", "field", "type", "in Twenty", ""],
        [(one.object, one.field, one.type, one.state, one.detail) for one in elements],
    )


def _value(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _heading(text: str) -> None:
    reporting.line("")
    reporting.line(text)
