"""Find the exports of a folder and tell what each is, without reading more than needed to be sure.

One streamed pass over a file gives its SHA-256 and settles its encoding; the header settles delimiter, kind and
columns.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import dropwhile, islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from adapters.kartra.columns import kind_of, name_columns
from adapters.kartra.errors import (
    ExportEmpty,
    ExportRepeated,
    ExportUnreadable,
    ExportUnusable,
    FolderMissing,
    HeaderWithoutEmail,
    KartraError,
    NotAFile,
    PathNotText,
    WrongKind,
)

LOADED_KINDS = frozenset({"contacts"})
"""The kinds this version reads; every other known kind is named, and left alone."""

_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_CLOCK = re.compile(r"(?<![0-9a-f])([0-9a-f]{8})[0-9a-f]{5}(?![0-9a-f])", re.IGNORECASE)
_ESCAPED = re.compile("[\udc80-\udcff]")
_CHUNK = 1 << 20
_HEADER_CHARACTERS = 1 << 16
_DELIMITERS = (",", ";", "\t")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file that can be loaded.

    `columns` names the header's positions canonically; `repeats` says which of them are further columns of a name
    already taken. `size` is in bytes, `sha256` of the raw bytes in hex, `exported_at` UTC.
    """

    path: Path
    name: str
    kind: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    size: int
    sha256: str
    exported_at: datetime

    @property
    def file_id(self) -> str:
        """The short name rows are referred to by: the first 12 hex digits of the content's SHA-256."""
        return self.sha256[:12]


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the folder that is not loaded: a stable code and the reason in words."""

    path: Path
    code: str
    reason: str


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds: exports oldest first (by clock, then name), and everything else."""

    exports: tuple[Export, ...]
    unknown: tuple[Unknown, ...]


def scan(folder: Path) -> Scan:
    """Look at every file directly in `folder` (or at the one file given) and say what it is.

    Hidden files, and folders not named like an export, are passed over. Raises FolderMissing, and ExportUnreadable for
    a file the operating system refuses: leaving one out silently would make a load look complete.
    """
    exports: list[Export] = []
    unknown: list[Unknown] = []
    for path in _files(folder):
        try:
            exports.append(recognise(path))
        except ExportUnusable as error:
            unknown.append(_unknown(path, error))
    exports.sort(key=lambda export: (export.exported_at, export.name))
    once, repeated = _without_twins(exports)
    return Scan(exports=once, unknown=tuple(sorted((*unknown, *repeated), key=lambda entry: entry.path)))


def recognise(path: Path) -> Export:
    """Tell what one file is.

    Raises WrongKind, NotAFile, PathNotText, HeaderWithoutEmail, ExportEmpty, or ExportUnreadable.
    """
    _refuse_by_name(path)
    try:
        fingerprint = _fingerprint(path)
        encoding = _encoding(fingerprint)
        delimiter, rows = _first_rows(path, encoding)
        modified = path.stat().st_mtime
    except OSError as refusal:
        raise ExportUnreadable(path, refusal) from refusal
    match rows:
        case [first, _]:
            header = tuple(first)
        case _:
            raise ExportEmpty(path)
    kind = kind_of(header)
    if kind is None or kind not in LOADED_KINDS:
        raise WrongKind(path, kind)
    columns, repeats = name_columns(header)
    if "email" not in columns:
        raise HeaderWithoutEmail(path)
    return Export(
        path=path,
        name=path.name,
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        columns=columns,
        repeats=repeats,
        size=fingerprint.size,
        sha256=fingerprint.sha256,
        exported_at=_clock(path.name) or datetime.fromtimestamp(modified, UTC),
    )


def _refuse_by_name(path: Path) -> None:
    if path.suffix.lower() not in _SUFFIXES:
        raise WrongKind(path, None)
    if path.exists() and not path.is_file():
        raise NotAFile(path)
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:
        raise PathNotText(path) from error


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise FolderMissing(folder)
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and not _is_aside(path))
    except OSError as refusal:
        raise ExportUnreadable(folder, refusal) from refusal


def _is_aside(path: Path) -> bool:
    return path.is_dir() and path.suffix.lower() not in _SUFFIXES


def _unknown(path: Path, error: KartraError) -> Unknown:
    return Unknown(path=path, code=error.code, reason=f"{error.problem}; {error.remedy}")


def _without_twins(exports: list[Export]) -> tuple[tuple[Export, ...], list[Unknown]]:
    first: dict[str, Export] = {}
    repeated: list[Unknown] = []
    for export in exports:
        twin = first.setdefault(export.sha256, export)
        if twin is not export:
            repeated.append(_unknown(export.path, ExportRepeated(export.path, twin.path)))
    return tuple(first.values()), repeated


def _clock(name: str) -> datetime | None:
    """The export's moment from the 13 hex digits of its name: the first 8 are Unix seconds (kartra.md section 1.1)."""
    clocks = _CLOCK.findall(name)
    return datetime.fromtimestamp(int(clocks[-1], 16), UTC) if clocks else None


class _Fingerprint(NamedTuple):
    """One pass over a file's bytes: digest, size, first bytes, and how well they read as UTF-8."""

    sha256: str
    size: int
    head: bytes
    utf8_characters: int
    broken_bytes: int


def _fingerprint(path: Path) -> _Fingerprint:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    size = characters = broken = 0
    head = b""
    for chunk in _chunks(path):
        digest.update(chunk)
        size += len(chunk)
        head = head or chunk[:_HEADER_CHARACTERS]
        text = decoder.decode(chunk)
        if not text.isascii():
            escaped = len(_ESCAPED.findall(text))
            broken += escaped
            characters += len(text) - len(text.encode("ascii", "ignore")) - escaped
    broken += len(decoder.decode(b"", final=True))
    return _Fingerprint(digest.hexdigest(), size, head, characters, broken)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _encoding(fingerprint: _Fingerprint) -> str:
    """UTF-8 unless the bytes say otherwise.

    A file with a few broken bytes among many good UTF-8 characters is damaged UTF-8, not cp1252: reading it as cp1252
    would spoil every accent to save one.
    """
    for bom, encoding in _BOMS:
        if fingerprint.head.startswith(bom):
            return encoding
    even, odd = fingerprint.head[0::2].count(0), fingerprint.head[1::2].count(0)
    if max(even, odd) * 4 > len(fingerprint.head):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "cp1252" if fingerprint.broken_bytes > fingerprint.utf8_characters else "utf-8"


def _first_rows(path: Path, encoding: str) -> tuple[str, list[list[str]]]:
    """The delimiter, the header (the first row that holds anything) and the next row, decoded leniently."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = list(io.StringIO(file.read(_HEADER_CHARACTERS), newline=""))
    delimiter = _delimiter(next((line for line in lines if line.strip()), ""))
    rows = dropwhile(lambda row: not any(map(str.strip, row)), csv.reader(lines, delimiter=delimiter))
    return delimiter, list(islice((row for row in rows if "".join(row).strip() or len(row) > 1), 2))


def _delimiter(line: str) -> str:
    """The candidate that cuts the header into most cells; the comma wins a tie."""
    return max(_DELIMITERS, key=lambda candidate: len(next(csv.reader([line], delimiter=candidate), [])))
