"""A process that is gone in the middle of a load, as far as the ledger can tell."""

from collections.abc import Iterable
from typing import Any

import pytest

from ledger.events import Event
from ledger.store import Draft, Ledger


class Died(BaseException):
    """The process is gone, as far as the ledger can tell."""


def dies(patch: pytest.MonkeyPatch, kind: type[Event], batch: int) -> None:
    """Let the ledger's process be gone before it records this of so-many-eth batch of people."""
    append, seen = Ledger.append, [0]

    async def append_or_die(self: Ledger, drafts: Iterable[Any], payloads: Any = ()) -> list[int]:
        some = list(drafts)
        events = [one.event if isinstance(one, Draft) else one for one in some]
        seen[0] += any(isinstance(one, kind) and one.object == "person" for one in events)
        if seen[0] >= batch:
            raise Died
        return await append(self, some, payloads)

    patch.setattr(Ledger, "append", append_or_die)
