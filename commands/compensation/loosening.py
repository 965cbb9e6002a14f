"""Our records that stay, and whose relations lead nowhere since what they pointed at was taken back.

Twenty empties such a relation by itself. On record it is one that waits for its target, so that a later load, which
makes that anew, ties the two again.
"""

from collections.abc import Mapping, Sequence

import msgspec

from commands.compensation.now import READ_A_CALL, rows_now
from commands.present import present
from commands.session import Working
from ledger import ties
from ledger.events import RecordUnlinked
from ledger.ties import Loose


async def record_loose(working: Working) -> None:
    """Append which relations of our records are empty now that what they led to is gone."""
    by_object: dict[str, dict[str, list[Loose]]] = {}
    for one in await ties.loose(working.ledger.reader, working.ledger.run_id):
        by_object.setdefault(one.object, {}).setdefault(one.twenty_id, []).append(one)
    for object_name, records in by_object.items():
        ids = list(records)
        for start in range(0, len(ids), READ_A_CALL):
            page = ids[start : start + READ_A_CALL]
            await _record(working, object_name, {id_: records[id_] for id_ in page})


async def _record(working: Working, object_name: str, records: Mapping[str, Sequence[Loose]]) -> None:
    names = (await present(working)).names(object_name, {one.column for some in records.values() for one in some})
    rows = await rows_now(working, object_name, list(records), sorted(names.values()))
    empty = {
        id_: [one for one in some if one.column in names and rows[id_][names[one.column]] is None]
        for id_, some in records.items()
        if id_ in rows
    }
    await working.ledger.append([_unlinked(found) for found in empty.values() if found])


def _unlinked(found: Sequence[Loose]) -> RecordUnlinked:
    """The event of one record, which adds to what it was without before."""
    one = found[0]
    before = msgspec.json.decode(one.unlinked, type=list[str]) if one.unlinked else []
    columns = tuple(sorted({*before, *(each.column for each in found)}))
    return RecordUnlinked(object=one.object, source_key=one.source_key, twenty_id=one.twenty_id, unlinked=columns)
