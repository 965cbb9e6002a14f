"""Whether rows that look different say the same: laid over what a stream's rows said so far, they change nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.kartra import Export, read
from adapters.mapping import KINDS, Gathered, MappingConfig, Vocabulary, bookings_said, load_mapping, merge, vocabulary
from adapters.mapping.types import SourceRow
from commands.making.prepared import source_row
from commands.mapping import mapping_of_run
from ledger import work
from ledger.projections.runs import Run
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.waves import name_cells


class Wording:
    """Compares what rows say, with the separators and the columns of a run's mapping."""

    def __init__(self, reader: Reader, config: MappingConfig, words: Vocabulary, before: int) -> None:
        self._reader = reader
        self._config = config
        self._words = words
        self._before = before

    @classmethod
    async def of(cls, ledger: Ledger, run: Run | None, files: Sequence[Export]) -> "Wording":
        """For the files of a run, which are gone through for what parts their tags and lists."""
        signed = await mapping_of_run(ledger, run.mapping_hash) if run and run.mapping_hash else None
        config = signed.config if signed else load_mapping(None)
        gathered = Gathered(config)
        columns = frozenset(gathered.name_cells())
        contacts = [export for export in files if KINDS.get(export.kind, export.kind) == "contacts"]
        for column in columns if contacts else ():
            cells = await name_cells(ledger.reader, column)
            gathered.add(_contact(name, {column: cell}) for name, cell in cells)
        for export in contacts:
            gathered.add(_names_only(row, columns) for row in read(export) if isinstance(row, SourceRow))
        return cls(ledger.reader, config, vocabulary(gathered, config), run.position if run else 0)

    async def same(self, later: Mapping[str, Sequence[SourceRow]], *, complete: bool) -> set[str]:
        """The streams of which later rows, oldest first, say nothing that was not said before."""
        earlier = await work.rows_of(self._reader, list(later))
        same: set[str] = set()
        for bodies in earlier:
            stream = bodies[0].source_key
            rows = [source_row(body) for body in bodies if body.wave < self._before]
            wave = [msgspec.structs.replace(row, wave=self._before, complete=complete) for row in later[stream]]
            if rows and self._said(rows) == self._said([*rows, *wave]):
                same.add(stream)
        return same

    def _said(self, rows: Sequence[SourceRow]) -> Any:
        merged = merge(rows, self._words)
        names = {column: frozenset(names) for column, names in merged.names.items()}
        events = bookings_said(rows, self._config, self._words) if rows[0].kind == "bookings" else {}
        # What a booking's rows say of its events is told event by event, not by the newest row alone.
        return events or (merged.cells, names)


def _contact(file: str, cells: Mapping[str, str]) -> SourceRow:
    return SourceRow(kind="contacts", file=file, line=0, cells=cells)


def _names_only(row: SourceRow, columns: frozenset[str]) -> SourceRow:
    return _contact(row.file, {column: row.cells[column] for column in columns & row.cells.keys()})
