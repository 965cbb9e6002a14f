"""Files of the folder that are not loaded: why, and what their headers look like."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from adapters.kartra import Unknown
from adapters.mapping.similarity import Aliases, likeness

_CSV = frozenset({".csv", ".tsv", ".txt"})
_HEADER_BYTES = 65_536
_DELIMITERS = ",;\t"
_ENOUGH = 3
_SHOWN = 4


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is not loaded: a stable code, and the reason in words."""

    file: str
    code: str
    reason: str


def left_alone(unknown: Iterable[Unknown], aliases: Aliases) -> tuple[Left, ...]:
    """The files that are left; where three headers or more are like those of one kind, that is said."""
    return tuple(
        Left(file=one.path.name, code=one.code, reason=f"{one.reason}{_hint(one.path, aliases)}") for one in unknown
    )


def _hint(path: Path, aliases: Aliases) -> str:
    header = _header(path) if path.suffix.lower() in _CSV else []
    alike = {kind: _alike(header, columns) for kind, columns in aliases.items()}
    kind = max(alike, key=lambda one: len(alike[one]))
    if len(alike[kind]) < _ENOUGH:
        return ""
    shown = ", ".join(f"{name} ({column})" for name, column in list(alike[kind].items())[:_SHOWN])
    return f"; its headers are like those of {kind}: {shown}: rename them, and plan again"


def _header(path: Path) -> Sequence[str]:
    """The first row of a file that is read no further: undecodable bytes and broken quotes do not matter here."""
    try:
        with path.open("rb") as file:
            text = file.read(_HEADER_BYTES).decode("utf-8-sig", "replace")
        line = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(_DELIMITERS, key=line.count)
        return next(csv.reader([line.replace("\x00", "")], delimiter=delimiter), [])
    except (OSError, csv.Error):
        # Why the file is left is told already; only the hint is missing.
        return []


def _alike(header: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    found = ((name, likeness(name, columns)) for name in header)
    return {name: like.column for name, like in found if like is not None}
