"""A merged row to the record of one object, field by field as the mapping says."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from adapters.mapping.config import MappingConfig
from adapters.mapping.merge import Merged
from adapters.mapping.targets import PERSON, Target
from adapters.mapping.transforms import TRANSFORMS, Context, Noticed, Read, own_field
from adapters.mapping.types import JsonValue, Link, MappingWarning, Record
from adapters.mapping.vocabulary import Vocabulary


class Fields(NamedTuple):
    """The fields of an object, each with what reads it from a merged row; `columns` are those it looks at."""

    object: str
    reads: tuple[tuple[str, Read], ...]
    columns: frozenset[str]


def fields_of(target: Target, config: MappingConfig, words: Vocabulary, moment: str = "") -> Fields:
    """The fields that rows of a kind become, made ready once for all rows.

    `moment` tells past from future, as Twenty stores times.
    """
    source = config.source
    zone = source.zone
    reads: dict[str, Read] = {}
    for name, spec in target.fields.items():
        options = words.options.get(f"{target.object}.{name}", {})
        context = Context(zone, source.slash_dates, source.currency, options, moment)
        reads[name] = TRANSFORMS[spec.transform](spec, context)
    if target.object == PERSON:
        reads |= {name: own_field(column) for column, name in words.custom.items()}
    columns = (column for spec in target.fields.values() for column in spec.columns)
    return Fields(target.object, tuple(reads.items()), frozenset(columns))


def record(
    fields: Fields,
    source_key: str,
    merged: Merged,
    links: Mapping[str, Link],
    warnings: Iterable[MappingWarning] = (),
) -> Record:
    """A record of these fields, in Twenty's stored form; fields without a value are left out."""
    noticed: Noticed = [*warnings]
    values: dict[str, JsonValue] = {}
    for name, read in fields.reads:
        value = read(merged, noticed)
        if value is not None:
            values[name] = value
    told = _distinct(noticed) if noticed else ()
    return Record(object=fields.object, source_key=source_key, fields=values, links=links, warnings=told)


def _distinct(warnings: Iterable[MappingWarning]) -> tuple[MappingWarning, ...]:
    """Warnings once each: two fields made from one column notice the same things."""
    return tuple({(warning.code, warning.column, warning.detail): warning for warning in warnings}.values())
