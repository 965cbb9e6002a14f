"""What stays in a rollback, and why, in words that hold no personal value: field names, and who points at a record."""

from collections.abc import Sequence
from typing import Any

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A record that stays, and why; `detail` names the fields that differ, or the records that point at it."""

    object: str
    id: str
    why: str
    detail: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The record and why it stays, as a person reads it."""
        return f"{self.object} {self.id}: {self.why}" + (f" ({'; '.join(self.detail)})" if self.detail else "")


def detailed(detail: Any) -> tuple[str, ...]:
    """The detail of a body, without the values."""
    if isinstance(detail, dict):
        return (str(detail["error"]),) if "error" in detail else ()
    found: Sequence[Any] = detail or ()
    return tuple(_detail(one) for one in found)


def _detail(one: Any) -> str:
    return str(one["path"]) if "path" in one else f"{one['object']} {one['id']} points at it by {one['field']}"
