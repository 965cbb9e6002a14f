"""What has to be seen of all rows before one can be mapped: separators, options, the account's own columns, companies.

A first pass adds every row to a Gathered; `vocabulary` then settles it against what Twenty has already. Adding is a
fold: rows may come in any number of steps, and only distinct cells are kept.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Self

import msgspec

from adapters.mapping.config import TYPES, MappingConfig
from adapters.mapping.distinct import Distinct
from adapters.mapping.options import assign_options
from adapters.mapping.scalars import GDPR_STATUSES
from adapters.mapping.splitting import LISTED, detect_separator, split_names
from adapters.mapping.statuses import status_text
from adapters.mapping.targets import COMPANY, KINDS, PERSON, relation_plans, targets
from adapters.mapping.text import clean, fold, one_line
from adapters.mapping.transactions import TRANSACTION_TYPES
from adapters.mapping.types import FieldPlan, SourceRow

_NAME_LENGTH = 63
_WORD = re.compile(r"[a-z0-9]+")
_CHOSEN = frozenset({"option", "status"})
_FIXED = {"gdpr_status": GDPR_STATUSES, "transaction_type": TRANSACTION_TYPES}


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """What mapping one row needs to know of all of them; JSON can hold it.

    `separators`: column, file → separator. `known_names`: column → names kept whole. `options`: `object.field`, text as
    Kartra has it → option value. `labels`: `object.field`, option value → label, known ones first. `custom`: column →
    field of a person.
    """

    separators: Mapping[str, Mapping[str, str]]
    known_names: Mapping[str, frozenset[str]]
    options: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, str]]
    custom: Mapping[str, str]


class Gathered:
    """The distinct cells and columns of the rows seen so far, in order of first sight."""

    def __init__(self, config: MappingConfig) -> None:
        self._claimed = config.contact_columns
        self._company = {"contacts": config.person.company}
        if config.opportunity is not None:
            self._company["transactions"] = config.opportunity.company
        self._cells = {column: defaultdict[str, Distinct](Distinct) for column in _name_columns(config)}
        self._chosen: dict[tuple[str, str], dict[str, None]] = {choice: {} for choice in _choices(config)}
        self._columns: dict[str, None] = {}
        self._known = set(config.contact_columns)
        self._companies = Distinct()

    def add(self, rows: Iterable[SourceRow]) -> Self:
        """Take in more rows, oldest first."""
        for row in rows:
            self.add_cells(row.kind, row.file, (row.cells,))
        return self

    def add_cells(self, kind: str, file: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Take in the cells of more rows of one file, oldest first. One column may be read in several ways."""
        kind = KINDS.get(kind, kind)
        company = self._company.get(kind)
        chosen = [(column, seen) for (of, column), seen in self._chosen.items() if of == kind]
        named = list(self._cells.items()) if kind == "contacts" else []
        for cells in rows:
            if company is not None and company in cells:
                self._companies.add(cells[company])
            for column, seen in chosen:
                if column in cells:
                    seen.setdefault(cells[column])
            for column, files in named:
                if column in cells:
                    files[file].add(cells[column])
            if kind == "contacts" and not cells.keys() <= self._known:
                self._meet(cells)

    @property
    def company_spellings(self) -> Iterable[str]:
        """Every distinct cell of a column that names a company."""
        return self._companies

    @property
    def custom_columns(self) -> tuple[str, ...]:
        """The columns no field names and nothing keeps out: the account's own fields."""
        return tuple(self._columns)

    def name_cells(self) -> Mapping[str, Mapping[str, Iterable[str]]]:
        """Column, file → the distinct cells that hold several names."""
        return self._cells

    def choices(self, kind: str, column: str) -> Iterable[str]:
        """The distinct cells of a single choice."""
        return self._chosen[kind, column]

    def _meet(self, columns: Iterable[str]) -> None:
        self._columns.update(dict.fromkeys(column for column in columns if column not in self._claimed))
        self._known.update(columns)


def gather(rows: Iterable[SourceRow], config: MappingConfig) -> Gathered:
    """Gather one stream of rows; `Gathered.add` takes more."""
    return Gathered(config).add(rows)


def vocabulary(
    gathered: Gathered,
    config: MappingConfig,
    *,
    known_options: Mapping[str, Mapping[str, str]] | None = None,
    known_fields: Mapping[str, str] | None = None,
) -> Vocabulary:
    """Settle what was gathered.

    `known_options` is `object.field`, option value → label, and `known_fields` column → field, as they stand in Twenty
    or the ledger: both are kept as they are.
    """
    separators = _separators(gathered, config)
    every: dict[str, dict[str, None]] = {}
    for field, texts in _texts(gathered, config, separators):
        every.setdefault(field, {}).update(dict.fromkeys(texts))
    settled = {field: assign_options(texts, (known_options or {}).get(field, {})) for field, texts in every.items()}
    return Vocabulary(
        separators=separators,
        known_names=config.source.known_names,
        options={field: options.values for field, options in settled.items()},
        labels={field: options.labels for field, options in settled.items()},
        custom=_custom_fields(gathered.custom_columns, config, known_fields or {}),
    )


