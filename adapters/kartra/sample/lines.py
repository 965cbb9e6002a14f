"""Files of JSON lines: answers of the API about leads, and events as webhooks report them."""

from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec


class LinesFile:
    """A file of JSON lines being written, which knows the line of each entry (the first is 1)."""

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.rows = 0
        self._lines: list[bytes] = []

    def entry(self, value: Mapping[str, Any]) -> int:
        """Write one value, and return its line."""
        return self.broken(msgspec.json.encode(value))

    def broken(self, line: bytes) -> int:
        """Write a line as it stands, and return its number."""
        self.rows += 1
        self._lines.append(line)
        return len(self._lines)

    def blank(self) -> None:
        """Leave a line blank."""
        self._lines.append(b"")

    def content(self) -> bytes:
        """The whole file."""
        return b"\n".join([*self._lines, b""])


def number(written: str, random: Random) -> int | str:
    """A number as a number or as text: one comes about as often as the other (kartra.md section 6.2)."""
    return int(written) if written.isdecimal() and random.random() < 0.5 else written
