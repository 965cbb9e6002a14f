"""Placed source rows with their bodies, and the exports they stand in."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ledger.hashing import unseal
from ledger.reader import Reader

# Oldest first: what loads read, then delta after delta; in each, by the exports' clocks.
_EXPORTS = """WITH read AS (
    SELECT export.file, min(export.position), export.name, export.kind, export.exported_at, export.complete,
      CASE WHEN export.delta THEN coalesce(run.position, 0) ELSE 0 END AS wave,
      CASE WHEN export.delta THEN json_extract(header.body, '$.value.columns') END AS columns
    FROM export LEFT JOIN run ON run.run_id = export.run_id
    LEFT JOIN payload AS header ON header.hash = export.payload_hash GROUP BY export.file)
  SELECT *, dense_rank() OVER (ORDER BY wave, exported_at, name) AS rank FROM read ORDER BY rank"""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: `exported_at` is its clock, and `rank` its place among all, the oldest first.

    `wave` is 0 for what loads read, and tells the files of one delta from those of another; such files also know their
    `columns`, and whether they hold their whole kind.
    """

    file: str
    name: str
    kind: str
    exported_at: str
    wave: int
    complete: bool
    columns: frozenset[str]
    rank: int


class SourceBody(msgspec.Struct, frozen=True):
    """A placed source row with its body, and the export it stands in.

    A row that became no record although it was placed has an open `hold`, and the reason of it. `position` is where the
    row was read first.
    """

    source_key: str
    line: int
    hold: int | None
    reason: str | None
    position: int
    export: Export
    value: Any

    @property
    def file(self) -> str:
        """The id of its file."""
        return self.export.file

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.export.name

    @property
    def kind(self) -> str:
        """The kind of its file."""
        return self.export.kind

    @property
    def wave(self) -> int:
        """The wave of its file."""
        return self.export.wave

    @property
    def ref(self) -> str:
        """Where the row stands: file id and line."""
        return f"{self.export.file}:{self.line}"


async def exports_in_order(reader: Reader) -> dict[str, Export]:
    """Every file that was read, by its id, the oldest first."""
    rows = await reader.rows(_EXPORTS)
    return {row["file"]: _export(row) for row in rows}


def source_body(row: Mapping[str, Any], export: Export) -> SourceBody:
    """A row of `source_row` with its body and hold."""
    return SourceBody(
        row["source_key"], row["line"], row["hold"], row["reason"], row["position"], export, unseal(row["body"]).value
    )


def cells_of(body: str) -> Mapping[str, str]:
    """The cells of a row's body, and nothing else of it."""
    return _said.decode(body).value.cells


def by_stream(rows: Iterable[Mapping[str, Any]], exports: Mapping[str, Export]) -> list[list[SourceBody]]:
    """Rows of `source_row`, as the streams they are of: in the order of their keys, each stream's oldest row first."""
    grouped: dict[str, list[SourceBody]] = {}
    for row in rows:
        grouped.setdefault(row["source_key"], []).append(source_body(row, exports[row["file"]]))
    for bodies in grouped.values():
        if len(bodies) > 1:
            bodies.sort(key=lambda body: (body.export.rank, body.line))
    return [grouped[stream] for stream in sorted(grouped)]


class _Cells(msgspec.Struct):
    cells: dict[str, str]


class _Said(msgspec.Struct):
    value: _Cells


_said = msgspec.json.Decoder(_Said)


def _export(row: Mapping[str, Any]) -> Export:
    told = {name: row[name] for name in Export.__struct_fields__}
    columns = frozenset(msgspec.json.decode(row["columns"] or "[]", type=list[str]))
    return Export(**{**told, "complete": bool(row["complete"]), "columns": columns})
