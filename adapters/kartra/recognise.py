"""Find the files of a folder and tell what each is, without reading more than needed to be sure.

One streamed pass over a file gives its SHA-256 and settles its encoding; the header settles delimiter, kind and
columns of CSV, and the first value with a known shape the kind of JSON.
"""

import csv
import io
from collections.abc import Collection
from itertools import dropwhile, islice
from pathlib import Path

from adapters.kartra.aliases import LAYOUTS
from adapters.kartra.columns import kind_of, name_columns
from adapters.kartra.errors import (
    ExportEmpty,
    ExportRepeated,
    ExportUnreadable,
    ExportUnusable,
    FolderMissing,
    HeaderWithoutEmail,
    HeaderWithoutIdentity,
    KartraError,
    NotAFile,
    PathNotText,
    WrongKind,
)
from adapters.kartra.exports import DESCRIPTION_KINDS, Description, Export, Scan, Unknown
from adapters.kartra.fingerprint import Fingerprint, fingerprint
from adapters.kartra.recognise_json import recognise_json

_JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
_SUFFIXES = frozenset({".csv", ".tsv", ".txt"}) | _JSON_SUFFIXES
_HEADER_CHARACTERS = 1 << 16
_DELIMITERS = (",", ";", "\t")


def scan(folder: Path) -> Scan:
    """Look at every file directly in `folder` (or at the one file given) and say what it is.

    Hidden files, and folders not named like an export, are passed over. Raises FolderMissing, and ExportUnreadable for
    a file the operating system refuses: leaving one out silently would make a load look complete.
    """
    found: list[Export | Description] = []
    unknown: list[Unknown] = []
    for path in _files(folder):
        try:
            found.append(recognise(path))
        except ExportUnusable as error:
            unknown.append(_unknown(path, error))
    found.sort(key=lambda file: (file.exported_at, file.name))
    exports, repeated = _without_twins([file for file in found if isinstance(file, Export)])
    return Scan(
        exports=exports,
        unknown=tuple(sorted((*unknown, *repeated), key=lambda entry: entry.path)),
        descriptions=tuple(file for file in found if isinstance(file, Description)),
    )


def recognise(path: Path) -> Export | Description:
    """Tell what one file is.

    Raises WrongKind, NotAFile, PathNotText, HeaderWithoutEmail, HeaderWithoutIdentity, JsonBroken, DocumentTooLarge,
    ExportEmpty, or ExportUnreadable.
    """
    _refuse_by_name(path)
    try:
        print_ = fingerprint(path)
        return _of_json(path, print_) if path.suffix.lower() in _JSON_SUFFIXES else _of_csv(path, print_)
    except OSError as refusal:
        raise ExportUnreadable(path, refusal) from refusal


def _of_csv(path: Path, print_: Fingerprint) -> Export:
    delimiter, rows = _first_rows(path, print_.encoding)
    match rows:
        case [first, _]:
            header = tuple(first)
        case _:
            raise ExportEmpty(path)
    kind = kind_of(header)
    if kind is None:
        raise WrongKind(path, None)
    columns = name_columns(kind, header)
    _refuse_without_identity(path, kind, columns.names)
    return Export(
        path=path,
        name=path.name,
        kind=kind,
        encoding=print_.encoding,
        delimiter=delimiter,
        header=header,
        columns=columns.names,
        repeats=columns.repeats,
        size=print_.size,
        sha256=print_.sha256,
        exported_at=print_.exported_at,
    )


def _refuse_without_identity(path: Path, kind: str, columns: Collection[str]) -> None:
    identity = LAYOUTS[kind].identity
    if identity not in columns:
        raise HeaderWithoutEmail(path) if kind == "contacts" else HeaderWithoutIdentity(path, kind, identity)


def _of_json(path: Path, print_: Fingerprint) -> Export | Description:
    kind, form = recognise_json(path, print_)
    if kind in DESCRIPTION_KINDS:
        return Description(
            path=path,
            name=path.name,
            kind=kind,
            size=print_.size,
            sha256=print_.sha256,
            exported_at=print_.exported_at,
        )
    return Export(
        path=path,
        name=path.name,
        kind=kind,
        encoding=print_.encoding,
        delimiter="",
        header=(),
        columns=(),
        repeats={},
        size=print_.size,
        sha256=print_.sha256,
        exported_at=print_.exported_at,
        form=form,
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
