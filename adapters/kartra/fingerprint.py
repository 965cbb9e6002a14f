"""What a file's bytes and name tell by themselves: digest, size, encoding and the moment of the export."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

_CLOCK = re.compile(r"(?<![0-9a-f])([0-9a-f]{8})[0-9a-f]{5}(?![0-9a-f])", re.IGNORECASE)
_ESCAPED = re.compile("[\udc80-\udcff]")
_CHUNK = 1 << 20
_HEAD_BYTES = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Fingerprint(NamedTuple):
    """A file by its bytes: SHA-256 in hex, size in bytes, encoding, and when it was exported."""

    sha256: str
    size: int
    encoding: str
    exported_at: datetime


def fingerprint(path: Path) -> Fingerprint:
    """Read `path` from end to end: once where it is sound UTF-8, else again for what its broken bytes tell.

    Raises OSError.
    """
    digest = hashlib.sha256()
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    size = 0
    head = b""
    for chunk in _chunks(path):
        digest.update(chunk)
        size += len(chunk)
        head = head or chunk[:_HEAD_BYTES]
        decoder = decoder if decoder is not None and _is_sound(decoder, chunk) else None
    sound = decoder is not None and _is_sound(decoder, b"", final=True)
    encoding = _encoding(head, damaged=not sound and _is_damaged(path))
    return Fingerprint(digest.hexdigest(), size, encoding, _exported_at(path))


def _is_sound(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final=final)
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged(path: Path) -> bool:
    """Whether a file has more broken bytes than good UTF-8 characters beyond ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    characters = broken = 0
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        if not text.isascii():
            escaped = len(_ESCAPED.findall(text))
            broken += escaped
            characters += len(text) - len(text.encode("ascii", "ignore")) - escaped
    broken += len(decoder.decode(b"", final=True))
    return broken > characters


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _encoding(head: bytes, *, damaged: bool) -> str:
    """UTF-8 unless the bytes say otherwise.

    A file with a few broken bytes among many good UTF-8 characters is damaged UTF-8, not cp1252: reading it as cp1252
    would spoil every accent to save one.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "cp1252" if damaged else "utf-8"


def _exported_at(path: Path) -> datetime:
    """The 13 hex digits of the name, of which the first 8 are Unix seconds (kartra.md section 1.1), else the mtime."""
    clocks = _CLOCK.findall(path.name)
    return datetime.fromtimestamp(int(clocks[-1], 16) if clocks else path.stat().st_mtime, UTC)
