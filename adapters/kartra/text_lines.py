"""The text of an export on its way to a reader: digested as it passes, decoded leniently, in bounded lines."""

import hashlib
import io
from typing import TextIO

from adapters.kartra.exports import Export

MAX_CELL = 1_000_000
"""Characters of the longest cell that is taken for one; ten times the longest text Twenty was seen to take."""

MAX_LINE = 4 * MAX_CELL
"""Characters of the longest physical line that is read as one."""

MAX_RAW = 20_000
"""Characters of a row that cannot be read which are kept to be looked at."""

_ENDS = ("\n", "\r")


class Hashing(io.RawIOBase):
    """Bytes on their way to the decoder, digested as they pass."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the stub asks for any buffer
        count = self._source.readinto(buffer)
        self._digest.update(memoryview(buffer)[:count])
        return count

    def finish(self) -> str:
        """Digest what the decoder left unread, and return the SHA-256 of the whole in hex."""
        while chunk := self._source.read(1 << 20):
            self._digest.update(chunk)
        return self._digest.hexdigest()


def decoded(export: Export, source: io.RawIOBase) -> TextIO:
    """The text of an export: what cannot be decoded is U+FFFD, line ends are as written."""
    return io.TextIOWrapper(io.BufferedReader(source, 1 << 18), encoding=export.encoding, errors="replace", newline="")


def is_overlong(line: str) -> bool:
    """Whether a line read with a limit of MAX_LINE goes on beyond it."""
    return len(line) >= MAX_LINE and not line.endswith(_ENDS)


def skip_line(file: TextIO) -> None:
    """Pass over what is left of an over-long line."""
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(_ENDS):
        pass
