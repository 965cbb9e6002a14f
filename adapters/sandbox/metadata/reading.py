"""What the metadata endpoint tells: the workspace, its data model, keys, roles, webhooks, applications.

Each function answers one root field of `schema.graphql`, or one field of its types that is no plain attribute.
"""

from typing import Any
from uuid import UUID, uuid5

from graphql import GraphQLResolveInfo

from adapters.sandbox.metadata import refusals
from adapters.sandbox.metadata.context import Context
from adapters.sandbox.metadata.pages import connection
from adapters.sandbox.model import FieldMeta, ObjectMeta
from adapters.sandbox.settings import ADMIN, ListedKey, Role
from adapters.sandbox.tables import quoted

STANDARD_APPLICATION = "20202020-64aa-4b6f-b003-9c74b97cee20"
"""The same in every workspace (`workflows`, number 15)."""

_APPLICATION_VERSION = "1.0.1"
_SITE = "http://127.0.0.1:3000/"


def current_workspace(_root: None, info: GraphQLResolveInfo) -> dict[str, Any]:
    """The workspace of the key."""
    context = _readable(info)
    row = context.workspace.row
    return {
        "id": row.id,
        "displayName": row.display_name,
        "subdomain": row.subdomain,
        "activationStatus": "ACTIVE",
        "metadataVersion": context.workspace.metadata_version,
        "databaseSchema": f"workspace_{_base36(UUID(row.id).int)}",
        "trashRetentionDays": context.workspace.settings.trash_retention_days,
        "workspaceCustomApplicationId": row.custom_application_id,
        "featureFlags": [{"key": "IS_REST_METADATA_API_NEW_FORMAT_DIRECT", "value": True}],
        "workspaceUrls": {"subdomainUrl": _SITE, "customUrl": None},
    }


def current_user(_root: None, _info: GraphQLResolveInfo) -> None:
    """Not for API keys. Always raises Refusal."""
    raise refusals.forbidden_resource()


def objects(
    _root: None, info: GraphQLResolveInfo, paging: dict[str, Any], **arguments: dict[str, Any]
) -> dict[str, Any]:
    """A page of the objects."""
    return connection(_readable(info).workspace.model.objects, paging, arguments["filter"])


def fields(
    _root: None, info: GraphQLResolveInfo, paging: dict[str, Any], **arguments: dict[str, Any]
) -> dict[str, Any]:
    """A page of the fields of all objects."""
    return connection(_readable(info).workspace.model.field_by_id.values(), paging, arguments["filter"])


def fields_list(item: ObjectMeta, _info: GraphQLResolveInfo) -> tuple[FieldMeta, ...]:
    """All fields of an object."""
    return item.fields


def fields_of_object(
    item: ObjectMeta, _info: GraphQLResolveInfo, paging: dict[str, Any], **arguments: dict[str, Any]
) -> dict[str, Any]:
    """A page of an object's fields: ten, unless asked for more (GRAPHQL section 9)."""
    return connection(item.fields, paging, arguments["filter"])


def owner(field: FieldMeta, info: GraphQLResolveInfo) -> ObjectMeta:
    """The object a field belongs to."""
    return _context(info).workspace.model.object_of(field)


def relation(field: FieldMeta, info: GraphQLResolveInfo) -> dict[str, Any] | None:
    """Both ends of a relation; None for any other field."""
    if field.relation_type is None:
        return None
    model = _context(info).workspace.model
    return {
        "type": field.relation_type,
        "sourceObjectMetadata": model.object_of(field),
        "targetObjectMetadata": model.target(field),
        "sourceFieldMetadata": field,
        "targetFieldMetadata": model.field_by_id[field.target_field_id or ""],
    }


def api_keys(_root: None, info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    """The key in use, and what else the settings list; further tokens of theirs stand for keys of no interest here."""
    context = _changeable(info)
    given = context.workspace.settings
    own = ListedKey(given.key_id or _named(context, "apiKey"), given.key_name, given.key_expires_at, given.role.label)
    known = _roles(context)
    return [_shown_key(context, one, known[one.role]) for one in (own, *given.listed_keys)]


def roles(_root: None, info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    """The two roles of a new workspace, and the key's own where it is another."""
    context = _changeable(info)
    return [_shown_role(context, role) for role in _roles(context).values()]


def webhooks(_root: None, info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    """Those of the settings; the embedded workspace calls nobody."""
    context = _context(info)
    context.may_see_webhooks()
    return [
        {
            "id": _named(context, f"webhook.{place}"),
            "targetUrl": one.target_url,
            "operations": list(one.operations),
            "description": one.description,
            "secret": one.secret,
        }
        for place, one in enumerate(context.workspace.settings.webhooks)
    ]


def applications(_root: None, info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    """The application that owns standard things, and the one that owns what is made here."""
    row = _readable(info).workspace.row
    owners = (
        ("Standard", row.standard_application_id, STANDARD_APPLICATION),
        ("Custom", row.custom_application_id, row.custom_application_id),
    )
    return [
        {"id": owner_id, "name": name, "universalIdentifier": universal, "version": _APPLICATION_VERSION}
        for name, owner_id, universal in owners
    ]


def object_record_counts(_root: None, info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    """Records of each object, deleted ones included; Twenty's own figures are stale, these are exact."""
    workspace = _readable(info).workspace
    ordered = sorted(workspace.model.objects, key=lambda item: item.name_plural)
    return [
        {
            "objectNamePlural": item.name_plural,
            "totalCount": workspace.connection.execute(f"SELECT count(*) FROM {quoted(item.table)}").fetchone()[0],  # noqa: S608
        }
        for item in ordered
    ]


def minimal_metadata(_root: None, info: GraphQLResolveInfo) -> dict[str, Any]:
    """What a client needs to see whether the model changed."""
    return {"metadataVersion": _readable(info).workspace.metadata_version}


def _context(info: GraphQLResolveInfo) -> Context:
    context: Context = info.context
    return context


def _readable(info: GraphQLResolveInfo) -> Context:
    _context(info).may_read()
    return _context(info)


def _changeable(info: GraphQLResolveInfo) -> Context:
    _context(info).may_change()
    return _context(info)


def _roles(context: Context) -> dict[str, Role]:
    return {role.label: role for role in (ADMIN, Role("Member"), context.workspace.settings.role)}


def _shown_key(context: Context, key: ListedKey, role: Role) -> dict[str, Any]:
    shown = {"id": key.id, "name": key.name, "expiresAt": key.expires_at, "revokedAt": key.revoked_at}
    return shown | {"role": _shown_role(context, role)}


def _shown_role(context: Context, role: Role) -> dict[str, Any]:
    return {
        "id": _named(context, f"role.{role.label}"),
        "label": role.label,
        "canReadAllObjectRecords": role.may_read,
        "canUpdateAllObjectRecords": role.may_update,
        "canSoftDeleteAllObjectRecords": role.may_soft_delete,
        "canDestroyAllObjectRecords": role.may_destroy,
    }


def _named(context: Context, name: str) -> str:
    return str(uuid5(UUID(context.workspace.row.id), name))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
