"""createOneObject and deleteOneObject."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.metadata import refusals
from adapters.sandbox.metadata.collateral import collateral_failures
from adapters.sandbox.metadata.naming import object_name_problems
from adapters.sandbox.metadata.refusals import Failure, Problem
from adapters.sandbox.metadata.relations import ReverseEnd, both_ends, next_rank
from adapters.sandbox.model import MANY_TO_ONE, FieldMeta, ObjectMeta
from adapters.sandbox.workspace import Workspace, now, shown

_ACTOR = {"name": "''", "source": "'MANUAL'"}
_OWN_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "name", "type": "TEXT", "label": "Name", "icon": "IconAbc", "is_system": False},
    {"name": "id", "type": "UUID", "label": "Id", "icon": "Icon123", "is_nullable": False, "default_value": "uuid"},
    {"name": "createdAt", "type": "DATE_TIME", "label": "Creation date", "icon": "IconCalendar"}
    | {"is_nullable": False, "default_value": "now"},
    {"name": "createdBy", "type": "ACTOR", "label": "Created by", "icon": "IconCreativeCommonsSa"}
    | {"is_nullable": False, "default_value": _ACTOR},
    {"name": "deletedAt", "type": "DATE_TIME", "label": "Deleted at", "icon": "IconCalendarClock"},
    {"name": "position", "type": "POSITION", "label": "Position", "icon": "IconHierarchy2"}
    | {"is_nullable": False, "default_value": 0},
    {"name": "updatedAt", "type": "DATE_TIME", "label": "Last update", "icon": "IconCalendarClock"}
    | {"is_nullable": False, "default_value": "now"},
    {"name": "updatedBy", "type": "ACTOR", "label": "Updated by", "icon": "IconUserCircle"}
    | {"is_nullable": False, "default_value": _ACTOR},
    {"name": "searchVector", "type": "TS_VECTOR", "label": "Search vector", "icon": "IconSearch"},
)
_LINKED = {
    "timelineActivity": ReverseEnd("timelineActivities", "Timeline Activities", "IconTimelineEvent"),
    "attachment": ReverseEnd("attachments", "Attachments", "IconFileImport"),
    "noteTarget": ReverseEnd("noteTargets", "Notes", "IconNotes"),
    "taskTarget": ReverseEnd("taskTargets", "Tasks", "IconCheckbox"),
}
"""What every custom object is linked with, in the order `fieldsList` shows it (`metadata`, number 11)."""


def create_object(workspace: Workspace, sent: Mapping[str, Any]) -> ObjectMeta:
    """Make an object with its own fields and its links; its records are usable by the next `/graphql` call.

    Raises Refusal where a name is taken, reserved or malformed.
    """
    item = _drafted(workspace, sent)
    problems = object_name_problems(item.name_singular, item.name_plural, workspace.model)
    if problems:
        failures = collateral_failures(_failure(item, "create", problems), workspace.model)
        raise refusals.ValidationRefusal("Multiple validation errors occurred while creating object", failures)
    with workspace.schema_change():
        workspace.add_object(item)
        for far_name, reverse in _LINKED.items():
            _link(workspace, workspace.model.by_id[item.id], workspace.model.by_singular[far_name], reverse)
    return workspace.model.by_id[item.id]


def delete_object(workspace: Workspace, object_id: str) -> ObjectMeta:
    """Remove a custom object with its records and every relation to it.

    Raises Refusal: unknown object, standard object.
    """
    item = workspace.model.by_id.get(object_id)
    if item is None:
        raise refusals.object_to_delete_not_found()
    if not item.is_custom:
        raise _standard_object_kept(item)
    with workspace.schema_change():
        workspace.remove_object(item)
    return item


def _drafted(workspace: Workspace, sent: Mapping[str, Any]) -> ObjectMeta:
    moment = shown(now())
    object_id = str(uuid4())
    fields = tuple(_own_field(workspace, object_id, moment, rank, own) for rank, own in enumerate(_OWN_FIELDS))
    return ObjectMeta(
        id=object_id,
        universal_identifier=str(uuid4()),
        name_singular=sent["nameSingular"],
        name_plural=sent["namePlural"],
        label_singular=sent["labelSingular"],
        label_plural=sent["labelPlural"],
        application_id=workspace.row.custom_application_id,
        description=sent.get("description") or "",
        icon=sent.get("icon") or "",
        is_custom=True,
        label_identifier_field_id=fields[0].id,
        rank=1 + max(item.rank for item in workspace.model.objects),
        created_at=moment,
        updated_at=moment,
        fields=fields,
    )


def _own_field(workspace: Workspace, object_id: str, moment: str, rank: int, own: Mapping[str, Any]) -> FieldMeta:
    return FieldMeta(
        id=str(uuid4()),
        universal_identifier=str(uuid4()),
        object_id=object_id,
        application_id=workspace.row.custom_application_id,
        description=own["label"],
        rank=rank,
        created_at=moment,
        updated_at=moment,
        **{"is_system": True, **own},
    )


def _link(workspace: Workspace, item: ObjectMeta, far: ObjectMeta, reverse: ReverseEnd) -> None:
    """Give `far` the relation `target<Item>`, and `item` its reverse."""
    near = msgspec.structs.replace(
        item.fields[0],
        id=str(uuid4()),
        universal_identifier=str(uuid4()),
        object_id=far.id,
        name=f"target{capitalised(item.name_singular)}",
        label=item.label_singular,
        type="RELATION",
        description=f"{capitalised(far.name_plural)} {item.label_singular}",
        icon=reverse.icon,
        rank=next_rank(far),
    )
    for end in both_ends(near, far, item, MANY_TO_ONE, reverse):
        workspace.add_field(end)


def _failure(item: ObjectMeta, operation: refusals.Operation, problems: list[Problem]) -> Failure:
    identity = {
        "universalIdentifier": item.universal_identifier,
        "namePlural": item.name_plural,
        "nameSingular": item.name_singular,
    }
    return Failure("objectMetadata", operation, tuple(problems), identity)


def _standard_object_kept(item: ObjectMeta) -> refusals.ValidationRefusal:
    problem = Problem("FIELD_MUTATION_NOT_ALLOWED", "System fields cannot be deleted")
    failures = [
        Failure(
            "fieldMetadata",
            "delete",
            (problem,),
            {
                "universalIdentifier": field.universal_identifier,
                "name": field.name,
                "objectMetadataUniversalIdentifier": item.universal_identifier,
            },
        )
        for field in item.fields
        if field.is_system
    ]
    own = _failure(item, "delete", [Problem("INVALID_OBJECT_INPUT", "Standard objects cannot be deleted")])
    return refusals.ValidationRefusal("Multiple validation errors occurred while deleting object", [*failures, own])
