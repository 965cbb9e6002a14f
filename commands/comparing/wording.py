"""Whether rows that look different say the same: laid over what a stream's rows said so far, they change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import msgspec

from adapters.kartra import Export, read
from adapters.mapping import KINDS, Gathered, MappingConfig, Vocabulary, bookings_said, load_mapping, merge, vocabulary
from adapters.mapping.splitting import possible_separators
from adapters.mapping.text import present
from adapters.mapping.types import SourceRow
from commands.making.prepared import source_row
from commands.mapping import mapping_of_run
from ledger import work
from ledger.projections import departures
from ledger.projections.runs import Run
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.waves import name_cells

_CONTACTS = "contacts"
_BOOKINGS = "bookings"
_WAYS = 16
"""Ways to part a stream's names that are tried before all cells are asked which it is."""


class _Any(dict[str, str]):
    """A separator of any file's, where it does not matter which."""

    def __missing__(self, _file: str) -> str:
        return ","


class Wording:
    """Compares what rows say, with the separators and the columns of a run's mapping.

    What parts the names of a cell is told by all cells of its file. It is asked for only where two rows are the same or
    not depending on that: nobody goes through an account's contacts for a changed score, or for one more tag.
    """

    def __init__(
        self, reader: Reader, config: MappingConfig, files: Sequence[Export], before: int, *, whole: bool
    ) -> None:
        self._reader = reader
        self._whole = whole
        self._config = config
        self._files = [export for export in files if KINDS.get(export.kind, export.kind) == _CONTACTS]
        self._words: Vocabulary | None = None
        self._before = before
        self._listed = Gathered(config).name_cells().keys()

    @classmethod
    async def of(cls, ledger: Ledger, run: Run | None, files: Sequence[Export]) -> "Wording":
        """For the files of a run."""
        signed = await mapping_of_run(ledger, run.mapping_hash) if run and run.mapping_hash else None
        config = signed.config if signed else load_mapping(None)
        # A cell that lost what names an erased person does not tell what it was parted by.
        whole = not await departures.suppressed(ledger.reader)
        return cls(ledger.reader, config, files, run.position if run else 0, whole=whole)

    async def same(self, later: Mapping[str, Sequence[SourceRow]], *, complete: bool) -> set[str]:
        """The streams of which later rows, oldest first, say nothing that was not said before."""
        alike: list[tuple[str, list[SourceRow], list[SourceRow]]] = []
        for bodies in await work.rows_of(self._reader, list(later)):
            stream = bodies[0].source_key
            rows = [source_row(body) for body in bodies if body.wave < self._before]
            wave = [msgspec.structs.replace(row, wave=self._before, complete=complete) for row in later[stream]]
            if rows and not self._differ(rows[-1], wave):
                alike.append((stream, rows, [*rows, *wave]))
        told = {stream: self._told_apart(rows, every) for stream, rows, every in alike}
        same = {stream for stream, verdict in told.items() if verdict}
        left = [one for one in alike if told[one[0]] is None and self._have_equal_cells(*one[1:])]
        if left:
            words = await self._vocabulary()
            same |= {stream for stream, rows, every in left if self._are_same(rows, every, words)}
        return same

    def _told_apart(self, rows: Sequence[SourceRow], every: Sequence[SourceRow]) -> bool | None:
        """Whether rows say the same, where whatever may part their names has it so; None where it hangs on that."""
        ways = list(islice(self._ways(every), _WAYS + 1))
        if len(ways) > _WAYS or not self._whole:
            return None
        verdicts = {self._are_same(rows, every, self._parted(separators)) for separators in ways}
        return verdicts.pop() if len(verdicts) == 1 else None

    def _ways(self, rows: Sequence[SourceRow]) -> Iterator[Mapping[str, dict[str, str]]]:
        """Column, file → separator, in every way that some of the files' rows leave open."""
        cells: dict[tuple[str, str], list[str]] = {}
        for row in rows if KINDS.get(rows[0].kind, rows[0].kind) == _CONTACTS else ():
            for column in self._listed & row.cells.keys():
                cells.setdefault((column, row.file), []).append(row.cells[column])
        declared = self._config.source.separators
        for parts in product(*(possible_separators(texts, declared.get(name)) for (name, _), texts in cells.items())):
            way: dict[str, dict[str, str]] = {column: {} for column in self._listed}
            for (column, file), separator in zip(cells, parts, strict=True):
                way[column][file] = separator
            yield way

    def _parted(self, separators: Mapping[str, Mapping[str, str]]) -> Vocabulary:
        known = self._config.source.known_names
        return Vocabulary(separators=separators, known_names=known, options={}, labels={}, custom={})

    def _are_same(self, rows: Sequence[SourceRow], every: Sequence[SourceRow], words: Vocabulary) -> bool:
        return bool(self._said(rows, words) == self._said(every, words))

    def _differ(self, last: SourceRow, wave: Sequence[SourceRow]) -> bool:
        """Whether one row plainly changes what the newest one before it says: no merging is needed to see that."""
        [row, *others] = wave
        if others or row.kind == _BOOKINGS:
            return False
        before, now = last.cells, row.cells
        return any(
            now.get(column) != text and self._is_told(column) and present(text) != present(now.get(column))
            for column, text in before.items()
            if column in row.columns and present(text) is not None
        )

    def _is_told(self, column: str) -> bool:
        """Whether a cell is its column's whole word: no list of names, no identity, no sum in one of several monies."""
        return ":" not in column and column != "email" and column not in self._listed

    def _have_equal_cells(self, rows: Sequence[SourceRow], every: Sequence[SourceRow]) -> bool:
        """Whether rows may say the same, as far as cells tell that hold no lists of names."""
        if rows[0].kind == _BOOKINGS:
            return True
        words = _apart(self._config)
        return merge(rows, words).cells == merge(every, words).cells

    async def _vocabulary(self) -> Vocabulary:
        if self._words is None:
            gathered = Gathered(self._config)
            columns = frozenset(gathered.name_cells())
            for column in columns if self._files else ():
                cells = await name_cells(self._reader, column)
                gathered.add(_contact(name, {column: cell}) for name, cell in cells)
            for export in self._files:
                gathered.add(_names_only(row, columns) for row in read(export) if isinstance(row, SourceRow))
            self._words = vocabulary(gathered, self._config)
        return self._words

    def _said(self, rows: Sequence[SourceRow], words: Vocabulary) -> Any:
        merged = merge(rows, words)
        names = {column: frozenset(names) for column, names in merged.names.items()}
        events = bookings_said(rows, self._config, words) if rows[0].kind == _BOOKINGS else {}
        # What a booking's rows say of its events is told event by event, not by the newest row alone.
        return events or (merged.cells, names)


def _apart(config: MappingConfig) -> Vocabulary:
    """Words enough to set the cells with names apart from the others."""
    columns = Gathered(config).name_cells()
    return Vocabulary(
        separators={column: _Any() for column in columns}, known_names={}, options={}, labels={}, custom={}
    )


def _contact(file: str, cells: Mapping[str, str]) -> SourceRow:
    return SourceRow(kind=_CONTACTS, file=file, line=0, cells=cells)


def _names_only(row: SourceRow, columns: frozenset[str]) -> SourceRow:
    return _contact(row.file, {column: row.cells[column] for column in columns & row.cells.keys()})
