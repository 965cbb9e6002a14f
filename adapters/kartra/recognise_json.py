"""Tell what a JSON file is by the first of its values that has a known shape (kartra.md sections 4 and 6)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from adapters.kartra.descriptions import description_kind
from adapters.kartra.errors import DocumentTooLarge, ExportEmpty, JsonBroken, WrongKind
from adapters.kartra.exports import Form
from adapters.kartra.fingerprint import Fingerprint
from adapters.kartra.json_entries import Entry, document_entries, line_entries
from adapters.kartra.json_rows import row_kind
from adapters.kartra.json_values import NotJson
from adapters.mapping.types import JsonValue

MAX_DOCUMENT = 1 << 28
"""Bytes of the largest array that is read: it is held in memory as a whole."""

_MAX_OBJECT = 1 << 24  # one contact's answer, or one account's fields, are never larger
_VALUES_TO_TELL = 1_000  # a collector's first lines may be broken, or answers that are errors


class Recognised(NamedTuple):
    """The kind of a JSON file and how its values are written."""

    kind: str
    form: Form


def recognise_json(path: Path, print_: Fingerprint) -> Recognised:
    """Tell what a JSON file is.

    It holds a value a line where its first line is a whole object and there are more, else it is one array or object;
    failing that, the lines are asked all the same, since the first may be the broken one.

    Raises ExportEmpty, JsonBroken, DocumentTooLarge, WrongKind, or OSError.
    """
    with path.open(encoding=print_.encoding, errors="replace", newline="") as file:
        lines = line_entries(file)
        first = list(islice(lines, 2))
        if not first:
            raise ExportEmpty(path)
        if whole := _whole(path, print_, first):
            return Recognised(_told(path, whole, _any_kind), "json")
        return Recognised(_told(path, chain(first, lines), row_kind), "json_lines")


def _whole(path: Path, print_: Fingerprint, first: Sequence[Entry]) -> Sequence[Entry]:
    """The values of a file that is one array or object, or nothing where it is one of lines."""
    if first[0].raw.startswith("["):
        return _of_array(path, print_)
    if isinstance(first[0].value, dict):
        return first if len(first) == 1 else ()
    return _of_object(path, print_)


def _of_array(path: Path, print_: Fingerprint) -> list[Entry]:
    if print_.size > MAX_DOCUMENT:
        raise DocumentTooLarge(path, print_.size, MAX_DOCUMENT)
    try:
        entries = _document(path, print_)
    except NotJson as error:
        raise JsonBroken(path, str(error)) from error
    if not entries:
        raise ExportEmpty(path)
    return entries


def _of_object(path: Path, print_: Fingerprint) -> list[Entry]:
    """The one object over several lines that the file is, or nothing."""
    if print_.size > _MAX_OBJECT:
        return []
    return [entry for entry in _document(path, print_) if entry.broken is None]


def _document(path: Path, print_: Fingerprint) -> list[Entry]:
    with path.open(encoding=print_.encoding, errors="replace", newline="") as file:
        return list(islice(document_entries(file), _VALUES_TO_TELL))


def _any_kind(value: JsonValue) -> str | None:
    return row_kind(value) or description_kind(value)


def _told(path: Path, entries: Iterable[Entry], kind_of: Callable[[JsonValue], str | None]) -> str:
    """The kind of the first value that has one."""
    looked_at = []
    for entry in islice(entries, _VALUES_TO_TELL):
        if (kind := kind_of(entry.value)) is not None:
            return kind
        looked_at.append(entry.broken)
    if all(looked_at):
        raise JsonBroken(path, str(looked_at[0]))
    raise WrongKind(path, None)
