"""Conflicts that a person gave up: Twenty's value stands there, for as long as Kartra says nothing else."""

from collections.abc import Sequence
from typing import Any

from commands.session import Working
from ledger.projections.holds import conflicts_given_up
from ledger.work import Work


async def let_stand(working: Working, records: Sequence[Work]) -> dict[str, frozenset[str]]:
    """The fields of some records of an object in which Twenty's value was let stand, by stream.

    Kartra says of them what it said when the conflict was given up; of what was erased since, nobody can tell.
    """
    reader = working.ledger.reader
    values = {one.state.source_key: one.value for one in records}
    if not values:
        return {}
    given_up = await conflicts_given_up(reader, records[0].state.object, list(values))
    bodies = await reader.envelopes([one.payload_hash for one in given_up])
    found: dict[str, frozenset[str]] = {}
    for one in given_up:
        if one.payload_hash in bodies:
            now, then = (_said(value) for value in (values[one.source_key], bodies[one.payload_hash].value))
            same = {name for name in one.fields if now.get(name) == then.get(name)}
            found[one.source_key] = found.get(one.source_key, frozenset()) | same
    return found


def _said(value: Any) -> dict[str, Any]:
    return {**value["fields"], **value["links"]}
