"""Both ends of a relation between two objects."""

from typing import Any
from uuid import uuid4

import msgspec

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.metadata.naming import camel_case
from adapters.sandbox.model import MANY_TO_ONE, ONE_TO_MANY, SET_NULL, FieldMeta, ObjectMeta


class ReverseEnd(msgspec.Struct, frozen=True):
    """What a client says of the other end: its name, label and icon."""

    name: str
    label: str
    icon: str


def asked_for(payload: dict[str, Any]) -> ReverseEnd:
    """The other end as `relationCreationPayload` asks for it; its name is made from its label."""
    label = str(payload.get("targetFieldLabel", ""))
    return ReverseEnd(camel_case(label), label, str(payload.get("targetFieldIcon", "")))


def both_ends(
    near: FieldMeta, source: ObjectMeta, target: ObjectMeta, kind: str, reverse: ReverseEnd
) -> tuple[FieldMeta, FieldMeta]:
    """`near` on `source`, completed as a relation of `kind` to `target`, and its reverse on `target`.

    The many side holds the join column `<name>Id`; rows survive their target (SET_NULL, `metadata` number 32).
    """
    far_id = str(uuid4())
    far_kind = ONE_TO_MANY if kind == MANY_TO_ONE else MANY_TO_ONE
    completed = msgspec.structs.replace(
        near,
        description=near.description or _description(source, target),
        icon=near.icon or "IconRelationOneToMany",
        settings=_settings(near.name, kind),
        target_object_id=target.id,
        target_field_id=far_id,
    )
    far = msgspec.structs.replace(
        near,
        id=far_id,
        universal_identifier=str(uuid4()),
        object_id=target.id,
        name=reverse.name,
        label=reverse.label,
        description=_description(target, source),
        icon=reverse.icon,
        settings=_settings(reverse.name, far_kind),
        target_object_id=source.id,
        target_field_id=near.id,
        rank=next_rank(target),
    )
    return completed, far


def next_rank(owner: ObjectMeta) -> int:
    """The place after an object's last field."""
    return 1 + max((field.rank for field in owner.fields), default=-1)


def _settings(name: str, kind: str) -> dict[str, Any]:
    if kind == ONE_TO_MANY:
        return {"relationType": ONE_TO_MANY}
    return {"relationType": MANY_TO_ONE, "onDelete": SET_NULL, "joinColumnName": f"{name}Id"}


def _description(source: ObjectMeta, target: ObjectMeta) -> str:
    return f"{capitalised(source.name_plural)} tied to the {target.label_singular}"
