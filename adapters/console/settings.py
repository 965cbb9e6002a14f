"""What a console is started with."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from ledger.reader import Reader


class PlanWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rollback is to be foreseen: its scope, and whether by force or into the bin."""

    run: str | None = None
    since: int | None = None
    objects: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    force: bool = False
    soft: bool = False


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the console is given by who starts it, since it belongs to others.

    `plan` foresees a rollback by the ledger alone (it raises Refused for a scope that there is not), `normal_email`
    answers an address as the ledger digests it, or None for what is none.
    """

    plan: Callable[[Reader, PlanWanted], Awaitable[Any]]
    normal_email: Callable[[str], str | None]


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which ledgers are shown and how. `mask` shortens personal data; `twenty_url` is where records are linked to."""

    ledgers: tuple[Path, ...]
    given: Given
    mask: bool = False
    twenty_url: str | None = None
    version: str
