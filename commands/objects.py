"""The objects of Twenty that are written, in order."""

from collections.abc import Iterable

from ledger import work
from ledger.reader import Reader

STANDARD = ("company", "person", "opportunity", "note", "task", "noteTarget", "taskTarget")
"""The standard objects that may be written, parents first; custom ones come behind opportunities."""

_RANKS = {"company": 0, "person": 1, "opportunity": 2, "note": 4, "task": 4, "noteTarget": 5, "taskTarget": 5}
_CUSTOM = 3


def in_order(names: Iterable[str]) -> list[str]:
    """Parents first: a record is written after those it points at, and taken back before them.

    Custom objects stay in the order given, which is that of their first records.
    """
    return sorted(names, key=lambda name: _RANKS.get(name, _CUSTOM))


async def written_objects(reader: Reader) -> list[str]:
    """Every object the ledger has records of, parents first."""
    return in_order(await work.objects(reader))
