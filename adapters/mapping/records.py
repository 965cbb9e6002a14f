"""A merged row to the record of one object, field by field as the mapping says."""

from collections.abc import Iterable, Iterator, Mapping

from adapters.mapping.config import FieldSpec, MappingConfig
from adapters.mapping.merge import Merged
from adapters.mapping.transforms import TRANSFORMS, Context, Mapped
from adapters.mapping.types import JsonValue, Link, MappingWarning, Record
from adapters.mapping.vocabulary import Vocabulary


def record(
    object_name: str,
    source_key: str,
    fields: Iterable[tuple[str, Mapped]],
    links: Mapping[str, Link],
    warnings: Iterable[MappingWarning] = (),
) -> Record:
    """A record of these fields, in Twenty's stored form; fields without a value are left out."""
    every = dict(fields)
    noticed = (warning for field in every.values() for warning in field.warnings)
    values: dict[str, JsonValue] = {name: field.value for name, field in every.items() if field.value is not None}
    return Record(
        object=object_name,
        source_key=source_key,
        fields=values,
        links=links,
        warnings=_distinct((*warnings, *noticed)),
    )


def mapped(
    object_name: str,
    specs: Mapping[str, FieldSpec],
    merged: Merged,
    config: MappingConfig,
    words: Vocabulary,
    moment: str = "",
) -> Iterator[tuple[str, Mapped]]:
    """Every field of an object by its transform. `moment` tells past from future, as Twenty stores times."""
    source = config.source
    zone = source.zone
    for name, spec in specs.items():
        options = words.options.get(f"{object_name}.{name}", {})
        yield (
            name,
            TRANSFORMS[spec.transform](
                merged, spec, Context(zone, source.slash_dates, source.currency, options, moment)
            ),
        )


def _distinct(warnings: Iterable[MappingWarning]) -> tuple[MappingWarning, ...]:
    """Warnings once each: two fields made from one column notice the same things."""
    return tuple({(warning.code, warning.column, warning.detail): warning for warning in warnings}.values())
