"""Calls on records, counted by what they do; and the program's sizes made small, so that few records take many."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil

import pytest

import commands.delta
import commands.reconcile
import commands.rollback
import commands.write
from adapters.twenty import Call
from adapters.twenty.batches import BatchSize
from commands import session
from commands.compensation import waiting
from tests.journey.world import Journey

SMALLER = 20
BATCH, READ, MANY = 200 // SMALLER, 2_000 // SMALLER, 5_000 // SMALLER
"""Records a create or a change, a read of what was written, and a destroy, a look at dependents or at traces."""

CONSTANT = 15
"""Other calls that a command may make, however many records there are."""

_SIZES = (
    "READ_A_CALL", "KEYS_A_READ", "DESTROYED_A_CALL", "COMPARED_A_CALL", "IDS_A_CALL", "POINTERS_A_CALL",
    "TARGETS_A_CALL", "ROWS_A_PAGE", "NARROW_ROWS_A_PAGE",
)  # fmt: skip
_MANY_ROOT = re.compile(r"\{(\w+)\(")


@contextmanager
def listening(journey: Journey, smaller: int = SMALLER) -> Iterator["Heard"]:
    """Hear every call on records that the program makes on a journey, each so much smaller than it is otherwise.

    Twenty has no limit meanwhile, so that nothing is paced.
    """
    heard = Heard()
    journey.settings |= {"rate_limit": None, "timeline_delay_s": 0.05}
    with pytest.MonkeyPatch.context() as patch:
        _make_small(patch, smaller)
        patch.setattr(waiting, "POLL_S", 0.05)
        patch.setattr(session, "_embedded", journey.embedded)
        patch.setattr(session, "_log_call", heard.hear)
        yield heard


def _make_small(patch: pytest.MonkeyPatch, smaller: int) -> None:
    patch.setattr(commands.write, "BatchSize", partial(BatchSize, 200 // smaller))
    for name, module in list(sys.modules.items()):
        if name.startswith(("commands.", "adapters.twenty")):
            for size in _SIZES:
                if hasattr(module, size):
                    patch.setattr(module, size, getattr(module, size) // smaller)


class Heard:
    """The calls on records since they were counted last; those of the data model are not limited, nor counted."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def hear(self, call: Call) -> None:
        """Note a call."""
        if call.endpoint == "/graphql":
            self._calls.append(call)

    def counted(self) -> Counter[str]:
        """Calls by kind, polls aside, and none of them from now on; what is written is told with its root."""
        calls, self._calls = self._calls, []
        return Counter(_name(one) for one in calls if one.kind != "poll")


def _name(call: Call) -> str:
    found = _MANY_ROOT.search(call.document)
    return f"{call.kind} {found[1]}" if call.document.startswith("mutation") and found else call.kind


def calls_for(counts: Iterable[int], size: int) -> int:
    """How many calls records take, of each object so many, at most `size` in each."""
    return sum(ceil(count / size) for count in counts)