def plans(config: MappingConfig, words: Vocabulary) -> tuple[FieldPlan, ...]:
    """The custom fields and relations that must exist before these records are written, object by object."""
    every: dict[tuple[str, str], FieldPlan] = {}
    for plan in (*_field_plans(config, words), *relation_plans(config)):
        # Two kinds of rows may fill one field: sales, and subscriptions that are written as opportunities.
        every.setdefault((plan.object, plan.name), plan)
    # A select without options is refused (FACTS section 10), and without options it has no values either.
    return tuple(plan for plan in every.values() if plan.options or "SELECT" not in plan.type)


def choice_text(transform: str, cell: str) -> str | None:
    """The text of a single choice: one line, known statuses in one spelling; None for an empty cell."""
    return status_text(cell) if transform == "status" else _option_text(cell)


def _option_text(cell: str) -> str | None:
    text = clean(cell).value
    return one_line(text) if text else None


def _field_plans(config: MappingConfig, words: Vocabulary) -> Iterator[FieldPlan]:
    for target in targets(config):
        for name, spec in target.fields.items():
            if spec.label is not None:
                yield FieldPlan(
                    object=target.object,
                    name=name,
                    label=spec.label,
                    type=TYPES[spec.transform],
                    options=_options(f"{target.object}.{name}", spec.transform, words),
                )
        if target.object == PERSON:
            yield from _own_plans(words)
            yield from _company_plans(config)


def _own_plans(words: Vocabulary) -> Iterator[FieldPlan]:
    for column, name in words.custom.items():
        yield FieldPlan(object=PERSON, name=name, label=_label(column), type="TEXT")


def _company_plans(config: MappingConfig) -> Iterator[FieldPlan]:
    for name, spec in config.company.fields.items():
        if spec.label is not None:
            yield FieldPlan(object=COMPANY, name=name, label=spec.label, type=TYPES[spec.transform])


def _options(field: str, transform: str, words: Vocabulary) -> Mapping[str, str]:
    return _FIXED[transform] if transform in _FIXED else words.labels.get(field, {})


def _name_columns(config: MappingConfig) -> frozenset[str]:
    options = (spec.columns[0] for spec in config.person_fields.values() if spec.transform == "options")
    return frozenset((*options, *(names.column for names in config.names)))


def _choices(config: MappingConfig) -> Iterator[tuple[str, str]]:
    for target in targets(config):
        for spec in target.fields.values():
            if spec.transform in _CHOSEN:
                yield target.kind, spec.columns[0]


def _separators(gathered: Gathered, config: MappingConfig) -> dict[str, dict[str, str]]:
    declared = config.source.separators
    return {
        column: {file: _separator(cells, declared.get(column)) for file, cells in by_file.items()}
        for column, by_file in gathered.name_cells().items()
    }


def _separator(cells: Iterable[str], declared: str | None) -> str:
    """What parts names in a file's cells, as declared; the API's answers list them, whatever exports do."""
    found = detect_separator(cells)
    return found if declared is None or found == LISTED else declared


def _texts(
    gathered: Gathered, config: MappingConfig, separators: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Iterable[str]]]:
    """`object.field` → the option texts of its column, in order of first sight."""
    for target in targets(config):
        for field, spec in target.fields.items():
            name = f"{target.object}.{field}"
            if spec.transform == "options":
                yield name, _names_in(gathered, config, spec.columns[0], separators)
            elif spec.transform in _CHOSEN:
                cells = gathered.choices(target.kind, spec.columns[0])
                chosen = (choice_text(spec.transform, cell) for cell in cells)
                yield name, filter(None, chosen)


def _names_in(
    gathered: Gathered, config: MappingConfig, column: str, separators: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    known = config.source.known_names.get(column, frozenset())
    for file, cells in gathered.name_cells()[column].items():
        for cell in cells:
            yield from split_names(cell, separators[column][file], known)


def _custom_fields(columns: Iterable[str], config: MappingConfig, known: Mapping[str, str]) -> dict[str, str]:
    taken = {*config.person.fields, *known.values()}
    named: dict[str, str] = {}
    for column in columns:
        name = known.get(column) or _field_name(column, config.person.custom.prefix, taken)
        taken.add(name)
        named[column] = name
    return named


def _field_name(column: str, prefix: str, taken: AbstractSet[str]) -> str:
    """`prefix` and the column in Pascal case, with digits of its hash where that is empty, too long or taken."""
    plain = prefix + "".join(word.capitalize() for word in _WORD.findall(fold(column)))
    if plain != prefix and plain not in taken and len(plain) <= _NAME_LENGTH:
        return plain
    digest = hashlib.sha256(column.encode("utf-8", "surrogatepass")).hexdigest()
    hashed = (f"{plain[: _NAME_LENGTH - digits - 1]}X{digest[:digits]}" for digits in range(4, 33))
    return next(name for name in hashed if name not in taken)


def _label(column: str) -> str:
    """A label people read: the column's name as words."""
    return f"{one_line(column.replace('_', ' ')).capitalize()} (Kartra)"
