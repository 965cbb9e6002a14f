"""What every kind of rows becomes, as a mapping says: the objects, their fields and relations, in one list.

Contacts also give notes, and transactions and contacts give companies; names (tags, lists) that are records of their
own come with junctions.
"""

from collections.abc import Iterator, Mapping

import msgspec

from adapters.mapping.config import FieldSpec, MappingConfig, Names, ObjectNames
from adapters.mapping.types import FieldPlan, ObjectPlan

PERSON = "person"
COMPANY = "company"
OPPORTUNITY = "opportunity"
TASK = "task"
NOTE = "note"
TARGETS: Mapping[str, str] = {TASK: "taskTarget", NOTE: "noteTarget"}
"""The object that ties a task or a note to a person (FACTS section 11)."""

KINDS: Mapping[str, str] = {"lead_details": "contacts"}
"""Kinds of files whose rows are of another kind: answers about a lead are one more export of contacts."""


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A relation of a custom object to another: its name and label, and what the other side is called."""

    name: str
    label: str
    target: str
    reverse_label: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An object that rows of a kind become. `person` is the column that points at a person."""

    kind: str
    object: str
    fields: Mapping[str, FieldSpec]
    names: ObjectNames | None = None
    person: str | None = None
    relations: tuple[Relation, ...] = ()


def targets(config: MappingConfig) -> tuple[Target, ...]:
    """The targets of a mapping, parents first."""
    return tuple(_targets(config))


def target_of(config: MappingConfig, kind: str, *, note: bool = False) -> Target | None:
    """What rows of a kind become (a contact's note where asked for), or None where they are not moved."""
    wanted = (one for one in targets(config) if one.kind == kind and (one.object == NOTE) == note)
    return next(wanted, None)


def object_plans(config: MappingConfig) -> tuple[ObjectPlan, ...]:
    """The custom objects of a mapping."""
    plain = [target.names for target in targets(config) if target.names is not None]
    named = [names for one in config.names for names in (one.object, one.junction.object)]
    return tuple(_object_plan(names) for names in (*plain, *named))


def relation_plans(config: MappingConfig) -> Iterator[FieldPlan]:
    """The relations of the custom objects of a mapping."""
    for target in targets(config):
        for relation in target.relations:
            yield _relation_plan(target.object, relation)
    for names in config.names:
        for relation in _ties(names):
            yield _relation_plan(names.junction.object.name, relation)


def person_target(config: MappingConfig) -> Target:
    """What contacts become."""
    return Target(kind="contacts", object=PERSON, fields=config.person_fields)


def _targets(config: MappingConfig) -> Iterator[Target]:
    yield person_target(config)
    if config.opportunity is not None:
        fields = config.opportunity.fields
        yield Target(kind="transactions", object=OPPORTUNITY, fields=fields, person="pointOfContactId")
    yield from _subscriptions(config)
    if config.affiliate is not None:
        section = config.affiliate
        yield _custom("affiliates", section.object, section.fields, section.person, section.person_label)
    if config.note is not None:
        yield Target(kind="contacts", object=NOTE, fields=config.note.fields)
    if config.task is not None:
        yield Target(kind="bookings", object=TASK, fields=config.task.fields)


def _subscriptions(config: MappingConfig) -> Iterator[Target]:
    section = config.subscription
    if section is None:
        return
    if section.form == "opportunity" and section.opportunity is not None:
        fields = section.opportunity.fields
        yield Target(kind="subscriptions", object=OPPORTUNITY, fields=fields, person="pointOfContactId")
    elif section.custom is not None:
        custom = section.custom
        yield _custom("subscriptions", custom.object, custom.fields, custom.person, custom.person_label)


def _custom(kind: str, names: ObjectNames, fields: Mapping[str, FieldSpec], person: str, label: str) -> Target:
    relation = Relation(name=person, label=label, target=PERSON, reverse_label=names.label_plural)
    return Target(kind=kind, object=names.name, fields=fields, names=names, person=f"{person}Id", relations=(relation,))


def _ties(names: Names) -> tuple[Relation, Relation]:
    junction = names.junction
    reverse = junction.object.label_plural
    entry = names.object
    return (
        Relation(name=junction.person, label="Person", target=PERSON, reverse_label=reverse),
        Relation(name=junction.entry, label=entry.label, target=entry.name, reverse_label=reverse),
    )


def _object_plan(names: ObjectNames) -> ObjectPlan:
    return ObjectPlan(
        name=names.name, plural=names.plural, label=names.label, label_plural=names.label_plural, icon=names.icon
    )


def _relation_plan(object_name: str, relation: Relation) -> FieldPlan:
    return FieldPlan(
        object=object_name,
        name=relation.name,
        label=relation.label,
        type="RELATION",
        target=relation.target,
        reverse_label=relation.reverse_label,
    )
