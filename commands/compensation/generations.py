"""What relations of records taken back hold of ours: they lead where they led when those were made, not where now."""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger import losses
from ledger.reader import Reader
from ledger.work import Work


async def links_of_then(
    reader: Reader, taken: Iterable[tuple[Work, Mapping[str, Any]]]
) -> dict[str, dict[str, str | None]]:
    """By id, the relations that lead to an earlier record of the stream they are to lead to.

    `taken` are records that were taken back and that Twenty answers for, each with what it holds there. Where the
    record they led to made way for a later one of ours, Twenty let them lead nowhere.
    """
    links = [
        (str(one.state.twenty_id), row, column, link)
        for one, row in taken
        for column, link in (one.value or {"links": {}})["links"].items()
    ]
    wanted: dict[str, set[str]] = {}
    for _, _, _, link in links:
        wanted.setdefault(link["object"], set()).add(link["source_key"])
    ids = {name: await losses.ever_made(reader, name, keys) for name, keys in wanted.items()}
    found: dict[str, dict[str, str | None]] = {}
    for id_, row, column, link in links:
        made = ids[link["object"]].get(link["source_key"], {})
        if column in row and _is_ours(row[column], made):
            found.setdefault(id_, {})[column] = row[column]
    return found


def _is_ours(value: str | None, made: Mapping[str, bool]) -> bool:
    return any(made.values()) if value is None else value in made
