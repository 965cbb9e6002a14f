"""Which function answers which field of the metadata schema."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from graphql import GraphQLObjectType, GraphQLResolveInfo

from adapters.sandbox.metadata import documents, reading
from adapters.sandbox.metadata.context import Context
from adapters.sandbox.metadata.fields import create_field, delete_field, update_field
from adapters.sandbox.metadata.objects import create_object, delete_object
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta
from adapters.sandbox.protocol import Answer, Call, DocumentRefusal
from adapters.sandbox.settings import KeyState
from adapters.sandbox.workspace import Workspace

_OF_THE_MODEL = frozenset({"objects", "fields"})
"""Root fields whose answer depends on the data model alone."""

_TOLD_A_MODEL = 32
_TOLD: WeakKeyDictionary[Model, dict[tuple[str, str | None, bytes], Answer]] = WeakKeyDictionary()


def answer(workspace: Workspace, call: Call, key_state: KeyState | None) -> Answer:
    """Answer one call to `/metadata`; `key_state` is None where no key was sent.

    Never rate-limited. A change is committed when this returns and shows in the next `/graphql` call.
    """
    context = Context(workspace, key_state)
    try:
        if key_state is not None and documents.asks_only_for(_OF_THE_MODEL, call.query):
            return _told_of_the_model(call, context)
        return documents.run(call, context)
    except DocumentRefusal as refusal:
        return refusal.answer()


def _told_of_the_model(call: Call, context: Context) -> Answer:
    """Answer once of each model: programs ask for the whole of it again and again."""
    told = _TOLD.setdefault(context.workspace.model, {})
    asked = (call.query, call.operation_name, msgspec.json.encode(call.variables, order="sorted"))
    if asked not in told:
        if len(told) >= _TOLD_A_MODEL:
            told.clear()
        told[asked] = documents.run(call, context)
    return told[asked]


def _create_object(_root: None, info: GraphQLResolveInfo, **arguments: Any) -> ObjectMeta:
    return create_object(_changed(info), arguments["input"]["object"])


def _delete_object(_root: None, info: GraphQLResolveInfo, **arguments: Any) -> ObjectMeta:
    return delete_object(_changed(info), arguments["input"]["id"])


def _create_field(_root: None, info: GraphQLResolveInfo, **arguments: Any) -> FieldMeta:
    return create_field(_changed(info), arguments["input"]["field"])


def _update_field(_root: None, info: GraphQLResolveInfo, **arguments: Any) -> FieldMeta:
    return update_field(_changed(info), arguments["input"]["id"], arguments["input"]["update"])


def _delete_field(_root: None, info: GraphQLResolveInfo, **arguments: Any) -> FieldMeta:
    return delete_field(_changed(info), arguments["input"]["id"])


def _changed(info: GraphQLResolveInfo) -> Workspace:
    context: Context = info.context
    context.may_change()
    return context.workspace


def _attribute(source: Any, info: GraphQLResolveInfo) -> Any:
    """A field that is a key of a mapping or, in snake case, an attribute of a struct."""
    if isinstance(source, Mapping):
        return source[info.field_name]
    return getattr(source, _in_snake_case(info.field_name))


@lru_cache
def _in_snake_case(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower().replace("object_metadata_", "object_")


_ANSWERED_BY: Mapping[str, Mapping[str, Any]] = {
    "Query": {
        "currentWorkspace": reading.current_workspace,
        "currentUser": reading.current_user,
        "objects": reading.objects,
        "fields": reading.fields,
        "apiKeys": reading.api_keys,
        "getRoles": reading.roles,
        "webhooks": reading.webhooks,
        "findManyApplications": reading.applications,
        "objectRecordCounts": reading.object_record_counts,
        "minimalMetadata": reading.minimal_metadata,
    },
    "Mutation": {
        "createOneObject": _create_object,
        "deleteOneObject": _delete_object,
        "createOneField": _create_field,
        "updateOneField": _update_field,
        "deleteOneField": _delete_field,
    },
    "Object": {
        "fieldsList": reading.fields_list,
        "fields": reading.fields_of_object,
        "labelIdentifierFieldMetadataId": lambda item, _info: item.label_identifier_field_id,
    },
    "Field": {"relation": reading.relation, "object": reading.owner},
}


def _attach() -> None:
    for type_name, type_ in documents.SCHEMA.type_map.items():
        if isinstance(type_, GraphQLObjectType) and not type_name.startswith("__"):
            for name, field in type_.fields.items():
                field.resolve = _ANSWERED_BY.get(type_name, {}).get(name, _attribute)


_attach()
