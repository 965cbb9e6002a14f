"""What the files say about the mapping as a whole: order of dates, currency, separators, form of tags and lists."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from adapters.mapping.config import MappingConfig, Names
from adapters.mapping.dates import SlashDates
from adapters.mapping.splitting import COMMA, LISTED, detect_separator, split_names
from adapters.mapping.text import one_line
from adapters.mapping.types import JsonValue

MOST_OPTIONS = 300
"""Distinct names from which they are proposed as records of their own (DESIGN section 5)."""


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of the mapping: its path, the value proposed, why, and whether that is not what the mapping says."""

    path: tuple[str, ...]
    value: JsonValue
    confidence: float
    reason: str
    changed: bool


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen.

    Dates that prove an order, and those that need it; codes in money headers, with filled cells; cells of names by
    column and file; names as the account lists them, by column.
    """

    orders: Mapping[SlashDates, int]
    ambiguous: int
    currencies: Mapping[str, int]
    name_cells: Mapping[str, Mapping[str, tuple[str, ...]]]
    listed: Mapping[str, tuple[str, ...]] = {}


def strategies(config: MappingConfig, seen: Evidence) -> tuple[Strategy, ...]:
    """The settings the evidence speaks about."""
    sections = {place: names for place, names in (("tags", config.tags), ("lists", config.lists)) if names is not None}
    return (
        *_slash_dates(config, seen),
        *_currency(config, seen.currencies),
        *(found for names in sections.values() for found in _known_names(config, names.column, seen)),
        *(found for names in sections.values() for found in _separator(config, names.column, seen)),
        *(_form(place, config, names, seen) for place, names in sections.items() if names.column in seen.name_cells),
    )


def order_of(found: Iterable[Strategy], config: MappingConfig) -> SlashDates:
    """The order of slashed dates once these strategies are taken."""
    proposed = (one.value for one in found if one.path == ("source", "slash_dates"))
    order: SlashDates = next(proposed, config.source.slash_dates)
    return order


def _slash_dates(config: MappingConfig, seen: Evidence) -> Iterator[Strategy]:
    days, months = seen.orders.get("day-first", 0), seen.orders.get("month-first", 0)
    if not days + months + seen.ambiguous:
        return
    current = config.source.slash_dates
    order: SlashDates = "day-first" if days else "month-first"
    proved = max(days, months)
    if days and months:
        told = f"{days:,} dates have the day first and {months:,} the month: those that prove nothing are left out"
        yield _strategy(("source", "slash_dates"), current, 0.5, told, current)
    elif not proved:
        told = f"nothing proves the order of {seen.ambiguous:,} dates like 03/04/2026: they are left out"
        yield _strategy(("source", "slash_dates"), current, 0.5, told, current)
    else:
        told = f"{proved:,} dates prove it, none the other order; {seen.ambiguous:,} dates need it"
        yield _strategy(("source", "slash_dates"), order, proved / (proved + 1), told, current)


def _currency(config: MappingConfig, currencies: Mapping[str, int]) -> Iterator[Strategy]:
    """The currency of most amounts of transactions, for the amounts elsewhere that name none."""
    if not currencies:
        return
    code = max(currencies, key=lambda one: (currencies[one], one))
    share = currencies[code] / (sum(currencies.values()) or 1)
    also = f"; also {', '.join(sorted(set(currencies) - {code}))}" if len(currencies) > 1 else ""
    told = f"the transactions' header names {code}{also}"
    yield _strategy(("source", "currency"), code, share, told, config.source.currency)


def _known_names(config: MappingConfig, column: str, seen: Evidence) -> Iterator[Strategy]:
    """Names that hold a comma, as the account's list or files with another separator have them, met between commas."""
    by_file = seen.name_cells.get(column, {})
    separators = {file: detect_separator(cells) for file, cells in by_file.items()}
    if COMMA not in separators.values():
        return
    parted = {
        name
        for file, cells in by_file.items()
        if separators[file] != COMMA
        for cell in cells
        for name in split_names(cell, separators[file])
    }
    proved = {name for name in (*parted, *seen.listed.get(column, ())) if COMMA in name}
    declared = config.source.known_names.get(column, frozenset())
    met = sorted(name for name in proved if _meets(name, by_file, separators))
    if met and not declared.issuperset(met):
        told = f"the account's list or other files have names with a comma, met here: {len(met)}"
        value = sorted({*met, *declared})
        yield _strategy(("source", "known_names", column), value, 0.95, told, sorted(declared))


def _meets(name: str, by_file: Mapping[str, Iterable[str]], separators: Mapping[str, str]) -> bool:
    between_commas = (cell for file, cells in by_file.items() if separators[file] == COMMA for cell in cells)
    return any(name in one_line(cell) for cell in between_commas)


def _separator(config: MappingConfig, column: str, seen: Evidence) -> Iterator[Strategy]:
    """A comma is written down where nothing but commas was seen: a person may know of names that hold one."""
    by_file = seen.name_cells.get(column, {})
    separators = {detect_separator(cells) for cells in by_file.values()}
    parted = [cell for cells in by_file.values() for cell in cells if COMMA in cell]
    if separators != {COMMA} or not parted or LISTED in separators:
        return
    alone = {one_line(cell) for cells in by_file.values() for cell in cells if COMMA not in cell}
    parts = {name for cell in parted for name in split_names(cell, COMMA)}
    share = len(parts & alone) / (len(parts) or 1)
    told = f"only commas were seen; {len(parts & alone)} of {len(parts)} names stand alone elsewhere"
    current = config.source.separators.get(column)
    yield _strategy(("source", "separators", column), COMMA, 0.5 + share / 2, told, current)


def _form(place: str, config: MappingConfig, names: Names, seen: Evidence) -> Strategy:
    known = config.source.known_names.get(names.column, frozenset())
    distinct = {
        name
        for cells in seen.name_cells[names.column].values()
        for separator in (detect_separator(cells),)
        for cell in cells
        for name in split_names(cell, separator, known)
    }
    many = len(distinct) > MOST_OPTIONS
    told = f"{len(distinct):,} distinct {place}; {'more' if many else 'not more'} than {MOST_OPTIONS}"
    return _strategy((place, "as"), "objects" if many else names.form, 0.9, told, names.form)


def _strategy(path: tuple[str, ...], value: JsonValue, confidence: float, reason: str, current: JsonValue) -> Strategy:
    return Strategy(path=path, value=value, confidence=round(confidence, 2), reason=reason, changed=value != current)
