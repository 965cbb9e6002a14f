"""What an embedded Twenty is started with."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

KeyState = Literal["active", "read-only", "revoked", "expired"]
FaultKind = Literal["drop-before", "drop-after", "http-500", "http-502", "limit", "slow"]
Stage = Literal["before", "committed"]
RequestHook = Callable[[Stage, bytes], Awaitable[None] | None]

MEMORY = ":memory:"


class Role(msgspec.Struct, frozen=True):
    """A role, and what it may do with the records of every object; `may_update` covers creates."""

    label: str
    may_read: bool = True
    may_update: bool = True
    may_soft_delete: bool = True
    may_destroy: bool = True


ADMIN = Role("Admin")


class ListedKey(msgspec.Struct, frozen=True):
    """A key as the workspace lists it; times are RFC 3339 text. It opens nothing by being listed."""

    id: str
    name: str
    expires_at: str
    role: str = ADMIN.label
    revoked_at: str | None = None


class Webhook(msgspec.Struct, frozen=True):
    """A webhook of the workspace, as recorded in `m_webhooks`. The embedded workspace lists it and calls nobody."""

    target_url: str
    operations: tuple[str, ...]
    description: str | None = None
    secret: str = ""

    def __repr__(self) -> str:
        """Says what it listens to only: address and secret are its owner's."""
        return f"Webhook(operations={self.operations!r})"


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that varies between two sandboxes.

    db            path of the SQLite file, or ":memory:"
    api_key       the key every request carries as `Authorization: Bearer <key>`
    key_name      the key's name, shown in createdBy and updatedBy
    key_id        the id the key is listed under, or None for one that follows from the workspace's
    key_expires_at  when the key expires, as it is listed; a key that has expired is one of `other_keys`
    role          the key's role
    listed_keys   further keys in the list of keys
    webhooks      the workspace's webhooks
    other_keys    further tokens and the state each is in
    rate_limit    (calls, seconds) of the workspace's bucket, or None for no limit
    faults        kind to probability (0 to 1); for "slow" the delay of every request, in milliseconds
    seed          seed of the faults' random numbers
    timeline_delay_s     seconds until timeline rows of a write appear
    runs_per_second      how fast workflow runs appear once they begin to
    workflow_active      whether a new workspace has its prefilled workflow's trigger (FACTS section 9)
    trash_retention_days what currentWorkspace answers
    body_limit_bytes     larger bodies are refused (FACTS section 1: 10 MB)
    hang_s        how long a request without a query stays unanswered, in seconds
    on_request    called with ("before", body) ahead of a POST, and ("committed", body) before its answer leaves;
                  runs outside any lock, so it may itself send requests
    """

    db: str = MEMORY
    api_key: str = "sandbox-key"
    key_name: str = "import"
    key_id: str | None = None
    key_expires_at: str = "2036-01-01T00:00:00.000Z"
    role: Role = ADMIN
    listed_keys: tuple[ListedKey, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    other_keys: Mapping[str, KeyState] = msgspec.field(default_factory=dict)
    rate_limit: tuple[int, float] | None = (100, 60.0)
    faults: Mapping[FaultKind, float] = msgspec.field(default_factory=dict)
    seed: int = 0
    timeline_delay_s: float = 0.3
    runs_per_second: float = 1000.0
    workflow_active: bool = True
    trash_retention_days: int = 14
    body_limit_bytes: int = 10 * 1024 * 1024
    hang_s: float = 180.0
    on_request: RequestHook | None = None

    def __repr__(self) -> str:
        """Names the database only: keys are secrets."""
        return f"SandboxSettings(db={self.db!r})"
