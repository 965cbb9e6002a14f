"""Which of the records that others are to point at somebody took out of Twenty meanwhile."""

from collections.abc import Iterable

from adapters.twenty import Ask, Ids, read_many
from commands.session import Twenty


async def absent(twenty: Twenty, pointed_at: Iterable[tuple[str, str]]) -> set[str]:
    """The ids of those, by object and id, that Twenty does not have, not even in the bin."""
    wanted: dict[str, set[str]] = {}
    for object_name, id_ in pointed_at:
        wanted.setdefault(object_name, set()).add(id_)
    if not wanted:
        return set()
    asks = [Ask(name, Ids(sorted(ids)), ()) for name, ids in wanted.items()]
    answer = await read_many(twenty.client, twenty.model, asks)
    return {id_ for ids in wanted.values() for id_ in ids} - {row["id"] for rows in answer.values() for row in rows}
