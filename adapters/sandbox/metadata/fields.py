"""createOneField, updateOneField, deleteOneField."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec

from adapters.sandbox import tables
from adapters.sandbox.graphql.records import defaults_of
from adapters.sandbox.metadata import options as choices
from adapters.sandbox.metadata import refusals
from adapters.sandbox.metadata.kinds import type_problems
from adapters.sandbox.metadata.naming import column_problems, field_name_problems
from adapters.sandbox.metadata.refusals import Failure, Problem
from adapters.sandbox.metadata.relations import asked_for, both_ends, next_rank
from adapters.sandbox.model import MANY_TO_ONE, ONE_TO_MANY, FieldMeta, ObjectMeta
from adapters.sandbox.workspace import Workspace, now, shown

_NEVER_NULL = {
    "label": "label",
    "description": "description",
    "icon": "icon",
    "isActive": "is_active",
    "isNullable": "is_nullable",
    "isUnique": "is_unique",
}
_MAYBE_NULL = {"defaultValue": "default_value", "settings": "settings"}
_VIEWS_OF_AN_OBJECT = ("index", "record page")


def create_field(workspace: Workspace, sent: Mapping[str, Any]) -> FieldMeta:
    """Make a field, and for a relation its reverse; usable by the next `/graphql` call.

    Raises Refusal: unknown object or target, a name or option that may not be, a not-null field without default.
    """
    owner = workspace.model.by_id.get(sent["objectMetadataId"])
    if owner is None:
        raise _no_such_object()
    field = _drafted(workspace, owner, sent)
    made = _relation_ends(workspace, owner, field, sent) if field.type == "RELATION" else (field,)
    _refuse_invalid(workspace, made)
    if not field.is_nullable and field.default_value is None:
        raise refusals.migration_failed("create", "fieldMetadata", field.universal_identifier)
    with workspace.schema_change() as connection:
        for end in made:
            workspace.add_field(end)
        _fill_defaults(connection, owner, made[0])
    return made[0]


def update_field(workspace: Workspace, field_id: str, sent: Mapping[str, Any]) -> FieldMeta:
    """Change what may change of a field; its type cannot.

    Raises Refusal: unknown field, options that may not be, `isUnique` while two records hold the same value.
    """
    before = workspace.model.field_by_id.get(field_id)
    if before is None:
        raise refusals.early_refusal(
            "update", Problem("FIELD_METADATA_NOT_FOUND", "Field metadata to update not found")
        )
    after = _changed(before, sent)
    if problems := type_problems(after):
        raise _refused("updating", [_failure(workspace, after, "update", problems)])
    _apply(workspace, before, after)
    return after


def delete_field(workspace: Workspace, field_id: str) -> FieldMeta:
    """Remove a custom field with its values, and for a relation its reverse.

    Raises Refusal: unknown field, standard field.
    """
    field = workspace.model.field_by_id.get(field_id)
    if field is None:
        raise refusals.field_to_delete_not_found()
    if field.application_id != workspace.row.custom_application_id:
        raise refusals.standard_field_kept(field.name)
    reverse = workspace.model.field_by_id.get(field.target_field_id or "")
    with workspace.schema_change():
        for end in (field,) if reverse is None else (field, reverse):
            workspace.remove_field(end)
    return field


def _changed(before: FieldMeta, sent: Mapping[str, Any]) -> FieldMeta:
    """The field as asked for; a relation's settings are its two ends and stay."""
    changes = {own: sent[name] for name, own in _NEVER_NULL.items() if sent.get(name) is not None}
    changes |= {own: sent[name] for name, own in _MAYBE_NULL.items() if name in sent}
    if before.type == "RELATION":
        changes.pop("settings", None)
    if before.type in choices.OPTION_TYPES and "options" in sent:
        changes["options"] = choices.with_ids(sent["options"])
    return msgspec.structs.replace(before, **changes, updated_at=shown(now()))


def _drafted(workspace: Workspace, owner: ObjectMeta, sent: Mapping[str, Any]) -> FieldMeta:
    moment = shown(now())
    kind = sent["type"]
    return FieldMeta(
        id=str(uuid4()),
        universal_identifier=str(uuid4()),
        object_id=owner.id,
        name=sent["name"],
        label=sent["label"],
        type=kind,
        application_id=workspace.row.custom_application_id,
        description=sent.get("description") or "",
        icon=sent.get("icon") or "",
        is_nullable=sent.get("isNullable") is not False,
        is_unique=bool(sent.get("isUnique")),
        default_value=sent.get("defaultValue"),
        options=_options(kind, sent.get("options")),
        settings=sent.get("settings"),
        rank=next_rank(owner),
        created_at=moment,
        updated_at=moment,
    )


