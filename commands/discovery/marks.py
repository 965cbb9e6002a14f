"""Rows worth a look: kept as file and line only, counted in full, listed up to a bound."""

from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice

from commands.discovery.document import Found, Lines

LISTED = 500
"""Lines of one reason that the document lists."""

Place = tuple[int, int]
"""A row: the number of its file in the audit, and its physical line."""


class Marks:
    """Places by kind of file and reason."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._files = files
        self._places: dict[tuple[str, str], tuple[array[int], array[int]]] = {}

    def add(self, kind: str, reason: str, place: Place) -> None:
        """Note a row."""
        files, lines = self._places.setdefault((kind, reason), (array("l"), array("l")))
        files.append(place[0])
        lines.append(place[1])

    def found(self) -> tuple[Found, ...]:
        """Every reason with its rows, the commonest first."""
        every = (self._found(kind, reason) for kind, reason in self._places)
        return tuple(sorted(every, key=lambda found: (-found.count, found.kind, found.reason)))

    def rows(self) -> Iterator[tuple[str, int, str, str]]:
        """Every row as file, line, kind and reason, file by file."""
        every = (
            (file, line, kind, reason)
            for (kind, reason), places in self._places.items()
            for file, line in zip(*places, strict=True)
        )
        for file, line, kind, reason in sorted(every):
            yield self._files[file], line, kind, reason

    def _found(self, kind: str, reason: str) -> Found:
        files, lines = self._places[kind, reason]
        places = sorted(zip(files, lines, strict=True))
        return Found(reason=reason, kind=kind, count=len(places), places=self.lines(places))

    def lines(self, places: list[Place]) -> tuple[Lines, ...]:
        """The first places, file by file."""
        listed = groupby(islice(places, LISTED), key=lambda place: place[0])
        return tuple(
            Lines(file=self._files[file], lines=tuple(line for _, line in of_file)) for file, of_file in listed
        )


class Tally:
    """One file's rows as they are read: how many, how many of them held or set aside, and why."""

    def __init__(self) -> None:
        self.rows = 0
        self.held: Counter[str] = Counter()
        self.set_aside: Counter[str] = Counter()
