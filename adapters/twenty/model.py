"""The workspace's data model, as `/metadata` tells it, and the selections built from it.

Twenty answers an unknown field of a selection with null and no error (GRAPHQL section 0), which would look like a
cleared field. So every selection is built here, from names the model holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import msgspec

from adapters.twenty.errors import UnknownField, UnknownObject

_TEXT_SUBFIELDS: Mapping[str, tuple[str, ...]] = {
    "FULL_NAME": ("firstName", "lastName"),
    "EMAILS": ("primaryEmail", "additionalEmails"),
    "PHONES": ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode", "additionalPhones"),
    "LINKS": ("primaryLinkLabel", "primaryLinkUrl", "secondaryLinks"),
    "ADDRESS": (
        "addressStreet1",
        "addressStreet2",
        "addressCity",
        "addressPostcode",
        "addressState",
        "addressCountry",
        "addressLat",
        "addressLng",
    ),
    "CURRENCY": ("amountMicros", "currencyCode"),
    "ACTOR": ("source", "workspaceMemberId", "name", "context"),
    # The other half, blocknote, holds random block ids made by the server (FACTS section 11).
    "RICH_TEXT": ("markdown",),
    "RICH_TEXT_V2": ("markdown",),
}
SUBFIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(dict(_TEXT_SUBFIELDS))
"""The subfields of each composite type that are read, in order (FACTS section 11, GRAPHQL section 3)."""

_UNREADABLE = frozenset({"TS_VECTOR", "FILES"})
_RELATIONS = frozenset({"RELATION", "MORPH_RELATION"})

# Unique whatever the model says: FACTS section 4.
_STANDARD_UNIQUE = {"person": "emails", "company": "domainName"}


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice of a SELECT, MULTI_SELECT or RATING (which has no colours).

    `id` is what keeps records' values when options are sent again.
    """

    id: str
    value: str
    label: str
    position: float
    color: str | None = None


class Named(msgspec.Struct, frozen=True):
    """An object, field or application, referred to."""

    id: str
    name: str


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """An object, referred to by a relation."""

    id: str
    name_singular: str


class Relation(msgspec.Struct, frozen=True, rename="camel"):
    """One side of a relation: `type` is MANY_TO_ONE or ONE_TO_MANY, the field meant is the one over there."""

    type: str
    target_object_metadata: Target
    target_field_metadata: Named


