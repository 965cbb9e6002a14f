"""The workspace's data model: objects and their fields, as an immutable snapshot.

`catalog` reads and writes it, `tables` gives it its record tables, `standard` is what a new workspace starts with.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import COMPOSITES, SCALARS, UNIQUE_SUBFIELD, Column, Kind, capitalised

MANY_TO_ONE = "MANY_TO_ONE"
ONE_TO_MANY = "ONE_TO_MANY"
CASCADE = "CASCADE"
SET_NULL = "SET_NULL"


class FieldMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One row of core_field. Times are UTC text with milliseconds; `options` is the list as `/metadata` shows it.

    RELATION fields name the other end (`target_object_id`, `target_field_id`); their `settings` hold `relationType`
    and, on the many side, `joinColumnName` and `onDelete` (CASCADE or SET_NULL).
    """

    id: str
    universal_identifier: str
    object_id: str
    name: str
    label: str
    type: str
    application_id: str
    description: str = ""
    icon: str = ""
    is_active: bool = True
    is_system: bool = False
    is_nullable: bool = True
    is_unique: bool = False
    default_value: Any = None
    options: list[dict[str, Any]] | None = None
    settings: dict[str, Any] | None = None
    target_object_id: str | None = None
    target_field_id: str | None = None
    rank: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def relation_type(self) -> str | None:
        """MANY_TO_ONE, ONE_TO_MANY, or None where this is no relation."""
        return None if self.type != "RELATION" else (self.settings or {})["relationType"]

    @property
    def join_column(self) -> str | None:
        """The column of a many-to-one relation (`companyId`), else None."""
        return (self.settings or {})["joinColumnName"] if self.relation_type == MANY_TO_ONE else None

    @property
    def on_delete(self) -> str:
        """What happens to rows of a many-to-one relation when their target is destroyed."""
        return str((self.settings or {}).get("onDelete", SET_NULL))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that hold this field; none for a one-to-many relation."""
        if self.type in COMPOSITES:
            subs = COMPOSITES[self.type]
            return tuple(Column(self.name + capitalised(sub.name), sub.kind, self.name, sub.name) for sub in subs)
        if self.type == "RELATION":
            return (Column(self.join_column, Kind.UUID, self.name),) if self.join_column else ()
        return (Column(self.name, SCALARS[self.type], self.name),)

    @property
    def unique_column(self) -> Column | None:
        """The column a unique field is unique by, else None."""
        if not self.is_unique:
            return None
        wanted = UNIQUE_SUBFIELD.get(self.type)
        return next(column for column in self.columns if column.sub == wanted)

    @property
    def option_values(self) -> tuple[str, ...]:
        """The values a SELECT or MULTI_SELECT takes, in their order."""
        return tuple(str(option["value"]) for option in self.options or ())


class ObjectMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel", dict=True):
    """One row of core_object with its fields, in the order `fieldsList` shows them."""

    id: str
    universal_identifier: str
    name_singular: str
    name_plural: str
    label_singular: str
    label_plural: str
    application_id: str
    description: str = ""
    icon: str = ""
    is_active: bool = True
    is_system: bool = False
    is_custom: bool = False
    label_identifier_field_id: str | None = None
    rank: int = 0
    created_at: str = ""
    updated_at: str = ""
    fields: tuple[FieldMeta, ...] = ()

    @property
    def table(self) -> str:
        """The record table; custom ones carry an underscore, as in Twenty."""
        return f"_{self.name_singular}" if self.is_custom else self.name_singular

    @property
    def type_name(self) -> str:
        """The GraphQL type (`Person`)."""
        return capitalised(self.name_singular)

    @cached_property
    def field_by_name(self) -> Mapping[str, FieldMeta]:
        """Fields by API name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def field_by_join_column(self) -> Mapping[str, FieldMeta]:
        """Many-to-one relations by their join column."""
        return {field.join_column: field for field in self.fields if field.join_column}

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the record table, in its order."""
        return tuple(column for field in self.fields for column in field.columns)

    @cached_property
    def unique_fields(self) -> tuple[FieldMeta, ...]:
        """Fields whose value one record only may hold; `id` is not among them."""
        return tuple(field for field in self.fields if field.is_unique)

    @cached_property
    def has_timeline(self) -> bool:
        """Whether changes of its records are told in the timeline."""
        return not self.is_system and "timelineActivities" in self.field_by_name


class Model:
    """All objects of one metadata version, found by name, plural or id."""

    def __init__(self, version: int, objects: Iterable[ObjectMeta]) -> None:
        """Index `objects`; `version` is the workspace's metadataVersion."""
        self.version = version
        self.objects = tuple(objects)
        self.by_singular = {item.name_singular: item for item in self.objects}
        self.by_plural = {item.name_plural: item for item in self.objects}
        self.by_id = {item.id: item for item in self.objects}
        self.field_by_id = {field.id: field for item in self.objects for field in item.fields}

    def target(self, field: FieldMeta) -> ObjectMeta:
        """The object at the other end of a relation."""
        return self.by_id[field.target_object_id or ""]

    def object_of(self, field: FieldMeta) -> ObjectMeta:
        """The object a field belongs to."""
        return self.by_id[field.object_id]
