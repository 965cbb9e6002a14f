"""The shape of a preflight: checks, what was seen on the way, and how it ends.

PreflightRefused    4    a load would be refused half-way: key, permission, expiry; nothing was written
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from adapters.twenty import KnownKey
from commands.errors import DONE, REFUSED, UNDONE, CommandError
from commands.estimating import Estimate

Status = Literal["ok", "warning", "refused"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at: what was found, why it matters, and what to do next (both empty where it is fine).

    `exit_code` is what a refusal ends the process with.
    """

    name: str
    status: Status
    what: str
    why: str = ""
    next: str = ""
    exit_code: int = DONE


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of an object the workspace holds: live, and in the bin."""

    live: int
    deleted: int


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """What would act on created records: a workflow's name, or the host a webhook calls."""

    name: str
    kind: str


class Collision(msgspec.Struct, frozen=True, kw_only=True):
    """A row whose unique value somebody in Twenty holds: `holder` is that record's id, `in_bin` whether it is deleted.

    The value itself is left out: it is personal.
    """

    file: str
    line: int
    object: str
    column: str
    holder: str
    in_bin: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A preflight as it went."""

    checks: tuple[Check, ...]
    counts: dict[str, Stored] = {}
    automations: tuple[Firing, ...] = ()
    collisions: tuple[Collision, ...] = ()
    estimate: Estimate | None = None

    @property
    def refused(self) -> tuple[Check, ...]:
        """The checks that stand in the way of a load."""
        return tuple(one for one in self.checks if one.status == "refused")

    @property
    def exit_code(self) -> int:
        """0 nothing to decide, 2 the wrong workspace, 3 warnings to decide about, 4 key or permission."""
        if self.refused:
            return self.refused[0].exit_code
        return UNDONE if any(one.status == "warning" for one in self.checks) else DONE


class PreflightRefused(CommandError):
    """A check refuses: what it found, and what to do next. `checks` are all that refused."""

    code = "preflight_refused"
    exit_code = REFUSED

    def __init__(self, checks: Sequence[Check]) -> None:
        found = "; ".join(one.what for one in checks)
        super().__init__(f"{found}; {checks[0].next}")
        self.checks = tuple(checks)


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt of the key on the way, and the checks it came to."""

    key: KnownKey
    checks: tuple[Check, ...]


def ok(name: str, what: str) -> Check:
    """Nothing to do."""
    return Check(name=name, status="ok", what=what)


def warning(name: str, what: str, *, why: str, then: str) -> Check:
    """Somebody has to decide."""
    return Check(name=name, status="warning", what=what, why=why, next=then)


def refused(name: str, what: str, *, why: str, then: str, exit_code: int = REFUSED) -> Check:
    """A load cannot go on like this."""
    return Check(name=name, status="refused", what=what, why=why, next=then, exit_code=exit_code)
