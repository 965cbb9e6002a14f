"""The spot-check sheet: some records of every object beside their source rows, field by field, as CSV and a page."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from adapters.reports.files import write_text
from adapters.reports.model import Figure, Figures, Report, Section, Table
from adapters.reports.pages import page
from adapters.reports.sheets import write_sheet
from commands.reconciling.finding import Compared
from ledger.hashing import unseal
from ledger.reader import Reader

RECORDS_AN_OBJECT = 25
_HEADER = ("object", "record", "file", "line", "field", "written", "in Twenty", "verdict")
Rows = list[tuple[str, ...]]


async def spot_check(reader: Reader, compared: Mapping[str, Sequence[Compared]], seed: int, folder: Path) -> None:
    """Write `spot-check.csv` and `spot-check.html`: 25 records an object, chosen by the seed.

    Raises:
        OSError: the folder cannot be written.
    """
    rows: dict[str, Rows] = {}
    for object_name, every in compared.items():
        chosen = random.Random(f"{seed}:{object_name}").sample(every, min(RECORDS_AN_OBJECT, len(every)))  # noqa: S311  # no secret
        places = await _places(reader, [one.work.state.source_ref for one in chosen])
        rows[object_name] = [row for one in chosen for row in _rows(one, places)]
    write_sheet(folder / "spot-check.csv", _HEADER, [row for some in rows.values() for row in some])
    write_text(folder / "spot-check.html", page(_report(rows, seed)))


class _Place(msgspec.Struct, frozen=True):
    """A source row: its file's name and line, and its cells (empty where erased)."""

    name: str
    line: int
    cells: Mapping[str, str]


async def _places(reader: Reader, refs: Sequence[str]) -> dict[str, _Place]:
    statement = """SELECT source_row.file || ':' || source_row.line AS ref, export.name, source_row.line, payload.body
      FROM source_row JOIN export ON export.file = source_row.file
      LEFT JOIN payload ON payload.hash = source_row.payload_hash
      WHERE source_row.file || ':' || source_row.line IN (SELECT value FROM json_each(:refs))"""
    found = await reader.rows(statement, refs=msgspec.json.encode(list(refs)).decode())
    return {row["ref"]: _Place(row["name"], row["line"], _cells(row["body"])) for row in found}


def _cells(body: str | None) -> Mapping[str, str]:
    cells: Mapping[str, str] = unseal(body).value.get("cells", {}) if body else {}
    return cells


def _rows(one: Compared, places: Mapping[str, _Place]) -> Iterator[tuple[str, ...]]:
    state = one.work.state
    place = places.get(state.source_ref, _Place("", 0, {}))
    head = (state.object, str(state.twenty_id), place.name, str(place.line or ""))
    told = "; ".join(f"{name}: {value}" for name, value in place.cells.items())
    yield (*head, "Kartra's row", told, "", "")
    if one.row is None or one.expected is None:
        yield (*head, "", "", "", "missing" if one.row is None else "erased")
        return
    wrong = {each.path.partition(".")[0]: each.kind for each in one.unlike}
    for name, value in sorted(one.expected.items()):
        if name in one.row:
            yield (*head, name, _text(value), _text(one.row[name]), wrong.get(name, "same"))


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _report(rows: Mapping[str, Rows], seed: int) -> Report:
    sections = tuple(
        Section(anchor=name, title=name, blocks=(Table(header=_HEADER[1:], rows=tuple(row[1:] for row in some)),))
        for name, some in rows.items()
    )
    checked = sum(len({row[1] for row in some}) for some in rows.values())
    return Report(
        title="Spot check",
        lead="Records as Twenty holds them, beside what was written and the row of Kartra's they come from.",
        facts=(("Seed", str(seed)),),
        figures=Figures((Figure("records", str(checked)),)),
        sections=sections,
    )
