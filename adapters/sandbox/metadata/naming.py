"""Names that objects and fields may have.

Lower-case letter first, then letters and digits, at most 63; not a reserved word, not taken, not the name of a
composite field's column (FACTS section 10; exchanges `metadata`, numbers 12 to 16 and 37 to 42).
"""

import re

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.metadata.refusals import Problem
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta

MAXIMUM_LENGTH = 63

_NAME = re.compile(r"[a-z][a-zA-Z0-9]*")
_RESERVED = frozenset(
    [
        "event",
        "events",
        "field",
        "fields",
        "index",
        "indexes",
        "link",
        "links",
        "object",
        "objects",
        "relation",
        "relations",
        "search",
        "searches",
        "type",
        "types",
        "user",
        "users",
        "role",
        "roles",
        "workspace",
        "workspaces",
    ]
)


def name_problems(name: str, code: str) -> list[Problem]:
    """What is wrong with a name by itself; `code` says whose name it is (INVALID_FIELD_INPUT, INVALID_OBJECT_INPUT)."""
    if len(name) > MAXIMUM_LENGTH:
        return [Problem(code, "Name is too long", value=name)]
    if _NAME.fullmatch(name) is None:
        message = "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters"
        return [Problem(code, message, value=name)]
    if name in _RESERVED:
        message = 'This name is reserved. Use a different name or the system will add "Custom" suffix.'
        return [Problem(code, message, value=name)]
    return []


def field_name_problems(name: str, owner: ObjectMeta) -> list[Problem]:
    """What is wrong with a new field's name on `owner`."""
    return name_problems(name, "INVALID_FIELD_INPUT") or _taken(name, owner)


def column_problems(field: FieldMeta, owner: ObjectMeta) -> list[Problem]:
    """Whether a new field's columns are taken, be it in other letter case: SQLite tells no case in names apart."""
    taken = {column.name.lower() for column in owner.columns}
    clash = next((column.name for column in field.columns if column.name.lower() in taken), None)
    return [] if clash is None else [_not_available(clash)]


def object_name_problems(singular: str, plural: str, model: Model) -> list[Problem]:
    """What is wrong with a new object's names."""
    taken = {name.lower() for item in model.objects for name in (item.name_singular, item.name_plural)}
    if taken & {singular.lower(), plural.lower()}:
        return [Problem("OBJECT_ALREADY_EXISTS", "Object already exists")]
    if singular == plural:
        message = "The singular and plural names cannot be the same for an object"
        return [Problem("INVALID_OBJECT_INPUT", message, value=singular)]
    return [problem for name in (singular, plural) for problem in name_problems(name, "INVALID_OBJECT_INPUT")]


def camel_case(label: str) -> str:
    """The name made from a label: `People of it` to `peopleOfIt`."""
    words = re.findall(r"[A-Za-z0-9]+", label)
    joined = "".join(capitalised(word) for word in words)
    return joined[:1].lower() + joined[1:]


def _taken(name: str, owner: ObjectMeta) -> list[Problem]:
    if name in owner.field_by_name or name in owner.field_by_join_column:
        return [_not_available(name)]
    if any(name in _sub_columns(field) for field in owner.fields):
        return [
            Problem(
                "RESERVED_KEYWORD",
                f'Name "{name}" is reserved composite field name',
                f'Name "{name}" is not available',
                value=name,
            )
        ]
    return []


def _not_available(name: str) -> Problem:
    message = f'Name "{name}" is not available as it is already used by another field'
    return Problem("NOT_AVAILABLE", message, value=name)


def _sub_columns(field: FieldMeta) -> set[str]:
    return {column.name for column in field.columns if column.sub is not None}
