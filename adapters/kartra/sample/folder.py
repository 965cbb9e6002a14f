"""A sample's folder: its files in order of age, named and dated as Kartra does, and the books of their rows."""

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Protocol

from adapters.kartra.sample.books import Books, Written
from adapters.kartra.sample.cells import NEW_YORK

_FIRST_CLOCK = int(datetime(2026, 3, 2, 2, 1, tzinfo=UTC).timestamp())
_DAY = 86_400


class Saved(Written, Protocol):
    """A file of the sample that can be written out."""

    def content(self) -> bytes:
        """The whole file."""


class Folder:
    """Where files go. `seed` makes every part of the sample arbitrary and yet the same each time."""

    def __init__(self, path: Path, seed: str) -> None:
        self.path = path
        self.books = Books()
        self.files: list[Written] = []
        self._seed = seed

    def random(self, part: str = "") -> Random:
        """The numbers of one part: no part moves those of another."""
        # Reproducible, not secret: the numbers only have to look arbitrary.
        return Random(f"{self._seed}/{part}" if part else self._seed)  # noqa: S311

    def save(self, file: Saved, age: int) -> None:
        """Write a file out, its modification time being its clock's."""
        self.add(file.name, file.content(), age)
        self.files.append(file)

    def add(self, name: str, content: bytes, age: int) -> None:
        """Write out a file that has no rows to be moved."""
        path = self.path / name
        path.write_bytes(content)
        os.utime(path, (clock(age), clock(age)))


def clock(age: int) -> int:
    """When the file of an age was exported, in Unix seconds: a day after the one before."""
    return _FIRST_CLOCK + age * _DAY


def file_name(word: str, age: int, suffix: str = "csv") -> str:
    """Kartra's name for an export (kartra.md section 1.1)."""
    moment = clock(age)
    day = datetime.fromtimestamp(moment, UTC).astimezone(NEW_YORK)
    return f"{word}_{day:%d-%m-%Y}_{moment:08x}{moment % 0xFFFFF:05x}.{suffix}"
