"""Reading what a workspace is: its identity, its data model and its keys. None of this is rate limited."""

from typing import Any, TypeVar

import msgspec

from adapters.twenty.client import TwentyClient
from adapters.twenty.errors import NotTwenty, OutcomeUnknown, PermissionDenied
from adapters.twenty.model import Model, Object

T = TypeVar("T")

_WORKSPACE = "{currentWorkspace{id displayName metadataVersion workspaceCustomApplicationId trashRetentionDays}}"

_OBJECTS = (
    "query($n:Int!,$c:ConnectionCursor){objects(paging:{first:$n,after:$c}){pageInfo{hasNextPage endCursor} "
    "edges{node{id nameSingular namePlural labelSingular isActive isSystem applicationId "
    "fieldsList{id name label type isActive isSystem applicationId isNullable isUnique defaultValue options settings "
    "relation{type targetObjectMetadata{id nameSingular} targetFieldMetadata{id name}}}}}}}"
)
_OBJECTS_A_PAGE = 1_000

_KEYS = "{apiKeys{id name expiresAt revokedAt role{label}}}"


class Workspace(msgspec.Struct, frozen=True):
    """Which workspace a key opens. `trash_days`: how long Twenty keeps soft-deleted rows."""

    id: str
    display_name: str | None
    metadata_version: int
    custom_application_id: str
    trash_days: int | None


class ApiKey(msgspec.Struct, frozen=True):
    """An API key of the workspace; times are RFC 3339 text."""

    id: str
    name: str
    expires_at: str | None
    revoked_at: str | None
    role: str | None


async def read_workspace(client: TwentyClient) -> Workspace:
    """Read the workspace's identity (one call)."""
    data = await client.metadata_read(_WORKSPACE)
    return as_type(_WorkspaceAnswer, data.get("currentWorkspace")).plain()


async def read_model(client: TwentyClient) -> Model:
    """Read every object with all its fields (one call for up to 1,000 objects)."""
    objects: list[Object] = []
    cursor: str | None = None
    while True:
        data = await client.metadata_read(_OBJECTS, {"n": _OBJECTS_A_PAGE, "c": cursor})
        page = as_type(_ObjectsAnswer, data.get("objects"))
        objects += (edge.node for edge in page.edges)
        if not page.page_info.has_next_page:
            return Model(objects)
        cursor = page.page_info.end_cursor


async def read_keys(client: TwentyClient) -> tuple[ApiKey, ...] | None:
    """List the workspace's keys, or None where the key's role may not see them (it needs Admin)."""
    try:
        data = await client.metadata_read(_KEYS)
    except PermissionDenied:
        return None
    return tuple(key.plain() for key in as_type(list[_KeyAnswer], data.get("apiKeys")))


def as_type(shape: type[T], value: Any) -> T:
    """Give a part of an answer its type; raise NotTwenty where its shape is another."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as refused:
        # msgspec's message names paths and types, never values.
        raise NotTwenty(200, f"unexpected shape: {refused}") from refused


def as_written(shape: type[T], value: Any) -> T:
    """Give a part of the answer to a write its type; another shape leaves the outcome unknown."""
    try:
        return as_type(shape, value)
    except NotTwenty as odd:
        raise OutcomeUnknown(odd.why) from odd


class _WorkspaceAnswer(msgspec.Struct, rename="camel"):
    id: str
    metadata_version: int
    workspace_custom_application_id: str
    display_name: str | None = None
    trash_retention_days: int | None = None

    def plain(self) -> Workspace:
        return Workspace(
            self.id,
            self.display_name,
            self.metadata_version,
            self.workspace_custom_application_id,
            self.trash_retention_days,
        )


class _Role(msgspec.Struct):
    label: str


class _KeyAnswer(msgspec.Struct, rename="camel"):
    id: str
    name: str
    expires_at: str | None = None
    revoked_at: str | None = None
    role: _Role | None = None

    def plain(self) -> ApiKey:
        return ApiKey(self.id, self.name, self.expires_at, self.revoked_at, self.role.label if self.role else None)


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _ObjectEdge(msgspec.Struct):
    node: Object


class _ObjectsAnswer(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    edges: list[_ObjectEdge]
