"""One pass over the exports: every column's cells in short, tags and lists by file, and what the account describes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from adapters.kartra import Description, Export, Scan, read, read_account_names, read_custom_fields
from adapters.mapping import KINDS, Gathered, MappingConfig
from adapters.mapping.dates import SlashDates
from adapters.mapping.homes import homes
from adapters.mapping.profile import Column
from adapters.mapping.proposal import Described, Seen, plain
from adapters.mapping.strategies import Evidence
from adapters.mapping.types import SourceRow

_NAMES_OF = {"account_tags": "tags", "account_lists": "lists"}
_AMOUNT = "amount"


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass found: columns in order of first sight, rows by kind, evidence, and descriptions of own fields."""

    columns: tuple[Seen, ...]
    rows: Mapping[str, int]
    evidence: Evidence
    described: Mapping[str, Described]
    gathered: Gathered


def look(found: Scan, config: MappingConfig, advance: Callable[[int], None]) -> Looked:
    """Read every row once. Rows that will be held are looked at too: their columns are columns.

    Raises:
        KartraError: a file cannot be read.
    """
    looker = _Looker(config)
    for export in found.exports:
        looker.begin(export)
        for row in read(export):
            if isinstance(row, SourceRow):
                looker.add(row)
            advance(1)
    return looker.looked(found.descriptions)


class _Looker:
    """Takes in rows, and keeps of each column what its profile needs."""

    def __init__(self, config: MappingConfig) -> None:
        self._known = homes(config)
        self._skipped = config.person.skip
        self._columns: dict[tuple[str, str], Column] = {}
        self._rows: Counter[str] = Counter()
        self._gathered = Gathered(config)

    def begin(self, export: Export) -> None:
        """Name the columns of a header, so that empty ones are known too; further columns of one name are that one."""
        kind = KINDS.get(export.kind, export.kind)
        for name in export.columns:
            if name not in export.repeats:
                self._column(kind, name)

    def add(self, row: SourceRow) -> None:
        """Take in a row."""
        kind = KINDS.get(row.kind, row.kind)
        self._rows[kind] += 1
        for name, cell in row.cells.items():
            self._column(kind, name).add(cell)
        self._gathered.add([row])

    def looked(self, descriptions: Iterable[Description]) -> Looked:
        """What was seen, with what the account says of itself."""
        told = tuple(descriptions)
        seen = tuple(
            Seen(kind=kind, column=name, profile=column.profile(self._rows[kind]))
            for (kind, name), column in self._columns.items()
        )
        return Looked(
            columns=seen,
            rows=dict(self._rows),
            evidence=self._evidence(seen, told),
            described=dict(_described(told)),
            gathered=self._gathered,
        )

    def _column(self, kind: str, name: str) -> Column:
        column = self._columns.get((kind, name))
        if column is None:
            known = (kind, plain(name)) in self._known or name in self._skipped
            column = self._columns[kind, name] = Column(guess=not known)
        return column

    def _evidence(self, seen: Sequence[Seen], descriptions: Iterable[Description]) -> Evidence:
        orders: Counter[SlashDates] = Counter()
        for one in seen:
            orders.update(one.profile.orders)
        return Evidence(
            orders=dict(orders),
            ambiguous=sum(one.profile.ambiguous for one in seen),
            currencies=_currencies(seen),
            name_cells={
                column: {file: tuple(cells) for file, cells in by_file.items()}
                for column, by_file in self._gathered.name_cells().items()
                if by_file
            },
            listed={
                _NAMES_OF[file.kind]: read_account_names(file.path) for file in descriptions if file.kind in _NAMES_OF
            },
        )


def _currencies(seen: Iterable[Seen]) -> dict[str, int]:
    """Code → filled cells, of the transactions' amount columns whose header names one."""
    coded = ((one.column.partition(":"), one.profile.filled) for one in seen if one.kind == "transactions")
    return {code: filled for (base, _, code), filled in coded if base == _AMOUNT and code and filled}


def _described(descriptions: Iterable[Description]) -> Iterator[tuple[str, Described]]:
    for file in descriptions:
        if file.kind == "custom_fields":
            for field in read_custom_fields(file.path):
                yield field.identifier, Described(type=field.type, options=field.options)
