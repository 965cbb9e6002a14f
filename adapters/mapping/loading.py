"""Reading mapping.toml: decoded strictly, checked for sense; every error names the file and the line."""

import hashlib
import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from adapters.mapping.checks import problems
from adapters.mapping.config import Document, MappingConfig
from adapters.mapping.errors import MappingInvalid, MappingSyntaxError, MappingUnreadable
from adapters.mapping.places import line_of

_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`")
_LINE = re.compile(r"(.*) \(at (.*)\)")


def load_mapping(path: Path | None = None, *, text: str | None = None) -> MappingConfig:
    """Read a mapping from `path`, from a `text` kept elsewhere, or else the shipped one.

    Raises MappingUnreadable, MappingSyntaxError or MappingInvalid.
    """
    text = _text(path) if text is None else text
    document = _sound(path, text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return MappingConfig(**msgspec.structs.asdict(document), text=text, sha256=digest, kartra_columns=_kartra_columns())


@lru_cache(4)
def _sound(path: Path | None, text: str) -> Document:
    """The document of a text: a program reads the same one several times."""
    document = _decode(path, text)
    for problem in problems(document):
        raise MappingInvalid(path, _place(text, problem.place), problem.problem)
    return document


def shipped_text() -> str:
    """The text of the shipped mapping."""
    return files("adapters.mapping").joinpath("default.toml").read_text("utf-8")


@cache
def _kartra_columns() -> frozenset[str]:
    return _decode(None, shipped_text()).named_columns


def _text(path: Path | None) -> str:
    if path is None:
        return shipped_text()
    try:
        return path.read_text("utf-8")
    except OSError as refusal:
        raise MappingUnreadable(path, "the whole file", refusal.strerror or str(refusal)) from refusal
    except UnicodeDecodeError as error:
        raise MappingSyntaxError(path, f"byte {error.start}", "it is not UTF-8") from error


def _decode(path: Path | None, text: str) -> Document:
    try:
        return msgspec.toml.decode(text, type=Document)
    except msgspec.ValidationError as error:
        problem, place = _located(str(error), _PLACE, "")
        raise MappingInvalid(path, _place(text, _spelled_out(text, place)), problem) from error
    except msgspec.DecodeError as error:
        problem, place = _located(str(error), _LINE, "the whole file")
        raise MappingSyntaxError(path, place, problem) from error


def _place(text: str, key: str) -> str:
    """A key of the file as a person finds it: its line first."""
    line = line_of(text, key) if key else None
    return f"line {line}, {key}" if line else key or "the top level"


def _spelled_out(text: str, key: str) -> str:
    """A key with the names of the tables in it, which the decoder leaves out: `person.fields[...].as`."""
    while "[...]" in key:
        above, _, below = key.partition("[...]")
        guilty = next((name for name in _tables(text, above) if _is_wrong_alone(text, above, name)), None)
        if guilty is None:
            return key
        key = f"{above}.{guilty}{below}"
    return key


def _tables(text: str, key: str) -> list[str]:
    return list(_at(msgspec.toml.decode(text), key))


def _is_wrong_alone(text: str, above: str, name: str) -> bool:
    """Whether the mapping stays wrong there when the table has this one entry only."""
    document = msgspec.toml.decode(text)
    table = _at(document, above)
    kept = table[name]
    table.clear()
    table[name] = kept
    try:
        msgspec.convert(document, Document)
    except msgspec.ValidationError as error:
        return f"`$.{above}[" in str(error)
    return False


def _at(document: dict[str, Any], key: str) -> dict[str, Any]:
    for name in key.split("."):
        document = document[name]
    return document


def _located(message: str, shape: re.Pattern[str], otherwise: str) -> tuple[str, str]:
    match = shape.fullmatch(message)
    return (match[1], match[2]) if match else (message, otherwise)
