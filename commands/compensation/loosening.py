"""Our records that stay, and whose relations lead nowhere since what they pointed at was taken back.

Twenty empties such a relation by itself. On record it is one that waits for its target, so that a later load, which
makes that anew, ties the two again.
"""

from collections.abc import Sequence

import msgspec

from commands.compensation.now import READ_A_CALL, rows_now
from commands.present import present
from commands.session import Working
from ledger import ties
from ledger.events import RecordUnlinked
from ledger.ties import Loose


async def record_loose(working: Working) -> None:
    """Append which relations of our records are empty now that what they led to is gone."""
    by_object: dict[str, list[Loose]] = {}
    for one in await ties.loose(working.ledger.reader, working.ledger.run_id):
        by_object.setdefault(one.object, []).append(one)
    for object_name, some in by_object.items():
        for start in range(0, len(some), READ_A_CALL):
            await _record(working, object_name, some[start : start + READ_A_CALL])


async def _record(working: Working, object_name: str, some: Sequence[Loose]) -> None:
    names = (await present(working)).names(object_name, {one.column for one in some})
    ids = list(dict.fromkeys(one.twenty_id for one in some))
    rows = await rows_now(working, object_name, ids, sorted(names.values()))
    empty: dict[str, list[Loose]] = {}
    for one in some:
        if one.twenty_id in rows and one.column in names and rows[one.twenty_id][names[one.column]] is None:
            empty.setdefault(one.twenty_id, []).append(one)
    await working.ledger.append([_unlinked(found) for found in empty.values()])


def _unlinked(found: Sequence[Loose]) -> RecordUnlinked:
    """The event of one record, which adds to what it was without before."""
    one = found[0]
    before = msgspec.json.decode(one.unlinked, type=list[str]) if one.unlinked else []
    columns = tuple(sorted({*before, *(each.column for each in found)}))
    return RecordUnlinked(object=one.object, source_key=one.source_key, twenty_id=one.twenty_id, unlinked=columns)
