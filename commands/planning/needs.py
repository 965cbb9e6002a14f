"""What a mapping needs of Twenty's data model for files that may not be in any ledger."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.kartra import Export, read
from adapters.mapping import (
    KINDS,
    Gathered,
    Key,
    MappingConfig,
    identify,
    key_of,
    object_plans,
    plans,
    set_aside,
    targets,
    vocabulary,
)
from adapters.mapping.targets import COMPANY, TARGETS
from adapters.mapping.types import SourceRow
from commands.modelling import Wanted


def needs_of(
    config: MappingConfig,
    exports: Sequence[Export],
    known_options: Mapping[str, Mapping[str, str]] | None = None,
) -> Wanted:
    """Objects, fields, relations and options for these files; rows that would be held ask for nothing.

    `known_options` is `object.field`, option value → label, of options that exist: they keep their values.
    """
    gathered = Gathered(config)
    for export in exports:
        gathered.add(_movable(export))
    words = vocabulary(gathered, config, known_options=known_options)
    kinds = {KINDS.get(export.kind, export.kind) for export in exports}
    return Wanted(objects=object_plans(config), fields=plans(config, words)).only(_objects_of(config, kinds))


def _movable(export: Export) -> Iterator[SourceRow]:
    rows = (row for row in read(export) if isinstance(row, SourceRow))
    if KINDS.get(export.kind, export.kind) == "contacts":
        return (row for row in rows if identify(row).held is None)
    return (row for row in rows if set_aside(row) is None and isinstance(key_of(row), Key))


def _objects_of(config: MappingConfig, kinds: set[str]) -> list[str]:
    # Affiliates are made of the transactions that name them, too.
    wanted = kinds | {"affiliates"} if "transactions" in kinds else kinds
    made = [target.object for target in targets(config) if target.kind in wanted]
    ties = [TARGETS[name] for name in made if name in TARGETS]
    named = [name for one in config.names for name in (one.object.name, one.junction.object.name)]
    return [COMPANY, *made, *ties, *named]
