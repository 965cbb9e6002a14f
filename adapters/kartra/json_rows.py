"""The rows of a JSON export: webhook events, or answers of the API about one contact each."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TextIO

from adapters.kartra.exports import Export
from adapters.kartra.json_entries import Entry, document_entries, line_entries
from adapters.kartra.json_values import NotJson, Object, field
from adapters.kartra.lead_details import cells_of_lead, lead_of
from adapters.kartra.text_lines import MAX_CELL
from adapters.kartra.webhooks import cells_of_event, event_of
from adapters.mapping.types import JsonValue, RowProblem, SourceRow


class _Shape(NamedTuple):
    """How the values of one kind are found, laid out as cells, and called."""

    find: Callable[[JsonValue], Object | None]
    cells: Callable[[Object], dict[str, str]]
    called: str


_SHAPES: Mapping[str, _Shape] = MappingProxyType(
    {
        "bookings": _Shape(event_of, cells_of_event, "webhook event"),
        "lead_details": _Shape(lead_of, cells_of_lead, "answer with lead_details"),
    }
)


def row_kind(value: JsonValue) -> str | None:
    """The kind of rows a JSON value belongs to, or None for a stranger."""
    return next((kind for kind, shape in _SHAPES.items() if shape.find(value) is not None), None)


def json_rows(export: Export, file: TextIO) -> Iterator[SourceRow | RowProblem]:
    """Yield every value of a JSON export as a row; one that is broken or of another shape is a problem by itself."""
    entries = line_entries(file) if export.form == "json_lines" else document_entries(file)
    try:
        for entry in entries:
            yield _row(export, entry)
    except NotJson as error:
        # Only a file that changed after it was recognised comes here; verification names it.
        yield _problem(export, Entry(1, "", None), f"no JSON any more ({error})")


def _row(export: Export, entry: Entry) -> SourceRow | RowProblem:
    shape = _SHAPES[export.kind]
    if entry.broken is not None:
        return _problem(export, entry, entry.broken)
    found = shape.find(entry.value)
    if found is None:
        return _problem(export, entry, f"no {shape.called}{_complaint(entry.value)}")
    try:
        cells = shape.cells(found)
    except RecursionError:
        return _problem(export, entry, "nested too deeply")
    long = next((name for name, cell in cells.items() if len(cell) > MAX_CELL), None)
    if long is not None:
        return _problem(export, entry, f"a value is longer than {MAX_CELL} characters", long)
    return SourceRow(kind=export.kind, file=export.name, line=entry.line, cells=cells)


def _complaint(value: JsonValue) -> str:
    """What the API answered instead (kartra.md section 6.1: errors come with status, message and type)."""
    said = field(value, "message") if isinstance(value, dict) else ""
    return f" ({' '.join(said.split())[:200]})" if said else ""


def _problem(export: Export, entry: Entry, detail: str, column: str | None = None) -> RowProblem:
    return RowProblem(
        kind=export.kind,
        file=export.name,
        line=entry.line,
        column=column,
        reason="row_malformed",
        detail=detail,
        raw=(entry.raw,),
    )
