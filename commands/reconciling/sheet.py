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
from ledger.sources import sources_of

RECORDS_AN_OBJECT = 25
_ROWS_SHOWN = 25
"""Source rows of a record whose cells are shown; a company may be made of a hundred thousand, which all are named."""
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
        rows[object_name] = [row for one in chosen for row in _rows(one, await _places(reader, one))]
    write_sheet(folder / "spot-check.csv", _HEADER, [row for some in rows.values() for row in some])
    write_text(folder / "spot-check.html", page(_report(rows, seed)))


class _Place(msgspec.Struct, frozen=True):
    """A source row: its file's name and line, and its cells (empty where erased)."""

    name: str
    line: int
    cells: Mapping[str, str]


async def _places(reader: Reader, one: Compared) -> list[_Place]:
    """All rows that a record, as it was written last, was made of; the cells of the first ones."""
    refs = await sources_of(reader, one.work.state)
    statement = """SELECT source_row.file || ':' || source_row.line AS ref, export.name, source_row.line,
        iif(wanted.key < :shown, payload.body, NULL) AS body
      FROM json_each(:refs) AS wanted
      JOIN source_row ON source_row.file = substr(wanted.value, 1, instr(wanted.value, ':') - 1)
        AND source_row.line = CAST(substr(wanted.value, instr(wanted.value, ':') + 1) AS INTEGER)
      JOIN export ON export.file = source_row.file
      LEFT JOIN payload ON payload.hash = source_row.payload_hash
      GROUP BY wanted.key ORDER BY wanted.key"""
    found = await reader.rows(statement, refs=msgspec.json.encode(refs).decode(), shown=_ROWS_SHOWN)
    return [_Place(row["name"], row["line"], _cells(row["body"])) for row in found]


def _cells(body: str | None) -> Mapping[str, str]:
    cells: Mapping[str, str] = unseal(body).value.get("cells", {}) if body else {}
    return cells


def _rows(one: Compared, places: Sequence[_Place]) -> Iterator[tuple[str, ...]]:
    record = (one.work.state.object, str(one.work.state.twenty_id))
    for at, place in enumerate(places):
        told = "; ".join(f"{name}: {value}" for name, value in place.cells.items())
        which = "Kartra's row" if len(places) == 1 else f"Kartra's row {at + 1} of {len(places)}"
        yield (*record, place.name, str(place.line), which, told, "", "")
    whole = {each.kind for each in one.unlike if not each.path}
    if one.row is None or one.expected is None:
        whole.add("missing" if one.row is None else "erased")
    for kind in sorted(whole):
        yield (*record, "", "", "the record", "", "", kind)
    if one.row is None or one.expected is None:
        return
    wrong = {each.path.partition(".")[0]: each.kind for each in one.unlike}
    for name, value in sorted(one.expected.items()):
        if name in one.row:
            yield (*record, "", "", name, _text(value), _text(one.row[name]), wrong.get(name, "same"))


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
        lead="Records as Twenty holds them, beside what was written and all rows of Kartra's they were made of.",
        facts=(("Seed", str(seed)),),
        figures=Figures((Figure("records", str(checked)),)),
        sections=sections,
    )
