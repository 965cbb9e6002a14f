"""What mapping.toml says: which columns make which field of which object, and how."""

import zoneinfo
from collections.abc import Mapping
from typing import Literal

import msgspec

from adapters.mapping.dates import SlashDates
from adapters.mapping.policies import Policy

Transform = Literal[
    "address",
    "booking_status",
    "booking_time",
    "booking_title",
    "boolean",
    "constant",
    "date",
    "date_time",
    "emails",
    "full_name",
    "gdpr_status",
    "integer",
    "kartra_number",
    "linkedin",
    "links",
    "markdown",
    "money",
    "named",
    "option",
    "options",
    "phone_raw",
    "phones",
    "signed_money",
    "status",
    "text",
    "transaction_type",
]
"""How columns become a field of a record; see `transforms`."""

CompanyTransform = Literal["company_key", "company_name"]

TYPES: Mapping[str, str] = {
    "address": "ADDRESS",
    "booking_status": "SELECT",
    "booking_time": "DATE_TIME",
    "booking_title": "TEXT",
    "boolean": "BOOLEAN",
    "company_key": "TEXT",
    "company_name": "TEXT",
    "constant": "TEXT",
    "date": "DATE",
    "date_time": "DATE_TIME",
    "emails": "EMAILS",
    "full_name": "FULL_NAME",
    "gdpr_status": "SELECT",
    "integer": "NUMBER",
    "kartra_number": "TEXT",
    "linkedin": "LINKS",
    "links": "LINKS",
    "markdown": "RICH_TEXT",
    "money": "CURRENCY",
    "named": "TEXT",
    "option": "SELECT",
    "options": "MULTI_SELECT",
    "phone_raw": "TEXT",
    "phones": "PHONES",
    "signed_money": "CURRENCY",
    "status": "SELECT",
    "text": "TEXT",
    "transaction_type": "SELECT",
}
"""Twenty's field type for every transform."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Kartra's cells are to be read.

    Zone and order of slashed dates; the currency of amounts that name none; separators and known names by column.
    """

    time_zone: str
    slash_dates: SlashDates = "unambiguous"
    currency: str = "USD"
    separators: Mapping[str, Literal[";", ","]] = {}
    known_names: Mapping[str, frozenset[str]] = {}

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone naive dates are read in."""
        return zoneinfo.ZoneInfo(self.time_zone)


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field: its columns, its transform, and a label where the field is a custom one.

    `labels` go with the columns of `links` and `markdown`, whose `{}` stands for the cell and what follows it for a
    unit, which only a number gets; `value` is what `constant` writes, and what `named` puts
    before its second column where the first is empty.
    """

    columns: tuple[str, ...] = msgspec.field(name="from", default=())
    transform: Transform = msgspec.field(name="as")
    label: str | None = None
    labels: tuple[str, ...] = ()
    value: str | None = None


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


class CompanySection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Company names to companies."""

    fields: Mapping[str, CompanyFieldSpec]


class ObjectNames(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A custom object: its API names, what people read, and its icon."""

    name: str
    plural: str
    label: str
    label_plural: str
    icon: str = "IconBox"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rows of one kind become: a standard object's fields. `company` is the column that names a company."""

    fields: Mapping[str, FieldSpec]
    company: str | None = None


class CustomSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rows of one kind become: a custom object, its fields, and its relation to a person."""

    object: ObjectNames
    fields: Mapping[str, FieldSpec]
    person: str = "person"
    person_label: str = "Person"


class Subscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subscriptions: an object of their own, or opportunities, as `as` says; both ways may be written down."""

    form: Literal["object", "opportunity"] = msgspec.field(name="as", default="object")
    custom: CustomSection | None = None
    opportunity: Section | None = None


class Junction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The object that ties a person to a name: its names, and those of its two relations."""

    object: ObjectNames
    person: str = "person"
    entry: str


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names that contacts carry (tags, lists): options of a person's field, or records of their own, tied to people."""

    column: str = msgspec.field(name="from")
    form: Literal["options", "objects"] = msgspec.field(name="as", default="options")
    object: ObjectNames
    junction: Junction


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as it stands. A kind whose section is missing is not moved: its rows stay in the ledger."""

    version: Literal[1]
    source: Source
    person: Person
    company: CompanySection
    opportunity: Section | None = None
    subscription: Subscription | None = None
    affiliate: CustomSection | None = None
    task: Section | None = None
    note: Section | None = None
    tags: Names | None = None
    lists: Names | None = None
    policies: Mapping[str, Policy] = {}

    @property
    def names(self) -> tuple[Names, ...]:
        """The names that become records of their own."""
        return tuple(names for names in (self.tags, self.lists) if names is not None and names.form == "objects")

    @property
    def named_columns(self) -> frozenset[str]:
        """Every contacts column that the file makes something of or keeps out."""
        specs = [*self.person.fields.values(), *(self.note.fields.values() if self.note else ())]
        named = {column for spec in specs for column in spec.columns}
        names = {names.column for names in self.names}
        company = [self.person.company] if self.person.company else []
        return frozenset({*named, *names, *self.person.skip, *company})


class MappingConfig(Document, frozen=True, kw_only=True):
    """A whole mapping, with the text it was read from and that text's SHA-256 in hex.

    `kartra_columns` are the contacts columns that every Kartra account has: those the shipped mapping names.
    """

    text: str
    sha256: str
    kartra_columns: frozenset[str]

    @property
    def person_fields(self) -> Mapping[str, FieldSpec]:
        """The fields of a person that are written: names that are records of their own are no options."""
        own = {names.column for names in self.names}
        return {
            name: spec
            for name, spec in self.person.fields.items()
            if spec.transform != "options" or spec.columns[0] not in own
        }

    @property
    def contact_columns(self) -> frozenset[str]:
        """Every contacts column that is none of the account's own fields: one whose field was deleted is kept out."""
        return self.named_columns | self.kartra_columns
