"""What has to be seen of all rows before one can be mapped: separators, options, the account's own columns, companies.

A first pass adds every row to a Gathered; `vocabulary` then settles it against what Twenty has already. Adding is a
fold: rows may come in any number of steps, and only distinct cells are kept.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Self

import msgspec

from adapters.mapping.config import TYPES, MappingConfig
from adapters.mapping.options import assign_options
from adapters.mapping.scalars import GDPR_STATUSES
from adapters.mapping.splitting import detect_separator, split_names
from adapters.mapping.text import clean, fold, one_line
from adapters.mapping.types import FieldPlan, SourceRow

_NAME_LENGTH = 63
_WORD = re.compile(r"[a-z0-9]+")


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """What mapping one row needs to know of all of them; JSON can hold it.

    `separators`: column, file → separator. `known_names`: column → names kept whole. `options`: field, text as Kartra
    has it → option value. `labels`: field, option value → label, known ones first. `custom`: column → field.
    """

    separators: Mapping[str, Mapping[str, str]]
    known_names: Mapping[str, frozenset[str]]
    options: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, str]]
    custom: Mapping[str, str]


class Gathered:
    """The distinct cells and columns of the rows seen so far, in order of first sight."""

    def __init__(self, config: MappingConfig) -> None:
        person = config.person
        self._claimed = person.claimed
        self._company = person.company
        self._names = _columns_of(config, "options")
        self._choices = _columns_of(config, "option")
        self._cells: dict[str, dict[str, dict[str, None]]] = {column: {} for column in self._names}
        self._chosen: dict[str, dict[str, None]] = {column: {} for column in self._choices}
        self._columns: dict[str, None] = {}
        self._companies: dict[str, None] = {}

    def add(self, rows: Iterable[SourceRow]) -> Self:
        """Take in more rows, oldest first."""
        for row in rows:
            self._add(row)
        return self

    @property
    def company_spellings(self) -> tuple[str, ...]:
        """Every distinct cell of the company column."""
        return tuple(self._companies)

    @property
    def custom_columns(self) -> tuple[str, ...]:
        """The columns no field names and nothing keeps out: the account's own fields."""
        return tuple(self._columns)

    def name_cells(self) -> Mapping[str, Mapping[str, Iterable[str]]]:
        """Column, file → the distinct cells that hold several names."""
        return self._cells

    def choices(self) -> Mapping[str, Iterable[str]]:
        """Column → the distinct cells of a single choice."""
        return self._chosen

    def _add(self, row: SourceRow) -> None:
        for column, cell in row.cells.items():
            if column == self._company:
                self._companies.setdefault(cell)
            elif column in self._names:
                self._cells[column].setdefault(row.file, {}).setdefault(cell)
            elif column in self._choices:
                self._chosen[column].setdefault(cell)
            elif column not in self._claimed:
                self._columns.setdefault(column)


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

    `known_options` is field, option value → label, and `known_fields` column → field, as they stand in Twenty or the
    ledger: both are kept as they are.
    """
    separators = _separators(gathered, config)
    settled = {
        field: assign_options(texts, (known_options or {}).get(field, {}))
        for field, texts in _texts(gathered, config, separators).items()
    }
    return Vocabulary(
        separators=separators,
        known_names=config.source.known_names,
        options={field: options.values for field, options in settled.items()},
        labels={field: options.labels for field, options in settled.items()},
        custom=_custom_fields(gathered.custom_columns, config, known_fields or {}),
    )


def plans(config: MappingConfig, words: Vocabulary) -> tuple[FieldPlan, ...]:
    """The custom fields that must exist before these records are written: of people, then of companies."""
    named = (
        FieldPlan(
            object="person",
            name=name,
            label=spec.label,
            type=TYPES[spec.transform],
            options=_options(name, spec.transform, words),
        )
        for name, spec in config.person.fields.items()
        if spec.label is not None
    )
    own = (
        FieldPlan(object="person", name=name, label=_label(column), type="TEXT")
        for column, name in words.custom.items()
    )
    company = (
        FieldPlan(object="company", name=name, label=spec.label, type=TYPES[spec.transform])
        for name, spec in config.company.fields.items()
        if spec.label is not None
    )
    # A select without options is refused (FACTS section 10), and without options it has no values either.
    return tuple(plan for plan in (*named, *own, *company) if plan.options or "SELECT" not in plan.type)


def _options(name: str, transform: str, words: Vocabulary) -> Mapping[str, str]:
    return GDPR_STATUSES if transform == "gdpr_status" else words.labels.get(name, {})


def _columns_of(config: MappingConfig, transform: str) -> frozenset[str]:
    return frozenset(spec.columns[0] for spec in config.person.fields.values() if spec.transform == transform)


def _separators(gathered: Gathered, config: MappingConfig) -> dict[str, dict[str, str]]:
    declared = config.source.separators
    return {
        column: {file: declared.get(column) or detect_separator(cells) for file, cells in by_file.items()}
        for column, by_file in gathered.name_cells().items()
    }


def _texts(
    gathered: Gathered, config: MappingConfig, separators: Mapping[str, Mapping[str, str]]
) -> dict[str, list[str]]:
    """Field → the option texts of its column, in order of first sight."""
    texts: dict[str, list[str]] = {}
    for field, spec in config.person.fields.items():
        column = spec.columns[0]
        if spec.transform == "options":
            known = config.source.known_names.get(column, frozenset())
            texts[field] = [
                name
                for file, cells in gathered.name_cells()[column].items()
                for cell in cells
                for name in split_names(cell, separators[column][file], known)
            ]
        elif spec.transform == "option":
            chosen = (option_text(cell) for cell in gathered.choices()[column])
            texts[field] = [text for text in chosen if text]
    return texts


def option_text(cell: str) -> str | None:
    """The text of a single choice: one line, or None for an empty cell."""
    text = clean(cell).value
    return one_line(text) if text else None


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
