"""The key: that it works, whose role it has, what it may do, and how long."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from adapters.twenty import (
    RUNS,
    TIMELINE,
    TRIGGERS,
    ApiKey,
    KnownKey,
    Names,
    PermissionDenied,
    Role,
    known_key,
    read_keys,
    read_roles,
    unreadable,
    webhooks,
)
from commands.checks.report import Access, Check, ok, refused, warning
from commands.estimating import words_of
from commands.session import Twenty

MARGIN_S = 3600.0
"""Seconds a key must outlast the estimated time by: for waiting, retries, and a rollback begun in good time."""
SOON = timedelta(days=7)

_ADMIN = "give the key the Admin role, or make another key with it (Settings, API & Webhooks)"
_NEW_KEY = "make a key that lasts longer (Settings, API & Webhooks)"
_WORKFLOWS = (Names("workflow", "workflows"), Names("workflowVersion", "workflowVersions"))


async def key_checks(twenty: Twenty, object_names: Sequence[str], needed_s: float = 0.0) -> Access:
    """Look at the key: calls on the data model, which are not limited, and one on records where all is well.

    `needed_s` is how long the work is estimated to take, in seconds. Objects that are still to be made are passed over.
    """
    listed = await read_keys(twenty.client)
    roles = await read_roles(twenty.client)
    key = known_key(twenty.client.claims, listed, datetime.now(UTC))
    permissions = [*await _reading(twenty, object_names), *await _webhooks(twenty), *_writing(key, roles)]
    allowed = permissions or [ok("permissions", "it may read, create, change and destroy what a load writes")]
    if not permissions and _role_of(key, roles) is None:
        allowed = [_permissions_unseen()]
    checks = (_works(key), _role(key, listed), *allowed, expiry(key, needed_s))
    return Access(key=key, checks=checks)


def expiry(key: KnownKey, needed_s: float) -> Check:
    """Hold the key's end against the time the work is estimated to take, in seconds, and a margin."""
    if key.expires_at is None:
        return warning(
            "expiry", "when the key expires is not visible", why="it might end in the middle", then="ask its owner"
        )
    left = key.expires_at - datetime.now(UTC)
    day = f"{key.expires_at:%Y-%m-%d %H:%M} UTC"
    what = f"the key expires on {day}" if key.certain else f"one of the workspace's keys expires on {day}"
    needed = needed_s + MARGIN_S
    lasts = left.total_seconds() > needed
    if key.certain and not lasts:
        return refused("expiry", what, why=f"the work and a margin take {words_of(needed)}", then=_NEW_KEY)
    if lasts and (left > SOON or not key.certain):
        return ok("expiry", what)
    why = "a rollback or a later load needs a key too" if key.certain else "it may be the one in use"
    return warning("expiry", what, why=why, then=_NEW_KEY)


def _works(key: KnownKey) -> Check:
    return ok("key", f"the key {key.name!r} works" if key.name else "the key works")


def _role(key: KnownKey, listed: Sequence[ApiKey] | None) -> Check:
    if key.role is not None:
        return ok("role", key.role)
    if listed:
        seen, then = "which of several keys it is cannot be told", "look it up under Settings, API & Webhooks"
    else:
        seen, then = "the key may not see the list of keys", _ADMIN
    return warning("role", f"not visible: {seen}", why="what it may do is learnt by trying", then=then)


def _role_of(key: KnownKey, roles: Sequence[Role] | None) -> Role | None:
    return next((role for role in roles or () if role.label == key.role), None)


def _permissions_unseen() -> Check:
    return warning(
        "permissions",
        "it may read what a load writes; what it may change is not visible",
        why="a load without the right to write is refused at its first change",
        then=_ADMIN,
    )


async def _reading(twenty: Twenty, object_names: Sequence[str]) -> list[Check]:
    known = twenty.model.objects
    targets = [known[name] for name in object_names if name in known]
    denied = await unreadable(twenty.client, [*targets, *_WORKFLOWS, TRIGGERS, RUNS, TIMELINE])
    if not denied:
        return []
    what = f"it may not read {', '.join(denied)}"
    return [refused("permissions", what, why="a load and its rollback look before they write", then=_ADMIN)]


async def _webhooks(twenty: Twenty) -> list[Check]:
    try:
        await webhooks(twenty.client, ())
    except PermissionDenied:
        what = "it may not see webhooks"
        return [refused("permissions", what, why="who would be called cannot be told before", then=_ADMIN)]
    return []


def _writing(key: KnownKey, roles: Sequence[Role] | None) -> Iterator[Check]:
    role = _role_of(key, roles)
    if role is None:
        return
    missing = [
        verb
        for verb, allowed in (("read", role.may_read), ("change", role.may_update), ("destroy", role.may_destroy))
        if not allowed
    ]
    if missing:
        what = f"the role {role.label} may not {' or '.join(missing)} the records of every object"
        yield refused("permissions", what, why="a load creates them, and a rollback destroys them", then=_ADMIN)
