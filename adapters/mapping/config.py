"""mapping.toml: which columns make which field, and how. Decoded strictly; every error names the file and the place."""

import hashlib
import re
import zoneinfo
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec

from adapters.mapping.dates import SlashDates
from adapters.mapping.errors import MappingInvalid, MappingSyntaxError, MappingUnreadable

Transform = Literal[
    "address",
    "boolean",
    "date_time",
    "emails",
    "full_name",
    "gdpr_status",
    "integer",
    "kartra_number",
    "linkedin",
    "links",
    "option",
    "options",
    "phone_raw",
    "phones",
    "text",
]
"""How columns become a field of a person; see `transforms`."""

CompanyTransform = Literal["company_key", "company_name"]

TYPES: Mapping[str, str] = {
    "address": "ADDRESS",
    "boolean": "BOOLEAN",
    "company_key": "TEXT",
    "company_name": "TEXT",
    "date_time": "DATE_TIME",
    "emails": "EMAILS",
    "full_name": "FULL_NAME",
    "gdpr_status": "SELECT",
    "integer": "NUMBER",
    "kartra_number": "TEXT",
    "linkedin": "LINKS",
    "links": "LINKS",
    "option": "SELECT",
    "options": "MULTI_SELECT",
    "phone_raw": "TEXT",
    "phones": "PHONES",
    "text": "TEXT",
}
"""Twenty's field type for every transform."""

_COLUMNS = {"full_name": 4, "phones": 3, "phone_raw": 3, "address": 5}
"""How many columns a transform takes, in order; one where nothing is said, any number of `links`."""

_FIELD_NAME = re.compile(r"[a-z][a-zA-Z0-9]{0,62}")
_PLACE = re.compile(r"(.*) - at `\$\.?(.*)`")
_LINE = re.compile(r"(.*) \(at (.*)\)")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Kartra's cells are to be read: zone, order of slashed dates, separators and known names by column."""

    time_zone: str
    slash_dates: SlashDates = "unambiguous"
    separators: Mapping[str, Literal[";", ","]] = {}
    known_names: Mapping[str, frozenset[str]] = {}

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone naive dates are read in."""
        return zoneinfo.ZoneInfo(self.time_zone)


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a person: its columns, its transform, and a label where the field is a custom one."""

    columns: tuple[str, ...] = msgspec.field(name="from")
    transform: Transform = msgspec.field(name="as")
    label: str | None = None
    labels: tuple[str, ...] = ()


class CompanyFieldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a company."""

    transform: CompanyTransform = msgspec.field(name="as")
    label: str | None = None


class CustomFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields for the columns nobody names: `prefix` and the column's name in Pascal case."""

    prefix: str


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contacts to people: the fields, the column that names the company, and columns kept in the ledger only."""

    fields: Mapping[str, FieldSpec]
    custom: CustomFields
    company: str | None = None
    skip: frozenset[str] = frozenset()

    @property
    def claimed(self) -> frozenset[str]:
        """Every column that has a home or is kept out on purpose; all others are the account's own fields."""
        named = {column for spec in self.fields.values() for column in spec.columns}
        return frozenset({*named, *self.skip, *([self.company] if self.company else [])})


class CompanySection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Company names to companies."""

    fields: Mapping[str, CompanyFieldSpec]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1]
    source: Source
    person: Person
    company: CompanySection


class MappingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A whole mapping, with the text it was read from and that text's SHA-256 in hex."""

    source: Source
    person: Person
    company: CompanySection
    text: str
    sha256: str


def load_mapping(path: Path | None = None, *, text: str | None = None) -> MappingConfig:
    """Read a mapping from `path`, from a `text` kept elsewhere, or else the shipped one.

    Raises MappingUnreadable, MappingSyntaxError or MappingInvalid.
    """
    text = _text(path) if text is None else text
    document = _decode(path, text)
    _check(path, document)
    return MappingConfig(
        source=document.source,
        person=document.person,
        company=document.company,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _text(path: Path | None) -> str:
    if path is None:
        return files("adapters.mapping").joinpath("default.toml").read_text("utf-8")
    try:
        return path.read_text("utf-8")
    except OSError as refusal:
        raise MappingUnreadable(path, "the whole file", refusal.strerror or str(refusal)) from refusal
    except UnicodeDecodeError as error:
        raise MappingSyntaxError(path, f"byte {error.start}", "it is not UTF-8") from error


def _decode(path: Path | None, text: str) -> _Document:
    try:
        return msgspec.toml.decode(text, type=_Document)
    except msgspec.ValidationError as error:
        problem, place = _located(str(error), _PLACE, "the top level")
        raise MappingInvalid(path, place, problem) from error
    except msgspec.DecodeError as error:
        problem, place = _located(str(error), _LINE, "the whole file")
        raise MappingSyntaxError(path, place, problem) from error


def _located(message: str, shape: re.Pattern[str], otherwise: str) -> tuple[str, str]:
    match = shape.fullmatch(message)
    return (match[1], match[2]) if match else (message, otherwise)


def _check(path: Path | None, document: _Document) -> None:
    if document.source.time_zone not in zoneinfo.available_timezones():
        raise MappingInvalid(path, "source.time_zone", f"there is no time zone {document.source.time_zone!r}")
    for name, spec in document.person.fields.items():
        _check_name(path, f"person.fields.{name}", name)
        _check_columns(path, f"person.fields.{name}", spec)
    for name in document.company.fields:
        _check_name(path, f"company.fields.{name}", name)
    _check_name(path, "person.custom.prefix", document.person.custom.prefix)


def _check_name(path: Path | None, place: str, name: str) -> None:
    if not _FIELD_NAME.fullmatch(name):
        raise MappingInvalid(path, place, f"{name!r} is no API name: a lower-case letter, then letters and digits")


def _check_columns(path: Path | None, place: str, spec: FieldSpec) -> None:
    wanted = len(spec.labels) if spec.transform == "links" else _COLUMNS.get(spec.transform, 1)
    if len(spec.columns) != wanted or not wanted:
        raise MappingInvalid(path, f"{place}.from", f"{spec.transform} takes {wanted} columns, not {len(spec.columns)}")
