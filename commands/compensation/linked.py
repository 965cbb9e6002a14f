"""What relations of our records lead to: the ids that the ledger has, or had, for the streams they name."""

from collections.abc import Iterable, Mapping, Sequence

from commands.session import Working
from ledger import standing, work
from ledger.work import Work

Stream = tuple[str, str]
"""Object and stream of a record of ours."""

Linked = Mapping[Stream, str]
"""Each with its id in Twenty."""


async def linked_today(working: Working, records: Sequence[Work]) -> dict[Stream, str]:
    """What the relations of some records lead to now."""
    found: dict[Stream, str] = {}
    for name, keys in _wanted(records).items():
        ids = await work.twenty_ids(working.ledger.reader, name, keys)
        found |= {(name, key): one for key, one in ids.items()}
    return found


async def linked_ever(working: Working, records: Sequence[Work]) -> dict[Stream, set[str]]:
    """All that the relations of some records ever led to: a stream has another record after each rollback."""
    found: dict[Stream, set[str]] = {}
    for name, keys in _wanted(records).items():
        ids = await standing.ids_ever(working.ledger.reader, name, keys)
        found |= {(name, key): some for key, some in ids.items()}
    return found


def _wanted(records: Iterable[Work]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for one in records:
        for link in (one.value or {"links": {}})["links"].values():
            wanted.setdefault(link["object"], set()).add(link["source_key"])
    return wanted