def _options(kind: str, sent: Any) -> list[dict[str, Any]] | None:
    if kind == "RATING":
        return choices.rating_options()
    return choices.with_ids(sent) if kind in choices.OPTION_TYPES else None


def _relation_ends(
    workspace: Workspace, owner: ObjectMeta, field: FieldMeta, sent: Mapping[str, Any]
) -> tuple[FieldMeta, FieldMeta]:
    payload = sent.get("relationCreationPayload")
    if not isinstance(payload, dict):
        raise refusals.early_refusal("create", Problem("INVALID_FIELD_INPUT", "Relation creation payload is required"))
    target = workspace.model.by_id.get(str(payload.get("targetObjectMetadataId")))
    if target is None or payload.get("type") not in (MANY_TO_ONE, ONE_TO_MANY):
        raise refusals.early_refusal(
            "create",
            Problem(
                "FIELD_METADATA_RELATION_MALFORMED",
                "Object metadata relation target not found for relation creation payload",
                "Object targeted by field to create not found",
                value=payload,
            ),
        )
    return both_ends(field, owner, target, payload["type"], asked_for(payload))


def _no_such_object() -> refusals.ValidationRefusal:
    return refusals.early_refusal(
        "create",
        Problem(
            "OBJECT_METADATA_NOT_FOUND",
            "Provided object metadata id does not exist",
            "Created field metadata, parent object metadata not found",
        ),
    )


def _refuse_invalid(workspace: Workspace, made: Sequence[FieldMeta]) -> None:
    failures = [
        _failure(workspace, field, "create", problems) for field in made if (problems := _problems(workspace, field))
    ]
    if failures:
        unseen = [_unseen(failure, view) for failure in failures for view in _VIEWS_OF_AN_OBJECT]
        raise _refused("creating", [*failures, *unseen])


def _problems(workspace: Workspace, field: FieldMeta) -> list[Problem]:
    """Of a new field; its columns are looked at only where it may have any."""
    owner = workspace.model.by_id[field.object_id]
    own = field_name_problems(field.name, owner) + type_problems(field)
    return own or column_problems(field, owner)


def _refused(doing: str, failures: Sequence[Failure]) -> refusals.ValidationRefusal:
    return refusals.ValidationRefusal(f"Multiple validation errors occurred while {doing} fields", failures)


def _failure(
    workspace: Workspace, field: FieldMeta, operation: refusals.Operation, problems: Sequence[Problem]
) -> Failure:
    identity = {
        "universalIdentifier": field.universal_identifier,
        "name": field.name,
        "objectMetadataUniversalIdentifier": workspace.model.by_id[field.object_id].universal_identifier,
    }
    return Failure("fieldMetadata", operation, tuple(problems), identity)


def _unseen(failure: Failure, view: str) -> Failure:
    """A refused field is missing from its object's views, too: noise that comes with every refusal."""
    identity = {
        "universalIdentifier": str(uuid4()),
        "viewUniversalIdentifier": str(uuid5(UUID(failure.identity["objectMetadataUniversalIdentifier"]), view)),
        "fieldMetadataUniversalIdentifier": failure.identity["universalIdentifier"],
    }
    return Failure("viewField", "create", (Problem("INVALID_VIEW_DATA", "Field metadata not found"),), identity)


def _fill_defaults(connection: sqlite3.Connection, owner: ObjectMeta, field: FieldMeta) -> None:
    """Existing records get a new field's default, as a column with a default gives it in PostgreSQL."""
    defaults = defaults_of(field, now())
    for column in field.columns:
        tables.fill_default(connection, owner, column, defaults.get(column.name))


def _apply(workspace: Workspace, before: FieldMeta, after: FieldMeta) -> None:
    owner = workspace.model.by_id[before.object_id]
    try:
        with workspace.schema_change() as connection:
            if after.options != before.options:
                choices.carry_values(connection, owner, before, after.options or ())
                tables.drop_option_index(connection, owner, before)
            workspace.replace_field(after)
    except sqlite3.IntegrityError as error:
        raise refusals.migration_failed("create", "index", str(uuid4())) from error
