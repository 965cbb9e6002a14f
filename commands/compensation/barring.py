"""What would not come back, as a check sees it: whose way is barred by records that stay, or that go into the bin."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

import msgspec

from commands.collisions import KEYS, conflicts_of
from commands.compensation.ahead import Ahead
from commands.compensation.departures import revivals
from commands.compensation.kept import Kept
from commands.compensation.returning import to_return
from commands.compensation.scope import Plan, counted
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from ledger.losses import Displaced
from ledger.scopes import Scope

_RECORDS_A_READ = 5_000


async def barred(working: Working, scope: Scope, leaving: AbstractSet[str], ahead: Ahead) -> list[Kept]:
    """The records that made way and could not come back: another holds their value, and neither leaves nor changes."""
    found: list[Kept] = []
    waiting = sorted(await to_return(working.ledger.reader, scope), key=lambda one: one.object)
    for name, some in groupby(waiting, lambda one: one.object):
        every = list(some)
        for start in range(0, len(every), _RECORDS_A_READ):
            found += await _barred(working, name, every[start : start + _RECORDS_A_READ], leaving, ahead)
    return found


async def _barred(
    working: Working, object_name: str, some: Sequence[Displaced], leaving: AbstractSet[str], ahead: Ahead
) -> list[Kept]:
    target = (await present(working)).find(object_name)
    if target is None or target.singular not in KEYS:
        return []
    bodies = await working.ledger.reader.envelopes([one.payload_hash for one in some])
    rows: dict[str, Mapping[str, Any]] = {
        one.twenty_id: as_stored(bodies[one.payload_hash].value["record"]) for one in some if one.payload_hash in bodies
    }
    _, conflicts = await conflicts_of(working.twenty.client, target, rows)
    staying = {id_ for id_, one in conflicts.items() if one.holder not in leaving}
    return [
        Kept(object=object_name, id=id_, why="value_taken")
        for id_ in sorted(staying)
        if not _gives_way(ahead, conflicts[id_].holder, conflicts[id_].column)
    ]


def _gives_way(ahead: Ahead, holder: str, path: str) -> bool:
    """Whether a record gets another value back than the one it holds."""
    _, sent = ahead.sent.get(holder, ("", {}))
    name, _, part = path.partition(".")
    return isinstance(sent.get(name), Mapping) and part in sent[name]


async def as_foreseen(
    working: Working, scope: Scope, planned: Plan, kept: AbstractSet[str], lost: Sequence[Kept]
) -> Plan:
    """The plan, less what would not come back: what is `lost`, and what left and has a later record that is `kept`."""
    coming = await revivals(working.ledger.reader, scope, beforehand=True)
    stays = [one for one in coming.again if one.standing in kept]
    lacking = {name: sum(one.object == name for one in lost) for name in planned.returning}
    held = [one for one in stays if scope.holds(one.run_id, one.position, one.object)]
    return msgspec.structs.replace(
        planned,
        returning={name: n for name, count in planned.returning.items() if (n := count - lacking[name])},
        reviving=counted(one for one in coming.again if one.standing not in kept),
        superseded=counted([*coming.later, *held]),
    )
