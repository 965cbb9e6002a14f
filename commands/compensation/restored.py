"""The proof of what was put back: every record of a run is read again and held against the ledger."""

from collections.abc import Mapping
from typing import Any

from adapters.twenty import differences
from commands.compensation.now import READ_A_CALL, known_now, rows_now
from commands.compensation.undoing import Known
from commands.session import Working
from commands.storable import as_stored

_UNTIMED = "updatedAt of the {object} {id}: somebody touched it since our call, or who did last could not be told"
# What was put back last counts; a record that the same run destroyed later holds nothing.
_PUT_BACK = """SELECT object, twenty_id, payload_hash FROM event
  WHERE type = 'RecordRestored' AND run_id = :run_id AND json_array_length(data, '$.undoes') > 0
    AND NOT EXISTS (SELECT 1 FROM event AS gone WHERE +gone.type = 'RecordDeleted' AND +gone.run_id = :run_id
      AND gone.twenty_id = event.twenty_id AND gone.object = event.object)
  ORDER BY object, position"""


async def compare_restored(working: Working) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Read the records of this run that were put back again: how many by object, and those that are not as put back."""
    by_object = await _put_back(working)
    unequal: dict[str, list[str]] = {}
    for name, hashes in by_object.items():
        for start in range(0, len(hashes), READ_A_CALL):
            some = dict(list(hashes.items())[start : start + READ_A_CALL])
            if found := await _unequal(working, name, some):
                unequal.setdefault(name, []).extend(found)
    return {name: len(hashes) for name, hashes in by_object.items()}, unequal


async def untimed(working: Working) -> list[str]:
    """The records of this run that hold what stood there before, and not the time at which they were touched last."""
    found: list[str] = []
    for name, hashes in (await _put_back(working)).items():
        bodies = await working.ledger.reader.envelopes(list(hashes.values()))
        back = {id_: bodies[hash_].value for id_, hash_ in hashes.items() if hash_ in bodies}
        found += [_UNTIMED.format(object=name, id=id_) for id_, one in back.items() if one["sent"] and not _timed(one)]
    return found


async def _put_back(working: Working) -> dict[str, dict[str, str]]:
    by_object: dict[str, dict[str, str]] = {}
    for row in await working.ledger.reader.rows(_PUT_BACK, run_id=working.ledger.run_id):
        by_object.setdefault(row["object"], {})[row["twenty_id"]] = row["payload_hash"]
    return by_object


async def _unequal(working: Working, object_name: str, hashes: Mapping[str, str]) -> list[str]:
    bodies = await working.ledger.reader.envelopes(list(hashes.values()))
    back = {id_: bodies[hash_].value for id_, hash_ in hashes.items() if hash_ in bodies}
    known = await known_now(working, object_name, {name for one in back.values() for name in one["fields"]})
    rows = await rows_now(working, object_name, list(back), sorted({*known.names.values(), "updatedAt"}))
    return [id_ for id_, one in back.items() if not _is_back(one, rows.get(id_), known)]


def _is_back(put: Mapping[str, Any], row: Mapping[str, Any] | None, known: Known) -> bool:
    if row is None or (put["deletedAt"] is not None and row["deletedAt"] is None):
        return False
    fields = as_stored(put["fields"])
    back = {known.names[name]: value for name, value in fields.items() if name in known.names}
    return not differences(back | ({"updatedAt": put["updatedAt"]} if _timed(put) else {}), row)


def _timed(put: Mapping[str, Any]) -> bool:
    """Whether the time was put back at which the record had been touched last."""
    return put["updatedAt"] is not None
