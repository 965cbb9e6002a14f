"""Rows and records that wait for a person. A hold's id is the position of its RowHeld."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ledger.events import Event, HoldAbandoned, HoldCorrected, RowHeld, RowRedacted, RowReleased
from ledger.reader import Reader

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    RowHeld: (
        """INSERT INTO hold (id, run_id, file, line, "column", object, source_key, reason, stage, state, payload_hash)
           VALUES (:position, :run_id, substr(:source_ref, 1, instr(:source_ref, ':') - 1),
                   CAST(substr(:source_ref, instr(:source_ref, ':') + 1) AS INTEGER),
                   :column, :object, :source_key, :reason, :stage,
                   CASE :reason WHEN 'erased' THEN 'erased' ELSE 'open' END, :payload_hash)""",
    ),
    RowRedacted: (
        """UPDATE hold SET payload_hash = :payload_hash
           WHERE file = substr(:source_ref, 1, instr(:source_ref, ':') - 1)
             AND line = CAST(substr(:source_ref, instr(:source_ref, ':') + 1) AS INTEGER)
             AND payload_hash = :replaced_hash""",
    ),
    HoldCorrected: ("UPDATE hold SET state = 'corrected' WHERE id = :hold",),
    RowReleased: ("UPDATE hold SET state = 'released' WHERE id = :hold",),
    HoldAbandoned: ("UPDATE hold SET state = 'abandoned' WHERE id = :hold",),
}


class Hold(msgspec.Struct, frozen=True):
    """A hold, with the name of the file its row stands in."""

    id: int
    file: str
    line: int
    column: str | None
    object: str
    source_key: str | None
    reason: str
    stage: str
    state: str
    payload_hash: str | None


_NAMED = """SELECT hold.*, coalesce((SELECT name FROM export WHERE export.file = hold.file LIMIT 1), hold.file) AS name
  FROM hold"""


async def holds(reader: Reader, state: str | None = None, run_id: str | None = None) -> list[Hold]:
    """Holds in the order they were made, all or those in one state or of one run."""
    where = "WHERE (:state IS NULL OR state = :state) AND (:run_id IS NULL OR run_id = :run_id)"
    rows = await reader.rows(f"{_NAMED} {where} ORDER BY id", state=state, run_id=run_id)
    return _as_holds(rows)


def _as_holds(rows: Iterable[Mapping[str, Any]]) -> list[Hold]:
    return msgspec.convert([{**row, "file": row["name"]} for row in rows], list[Hold])


async def open_on_records(reader: Reader, object_name: str, keys: Sequence[str]) -> dict[str, list[Hold]]:
    """The open holds of these streams' records of an object, by stream."""
    statement = f"""{_NAMED} WHERE stage = 'write' AND state IN ('open', 'corrected')
      AND object = :object AND source_key IN (SELECT value FROM json_each(:keys)) ORDER BY id"""
    rows = await reader.rows(statement, object=object_name, keys=msgspec.json.encode(keys).decode())
    found: dict[str, list[Hold]] = {}
    for one in _as_holds(rows):
        found.setdefault(str(one.source_key), []).append(one)
    return found


class GivenUp(msgspec.Struct, frozen=True):
    """A conflict of a record that was given up and not written since: its fields, and what the record was to hold."""

    source_key: str
    conflicts: str
    payload_hash: str

    @property
    def fields(self) -> frozenset[str]:
        """The fields in which Twenty's value was let stand."""
        paths = msgspec.json.decode(self.conflicts, type=list[str])
        return frozenset(path.partition(".")[0] for path in paths)


async def conflicts_given_up(reader: Reader, object_name: str, keys: Sequence[str]) -> list[GivenUp]:
    """The conflicts of these streams' records of an object that a person gave up since they were written last."""
    statement = """SELECT hold.source_key, json_extract(said.body, '$.value.conflicts') AS conflicts,
        (SELECT made.payload_hash FROM event AS made WHERE made.source_key = hold.source_key
           AND made.type = 'RowTransformed' AND made.object = hold.object AND made.position < hold.id
           ORDER BY made.position DESC LIMIT 1) AS payload_hash
      FROM json_each(:keys) AS key CROSS JOIN hold ON hold.source_key = key.value
      JOIN payload AS said ON said.hash = hold.payload_hash
      WHERE hold.object = :object AND hold.stage = 'write' AND hold.reason = 'conflict' AND hold.state = 'abandoned'
        AND NOT EXISTS (SELECT 1 FROM event AS later WHERE later.source_key = hold.source_key
          AND later.object = hold.object AND later.position > hold.id AND later.type IN ('RecordUpdated',
            'RecordCreated', 'RecordAdopted', 'RecordRestored', 'RecordReturned', 'RecordDeleted'))"""
    found = await reader.rows(statement, object=object_name, keys=msgspec.json.encode(keys).decode())
    return msgspec.convert([row for row in found if row["conflicts"] and row["payload_hash"]], list[GivenUp])


async def open_count(reader: Reader) -> int:
    """How many rows and records wait for a person."""
    return int(await reader.scalar("SELECT count(*) FROM hold WHERE state IN ('open', 'corrected')"))


async def unplaced(reader: Reader) -> dict[int, dict[str, str]]:
    """The open holds of contacts that have no stream, with the cells of their rows; one whose body went has none."""
    statement = """SELECT hold.id, json_extract(payload.body, '$.value.cells') AS cells FROM hold
      JOIN payload ON payload.hash = hold.payload_hash
      WHERE hold.stage = 'extract' AND hold.state IN ('open', 'corrected') AND hold.object = 'person'"""
    return {row["id"]: msgspec.json.decode(row["cells"] or "{}") for row in await reader.rows(statement)}
