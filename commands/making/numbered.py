"""Rows by number: very many are remembered while records are made, and few of them are told."""

from collections.abc import Iterable, Iterator

from ledger.rows import SourceBody

_LINES = 1 << 40
"""More than any file has: a row's number is its file's times this, and its line."""


class Numbered:
    """Gives rows their numbers, and tells where the rows of some numbers stand."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}

    def of(self, rows: Iterable[SourceBody]) -> Iterator[int]:
        """The numbers of rows."""
        return (self._file(row) * _LINES + row.line for row in rows)

    def refs(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Where the rows of some numbers stand, each once."""
        files = list(self._files)
        places = (divmod(number, _LINES) for number in numbers)
        return tuple(dict.fromkeys(f"{files[file]}:{line}" for file, line in places))

    def _file(self, row: SourceBody) -> int:
        return self._files.setdefault(row.file, len(self._files))
