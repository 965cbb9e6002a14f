"""Changing the data model: objects, fields and options, one change a call (GRAPHQL section 9).

Twenty chooses the ids of what is made, so a lost answer is settled by reading the model and comparing (`equal`).
Options sent again without their ids empty every record's value; here they cannot be: what was there goes back as read.
"""

from collections.abc import Iterable, Mapping
from itertools import cycle, islice
from typing import Any

import msgspec

from adapters.mapping.types import FieldPlan, ObjectPlan
from adapters.twenty.client import TwentyClient
from adapters.twenty.errors import NotFound, StaleModel
from adapters.twenty.model import Field, Option
from adapters.twenty.workspace import as_written, read_model

_FIELD_PARTS = (
    "id name label type isActive isSystem applicationId isNullable isUnique defaultValue options settings "
    "relation{type targetObjectMetadata{id nameSingular} targetFieldMetadata{id name}}"
)
_CREATE_OBJECT = "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id}}"
_CREATE_FIELD = f"mutation($i:CreateOneFieldMetadataInput!){{createOneField(input:$i){{{_FIELD_PARTS}}}}}"
_UPDATE_FIELD = f"mutation($i:UpdateOneFieldMetadataInput!){{updateOneField(input:$i){{{_FIELD_PARTS}}}}}"
_DELETE_FIELD = "mutation($i:DeleteOneFieldInput!){deleteOneField(input:$i){id}}"
_DELETE_OBJECT = "mutation($i:DeleteOneObjectInput!){deleteOneObject(input:$i){id}}"

# Twenty's palette, in an order that keeps neighbours apart.
_COLOURS = ("blue", "green", "orange", "purple", "turquoise", "pink", "yellow", "sky", "red", "gray")


class _Made(msgspec.Struct):
    id: str


async def create_object(client: TwentyClient, plan: ObjectPlan) -> str:
    """Make a custom object; returns its id. Raises SchemaRefused (OBJECT_ALREADY_EXISTS, …), OutcomeUnknown."""
    wanted = {
        "nameSingular": plan.name,
        "namePlural": plan.plural,
        "labelSingular": plan.label,
        "labelPlural": plan.label_plural,
        "icon": plan.icon,
    }
    answer = await client.metadata_write(_CREATE_OBJECT, {"i": {"object": wanted}})
    return as_written(_Made, answer.get("createOneObject")).id


async def create_field(client: TwentyClient, object_id: str, plan: FieldPlan, *, target_id: str | None = None) -> Field:
    """Make a field on the object with this metadata id; a RELATION (many to one) wants its target's `target_id`.

    Raises SchemaRefused (NOT_AVAILABLE, RESERVED_KEYWORD, …), OutcomeUnknown; ValueError for a relation without target.
    """
    wanted: dict[str, Any] = {
        "objectMetadataId": object_id,
        "name": plan.name,
        "label": plan.label,
        "type": plan.type,
    }
    if plan.options:
        wanted["options"] = _new_options(plan.options, start=0)
    if plan.type == "BOOLEAN":
        # As recorded: nothing said must stay apart from "no".
        wanted["defaultValue"] = None
    if plan.settings:
        wanted["settings"] = dict(plan.settings)
    if plan.type == "RELATION":
        wanted["relationCreationPayload"] = _relation(plan, target_id)
    answer = await client.metadata_write(_CREATE_FIELD, {"i": {"field": wanted}})
    return as_written(Field, answer.get("createOneField"))


async def add_options(client: TwentyClient, field: Field, new: Mapping[str, str]) -> Field:
    """Add choices (value → label) to a select; those there already are left alone. Returns the field as it is then.

    The field's options are read again first: raises StaleModel where they are no longer those of `field`, NotFound
    where the field is gone. Two editors within that one call are the only way left to lose an option.
    """
    missing = {value: label for value, label in new.items() if value not in {one.value for one in field.options or ()}}
    if not missing:
        return field
    current = await _read_again(client, field)
    kept = [msgspec.to_builtins(option) for option in current]
    added = _new_options(missing, start=1 + max((option.position for option in current), default=-1))
    answer = await client.metadata_write(_UPDATE_FIELD, {"i": {"id": field.id, "update": {"options": kept + added}}})
    return as_written(Field, answer.get("updateOneField"))


