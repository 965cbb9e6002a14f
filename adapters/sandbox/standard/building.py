"""From specs to the data model of one workspace: ids, ranks, options, and the reverse of each relation."""

from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from adapters.sandbox.model import MANY_TO_ONE, ONE_TO_MANY, FieldMeta, ObjectMeta
from adapters.sandbox.standard.objects import OBJECTS
from adapters.sandbox.standard.specs import BASE, Spec, Standard, words

OPTION_COLOURS = ("red", "purple", "sky", "turquoise", "yellow", "green", "orange")


def standard_objects(workspace_id: str, application_id: str, now: str) -> tuple[ObjectMeta, ...]:
    """The standard objects of one workspace; ids follow from `workspace_id`, `now` is their createdAt."""
    build = _Builder(UUID(workspace_id), application_id, now)
    reversed_ = [(owner, spec) for owner in OBJECTS for spec in owner.specs if spec.target]
    return tuple(
        build.object(rank, item, [pair for pair in reversed_ if pair[1].target == item.singular])
        for rank, item in enumerate(OBJECTS)
    )


class _Builder:
    """Gives specs their ids; holds what every row of the model shares."""

    def __init__(self, namespace: UUID, application_id: str, now: str) -> None:
        self._namespace, self._application_id, self._now = namespace, application_id, now
        self._ids: dict[tuple[str, ...], str] = {}

    def object(self, rank: int, item: Standard, reverses: list[tuple[Standard, Spec]]) -> ObjectMeta:
        fields = [self._field(item, spec) for spec in (*BASE, *item.specs)]
        fields += [self._reverse(item, owner, spec) for owner, spec in reverses]
        label_field = next((spec.name for spec in item.specs if spec.name in ("name", "title", "handle")), "id")
        return ObjectMeta(
            id=self._id(item.singular),
            universal_identifier=_universal(item.singular),
            name_singular=item.singular,
            name_plural=item.plural,
            label_singular=item.label,
            label_plural=item.label_plural,
            application_id=self._application_id,
            description=item.label,
            icon=item.icon,
            is_system=item.is_system,
            label_identifier_field_id=self._id(item.singular, label_field),
            rank=rank,
            created_at=self._now,
            updated_at=self._now,
            fields=tuple(msgspec.structs.replace(field, rank=place) for place, field in enumerate(fields)),
        )

    def _id(self, *path: str) -> str:
        known = self._ids.get(path)
        if known is None:
            known = self._ids[path] = str(uuid5(self._namespace, ".".join(path)))
        return known

    def _field(self, item: Standard, spec: Spec) -> FieldMeta:
        plain = self._plain(item, spec.name, spec.type, spec.label)
        return msgspec.structs.replace(
            plain,
            icon=spec.icon,
            is_nullable=spec.is_nullable,
            is_unique=spec.is_unique,
            is_system=spec.is_system,
            default_value=spec.default,
            options=self._options(item, spec),
            settings=_settings(spec),
            target_object_id=self._id(spec.target) if spec.target else None,
            target_field_id=self._id(spec.target, _reverse_name(item, spec)) if spec.target else None,
        )

    def _reverse(self, item: Standard, owner: Standard, spec: Spec) -> FieldMeta:
        name = _reverse_name(owner, spec)
        return msgspec.structs.replace(
            self._plain(item, name, "RELATION", words(name)),
            settings={"relationType": ONE_TO_MANY},
            target_object_id=self._id(owner.singular),
            target_field_id=self._id(owner.singular, spec.name),
        )

    def _plain(self, item: Standard, name: str, type_name: str, label: str) -> FieldMeta:
        return FieldMeta(
            id=self._id(item.singular, name),
            universal_identifier=_universal(f"{item.singular}.{name}"),
            object_id=self._id(item.singular),
            name=name,
            label=label,
            type=type_name,
            application_id=self._application_id,
            description=label,
            created_at=self._now,
            updated_at=self._now,
        )

    def _options(self, item: Standard, spec: Spec) -> list[dict[str, Any]] | None:
        if not spec.options:
            return None
        return [
            {
                "id": self._id(item.singular, spec.name, value),
                "color": OPTION_COLOURS[place % len(OPTION_COLOURS)],
                "label": label,
                "value": value,
                "position": place,
            }
            for place, (value, label) in enumerate(spec.options)
        ]


@cache
def _universal(name: str) -> str:
    """The id that a standard object or field has in every workspace."""
    return str(uuid5(NAMESPACE_URL, name))


def _reverse_name(owner: Standard, spec: Spec) -> str:
    """The name of a relation's other end: the plural, unless the relation gives one."""
    return spec.reverse or owner.plural


def _settings(spec: Spec) -> dict[str, Any] | None:
    if spec.target:
        return {"relationType": MANY_TO_ONE, "joinColumnName": f"{spec.name}Id", "onDelete": spec.on_delete}
    return {"displayFormat": "RELATIVE"} if spec.type == "DATE_TIME" and spec.is_system else None
