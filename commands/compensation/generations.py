"""What relations of records taken back hold of ours: they lead where they led when those were made, not where now."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ledger import losses
from ledger.reader import Reader
from ledger.work import Work


class Taken(msgspec.Struct, frozen=True):
    """A record that was taken back and that Twenty answers for, with what it holds there."""

    id: str
    work: Work
    row: Mapping[str, Any]


async def links_of_then(reader: Reader, some: Iterable[Taken]) -> dict[str, dict[str, str | None]]:
    """By id, the relations that lead to an earlier record of the stream they are to lead to.

    Where such a one made way for a later record of ours, Twenty let them lead nowhere.
    """
    links = [(one, column, link) for one in some for column, link in (one.work.value or {"links": {}})["links"].items()]
    wanted: dict[str, set[str]] = {}
    for _, _, link in links:
        wanted.setdefault(link["object"], set()).add(link["source_key"])
    ids = {name: await losses.ever_made(reader, name, keys) for name, keys in wanted.items()}
    found: dict[str, dict[str, str | None]] = {}
    for one, column, link in links:
        made = ids[link["object"]].get(link["source_key"], {})
        if column in one.row and _is_ours(one.row[column], made):
            found.setdefault(one.id, {})[column] = one.row[column]
    return found


def _is_ours(value: str | None, made: Mapping[str, bool]) -> bool:
    return any(made.values()) if value is None else value in made
