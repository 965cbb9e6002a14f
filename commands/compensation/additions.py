"""Fields and relations that others gave an object of ours: they would go with it."""

from collections.abc import Sequence

import msgspec

from adapters.twenty import Field, Object
from commands.compensation.forcing import store_definition, store_values
from commands.compensation.scope import made_elements
from commands.session import Working
from ledger.events import RemovalIntended
from ledger.projections.schema import elements
from ledger.scopes import Scope

_BROUGHT = frozenset({
    "name", "id", "createdAt", "createdBy", "deletedAt", "position", "updatedAt", "updatedBy", "searchVector",
    "timelineActivities", "attachments", "noteTargets", "taskTargets",
})  # fmt: skip
"""What Twenty gives every new object (GRAPHQL section 9)."""


async def additions(working: Working, object_name: str, there: Object) -> list[Field]:
    """The fields of an object of ours that neither we nor Twenty made, the far sides of others' relations too."""
    reader = working.ledger.reader
    ids = {one.twenty_id for one in await made_elements(reader, Scope())}
    # One whose making had no answer has no id yet.
    begun = {one.name for one in await elements(reader) if one.object == object_name and one.state == "intended"}
    return [
        one
        for one in there.fields_list
        if not (one.name in _BROUGHT or one.is_system or one.name in begun or ids & {one.id, _far_side(one)})
    ]


def _far_side(field: Field) -> str | None:
    return field.relation.target_field_metadata.id if field.relation else None


async def store_additions(working: Working, object_name: str, fields: Sequence[Field]) -> None:
    """Store what such fields are, and of a relation from elsewhere which records it ties."""
    model = working.twenty.model
    for one in fields:
        intended = RemovalIntended(object=object_name, name=one.name, element="field", twenty_id=one.id)
        await store_definition(working, intended, msgspec.to_builtins(one))
        owner = model.objects.get(one.relation.target_object_metadata.name_singular) if one.relation else None
        tie = owner.fields_by_id.get(_far_side(one) or "") if owner else None
        if owner and tie and tie.join_column:
            told = RemovalIntended(object=owner.singular, name=tie.name, element="relation", twenty_id=tie.id)
            await store_values(working, told, owner, tie)