class Field(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A field of an object. `settings` holds a relation's join column, a number's decimals, ….

    `application_id` equals `Workspace.custom_application_id` for fields people or we made.
    """

    id: str
    name: str
    label: str
    type: str
    is_active: bool
    is_system: bool | None = None
    application_id: str | None = None
    is_nullable: bool | None = None
    is_unique: bool | None = None
    default_value: Any = None
    options: tuple[Option, ...] | None = None
    settings: dict[str, Any] | None = None
    relation: Relation | None = None

    @property
    def join_column(self) -> str | None:
        """The column that holds the other record's id, where this is the many side of a relation."""
        if self.type not in _RELATIONS or (self.relation and self.relation.type != "MANY_TO_ONE"):
            return None
        named = (self.settings or {}).get("joinColumnName")
        return str(named) if named else (f"{self.name}Id" if self.relation else None)


class Object(msgspec.Struct, frozen=True, rename="camel", kw_only=True, dict=True):
    """An object (a table) of the workspace. `singular` and `plural` name it in documents.

    `shared_columns`, filled in by `Model`, are the join columns that only the other side of a relation tells of.
    """

    id: str
    singular: str = msgspec.field(name="nameSingular")
    plural: str = msgspec.field(name="namePlural")
    label: str = msgspec.field(name="labelSingular")
    is_active: bool = True
    is_system: bool = False
    application_id: str | None = None
    fields_list: tuple[Field, ...] = ()
    shared_columns: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Fields by name."""
        return MappingProxyType({field.name: field for field in self.fields_list})

    @cached_property
    def fields_by_id(self) -> Mapping[str, Field]:
        """Fields by their own id, which no renaming changes."""
        return MappingProxyType({field.id: field for field in self.fields_list})

    @cached_property
    def unique(self) -> frozenset[str]:
        """Names of the fields no two records may share, soft-deleted ones included."""
        standard = {_STANDARD_UNIQUE[self.singular]} if self.singular in _STANDARD_UNIQUE else set()
        return frozenset(standard | {field.name for field in self.fields_list if field.is_unique})

    @cached_property
    def columns(self) -> frozenset[str]:
        """Names of the columns that hold ids of other records."""
        return self.shared_columns.union(column for field in self.fields_list if (column := field.join_column))

    @cached_property
    def readable(self) -> tuple[str, ...]:
        """Names of all that a record can be asked for: fields that hold values, and columns."""
        unreadable = _RELATIONS | _UNREADABLE
        fields = [field.name for field in self.fields_list if field.is_active and field.type not in unreadable]
        return (*fields, *sorted(self.columns))

    def field(self, name: str) -> Field:
        """Return the field called `name`; raise UnknownField."""
        if name not in self.fields:
            raise UnknownField(self.singular, name)
        return self.fields[name]


class Pointing(msgspec.Struct, frozen=True):
    """A relation that leads to an object: records of `object` hold its ids in `column`."""

    object: str
    column: str


class Model:
    """All objects of a workspace, as read at one moment."""

    def __init__(self, objects: Iterable[Object]) -> None:
        read = {one.singular: one for one in objects}
        shared: dict[str, set[str]] = {}
        for pointing in (found for one in read.values() for found in _by_own_fields(one, read)):
            shared.setdefault(pointing.object, set()).add(pointing.column)
        self.objects: Mapping[str, Object] = MappingProxyType(
            {
                name: msgspec.structs.replace(one, shared_columns=frozenset(shared.get(name, ())))
                for name, one in read.items()
            }
        )
        self.by_id: Mapping[str, Object] = MappingProxyType({one.id: one for one in self.objects.values()})

    def object(self, name: str) -> Object:
        """Return the object whose singular name is `name`; raise UnknownObject."""
        if name not in self.objects:
            raise UnknownObject(name)
        return self.objects[name]

    def pointing_at(self, name: str) -> tuple[Pointing, ...]:
        """List every relation leading to `name`, from active objects, sorted.

        Both sides are asked. A target that may be one of several objects (timelineActivity, noteTarget, …) shows one
        field for all of them on its own side, without a relation; the other side then names the field without the
        object (`target`), and the column is `targetPersonId` (upstream source, and the types in schema introspection).
        """
        found = {*_by_their_fields(name, self.objects), *_by_own_fields(self.object(name), self.objects)}
        return tuple(sorted(found, key=lambda one: (one.object, one.column)))


def selection(kind: Object, names: Iterable[str]) -> str:
    """Build the text between the braces for fields (or join columns) of an object, each once, `id` always first.

    Raises UnknownField for a name that is not in the model, and for one that cannot be read as a value (a relation
    itself, a search vector, files).
    """
    wanted = dict.fromkeys(["id", *names])
    return " ".join(name if name in kind.columns else _selected(kind, name) for name in wanted)


def _selected(kind: Object, name: str) -> str:
    field = kind.field(name)
    if field.type in _RELATIONS or field.type in _UNREADABLE:
        raise UnknownField(kind.singular, name)
    subfields = SUBFIELDS.get(field.type)
    return f"{name}{{{' '.join(subfields)}}}" if subfields else name


def _by_their_fields(name: str, objects: Mapping[str, Object]) -> Iterator[Pointing]:
    for other in objects.values():
        for field in other.fields_list:
            leads_here = field.relation and field.relation.target_object_metadata.name_singular == name
            if other.is_active and field.is_active and leads_here and (column := field.join_column):
                yield Pointing(other.singular, column)


def _by_own_fields(own: Object, objects: Mapping[str, Object]) -> Iterator[Pointing]:
    for field in own.fields_list:
        relation = field.relation
        if not field.is_active or relation is None or relation.type != "ONE_TO_MANY":
            continue
        other = objects.get(relation.target_object_metadata.name_singular)
        if other and other.is_active:
            yield Pointing(other.singular, _column_over_there(own, other, relation.target_field_metadata))


def _column_over_there(own: Object, other: Object, there: Named) -> str:
    by_id = next((field for field in other.fields_list if field.id == there.id), None)
    if by_id and by_id.type == "RELATION" and by_id.join_column:
        return by_id.join_column
    suffix = own.singular[:1].upper() + own.singular[1:]
    return f"{there.name}Id" if there.name.endswith(suffix) else f"{there.name}{suffix}Id"
