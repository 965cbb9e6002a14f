"""Root fields: which operation on which object a name such as `createPeople` stands for."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

import msgspec

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.model import Model, ObjectMeta


class Action(StrEnum):
    """What a root field does."""

    FIND = "find"
    GROUP = "group"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RESTORE = "restore"
    DESTROY = "destroy"


class RootType(msgspec.Struct, frozen=True):
    """A known root field; `many` tells the plural form from the singular."""

    action: Action
    item: ObjectMeta
    many: bool


NOT_FOR_KEYS = frozenset({"activateWorkflowVersion", "deactivateWorkflowVersion", "runWorkflowVersion"})
"""Mutations Twenty has but refuses to API keys."""

MUTATIONS = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.RESTORE, Action.DESTROY)


@lru_cache(maxsize=8)
def root_types(model: Model, kind: str) -> Mapping[str, RootType]:
    """The root fields of an operation kind ("query" or "mutation"), by name."""
    build = _mutations if kind == "mutation" else _queries
    return {name: root for item in model.objects for name, root in build(item)}


def _queries(item: ObjectMeta) -> Iterator[tuple[str, RootType]]:
    yield item.name_plural, RootType(Action.FIND, item, True)
    yield item.name_singular, RootType(Action.FIND, item, False)
    yield f"{item.name_plural}GroupBy", RootType(Action.GROUP, item, True)


def _mutations(item: ObjectMeta) -> Iterator[tuple[str, RootType]]:
    for action in MUTATIONS:
        yield action + capitalised(item.name_plural), RootType(action, item, True)
        yield action + capitalised(item.name_singular), RootType(action, item, False)
