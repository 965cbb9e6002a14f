"""Tags and lists: how several names in a cell are told apart in every file, and who bears which name."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from adapters.mapping.config import MappingConfig
from adapters.mapping.splitting import detect_separator, split_names
from adapters.mapping.text import fold
from commands.discovery.document import Count, Taxonomy

NAMED = 2_000
"""Names the document lists, the commonest first."""

_VARIANTS = 200
_UNUSED = 500


class Separators:
    """The separator of every column of names in every file, told as the load tells it."""

    def __init__(self, config: MappingConfig) -> None:
        self._declared = config.source.separators
        self._telling: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)

    def observe(self, column: str, file: str, cell: str) -> None:
        """Look at a cell; what it alone would tell is kept once."""
        self._telling[column, file].setdefault(detect_separator([cell]), cell)

    def of(self, column: str, file: str) -> str:
        """The separator of a column in a file, once every cell was observed."""
        return self._declared.get(column) or detect_separator(self._telling[column, file].values())

    def in_file(self, file: str) -> dict[str, str]:
        """Column to separator, for the columns that a file fills."""
        return {column: self.of(column, name) for column, name in self._telling if name == file}


class Names:
    """The names of one column, as small numbers a contact can carry many of."""

    def __init__(self, column: str, config: MappingConfig) -> None:
        self._known = config.source.known_names.get(column, frozenset())
        self._numbers: dict[str, int] = {}
        self._split: dict[tuple[str, str], tuple[int, ...]] = {}

    @property
    def every(self) -> tuple[str, ...]:
        """All names, by their numbers."""
        return tuple(self._numbers)

    def numbers(self, cell: str, separator: str) -> tuple[int, ...]:
        """The names of a cell. Cells repeat (one segment, one set of tags), so each is split once."""
        found = self._split.get((cell, separator))
        if found is None:
            names = split_names(cell, separator, self._known)
            found = tuple(self._numbers.setdefault(name, len(self._numbers)) for name in names)
            self._split[cell, separator] = found
        return found

    def taxonomy(self, bearers: Iterable[tuple[int, ...]], declared: Iterable[str] = ()) -> Taxonomy:
        """Count what every contact bears. `declared` are the names the account says it has."""
        counts: Counter[int] = Counter()
        contacts = 0
        for numbers in bearers:
            counts.update(numbers)
            contacts += bool(numbers)
        names = list(self._numbers)
        listed = sorted((Count(names[number], count) for number, count in counts.items()), key=_commonest)
        return Taxonomy(
            distinct=len(names),
            contacts=contacts,
            names=tuple(listed[:NAMED]),
            once=sum(count == 1 for count in counts.values()),
            variants=_variants(names),
            unused=tuple(sorted(set(declared) - set(names)))[:_UNUSED],
        )


def _commonest(counted: Count) -> tuple[int, str]:
    return -counted.count, counted.name


def _variants(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Names that differ in case or accents alone, in groups."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[fold(name)].append(name)
    several = (tuple(sorted(group)) for group in groups.values() if len(group) > 1)
    return tuple(sorted(several))[:_VARIANTS]