async def remove_options(client: TwentyClient, field: Field, values: Iterable[str]) -> Field:
    """Take choices out of a select; the others go back as read, so that records keep their values.

    Records that held one of them hold nothing then (FACTS section 10): ask `holding` before. Raises StaleModel,
    NotFound, and ValueError where no choice would be left (Twenty wants one: GRAPHQL section 9).
    """
    current = await _read_again(client, field)
    gone = set(values)
    kept = [msgspec.to_builtins(option) for option in current if option.value not in gone]
    if not kept:
        raise ValueError(f"{field.name!r} would be left without a choice: delete the field instead")
    answer = await client.metadata_write(_UPDATE_FIELD, {"i": {"id": field.id, "update": {"options": kept}}})
    return as_written(Field, answer.get("updateOneField"))


async def delete_field(client: TwentyClient, field_id: str) -> None:
    """Delete a custom field with all its values. Raises NotFound where it is gone, SchemaRefused for a standard one."""
    await client.metadata_write(_DELETE_FIELD, {"i": {"id": field_id}})


async def delete_object(client: TwentyClient, object_id: str) -> None:
    """Delete a custom object with its records. Raises NotFound where it is gone, SchemaRefused for a standard one."""
    await client.metadata_write(_DELETE_OBJECT, {"i": {"id": object_id}})


def equal(plan: FieldPlan, field: Field) -> list[str]:
    """Say what of an existing field differs from the plan; empty: it can be taken for the planned one.

    Compared: name, type, being active, the planned options (value and label; there may be more), the planned
    settings, the target of a relation. Labels of fields are for people and may differ.
    """
    found = {
        "name": plan.name == field.name,
        "type": plan.type == field.type,
        "active": field.is_active,
        "options": _options_there(plan, field),
        "settings": all((field.settings or {}).get(name) == value for name, value in plan.settings.items()),
        "target": plan.type != "RELATION" or _target_of(field) == plan.target,
    }
    return [name for name, same in found.items() if not same]


def _options_there(plan: FieldPlan, field: Field) -> bool:
    there = {option.value: option.label for option in field.options or ()}
    return all(there.get(value) == label for value, label in plan.options.items())


def _target_of(field: Field) -> str | None:
    if field.relation is None or field.relation.type != "MANY_TO_ONE":
        return None
    return field.relation.target_object_metadata.name_singular


async def _read_again(client: TwentyClient, field: Field) -> tuple[Option, ...]:
    model = await read_model(client)
    every = (one for known in model.objects.values() for one in known.fields_list)
    current = next((one for one in every if one.id == field.id), None)
    if current is None:
        raise NotFound
    if set(current.options or ()) != set(field.options or ()):
        raise StaleModel(field.name)
    return current.options or ()


def _new_options(new: Mapping[str, str], *, start: float) -> list[dict[str, Any]]:
    colours = islice(cycle(_COLOURS), int(start) % len(_COLOURS), None)
    return [
        {"value": value, "label": label, "color": colour, "position": int(start) + at}
        for at, ((value, label), colour) in enumerate(zip(new.items(), colours, strict=False))
    ]


def _relation(plan: FieldPlan, target_id: str | None) -> dict[str, str]:
    if target_id is None or plan.reverse_label is None:
        raise ValueError(f"the relation {plan.name!r} needs its target's id and the label of the reverse field")
    return {
        "type": "MANY_TO_ONE",
        "targetObjectMetadataId": target_id,
        "targetFieldLabel": plan.reverse_label,
        "targetFieldIcon": "IconRelationOneToMany",
    }
