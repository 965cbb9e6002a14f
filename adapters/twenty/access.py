"""What a key opens: which key it is, its role, what it may read, and what Twenty tells of itself. Nothing is written.

Twenty has no question "who am I" for an API key, so what the token says of itself is held against the list of keys.
That list and the roles are shown only to keys that may see them (GRAPHQL section 4: others get PERMISSION_DENIED).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from adapters.twenty.claims import Claims
from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import ROOTS_A_DOCUMENT, Kind, Names, Root, names_of, read_document
from adapters.twenty.errors import PermissionDenied
from adapters.twenty.workspace import ApiKey, as_type

_ROLES = "{getRoles{label canReadAllObjectRecords canUpdateAllObjectRecords canDestroyAllObjectRecords}}"
_APPLICATIONS = "{findManyApplications{name version}}"


class Role(msgspec.Struct, frozen=True):
    """A role, and what it may do with the records of every object."""

    label: str
    may_read: bool
    may_update: bool
    may_destroy: bool


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key in use, as far as it can be told.

    `certain` is False where the workspace has several keys and the token does not say which it is: then `expires_at`
    is the earliest of them, and `role` None unless all have the same.
    """

    name: str | None
    role: str | None
    expires_at: datetime | None
    certain: bool


class Application(msgspec.Struct, frozen=True):
    """An application installed in the workspace; the version of `Standard` is all that hints at the server's."""

    name: str
    version: str | None = None


class _RoleAnswer(msgspec.Struct, rename="camel"):
    label: str
    can_read_all_object_records: bool
    can_update_all_object_records: bool
    can_destroy_all_object_records: bool

    def plain(self) -> Role:
        may = (self.can_read_all_object_records, self.can_update_all_object_records)
        return Role(self.label, *may, self.can_destroy_all_object_records)


def known_key(claims: Claims, keys: Sequence[ApiKey] | None, now: datetime) -> KnownKey:
    """Tell which key of the workspace's list (None where it may not be seen) is the one in use: none that has ended."""
    live = [one for one in keys or () if one.revoked_at is None and not _ended(one, now)]
    candidates = [one for one in live if one.id == claims.key_id] or live
    ends = [time for one in candidates if (time := _time(one.expires_at))]
    roles = {one.role for one in candidates}
    certain = len(candidates) == 1 or claims.expires_at is not None
    return KnownKey(
        name=candidates[0].name if len(candidates) == 1 else None,
        role=roles.pop() if len(roles) == 1 else None,
        expires_at=claims.expires_at or min(ends, default=None),
        certain=certain,
    )


async def read_roles(client: TwentyClient) -> tuple[Role, ...] | None:
    """List the workspace's roles, or None where the key's own role may not see them."""
    try:
        data = await client.metadata_read(_ROLES)
    except PermissionDenied:
        return None
    return tuple(role.plain() for role in as_type(list[_RoleAnswer], data.get("getRoles")))


async def read_applications(client: TwentyClient) -> tuple[Application, ...]:
    """List the applications installed in the workspace (one call, not limited)."""
    data = await client.metadata_read(_APPLICATIONS)
    return as_type(tuple[Application, ...], data.get("findManyApplications"))


async def unreadable(client: TwentyClient, objects: Iterable[Kind]) -> list[str]:
    """Name the objects whose records the key may not read: one call for 20 objects where it may read all of them.

    A refusal names no object, so only then each is asked for by itself.
    """
    kinds = [names_of(one) for one in objects]
    found: list[str] = []
    for start in range(0, len(kinds), ROOTS_A_DOCUMENT):
        some = kinds[start : start + ROOTS_A_DOCUMENT]
        if not await _readable(client, some):
            found += [one.singular for one in some if not await _readable(client, [one])]
    return found


async def _readable(client: TwentyClient, kinds: Sequence[Names]) -> bool:
    document, variables = read_document([Root(one, {}, 0, "totalCount") for one in kinds])
    try:
        await client.read(document, variables)
    except PermissionDenied:
        return False
    return True


def _ended(key: ApiKey, now: datetime) -> bool:
    time = _time(key.expires_at)
    return time is not None and time <= now


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    time = as_type(datetime, text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
