"""Changes made to records that were there: what stood before, what went out, and whether it was undone since."""

from collections.abc import Iterable, Mapping

import msgspec

from ledger.events import Event, RecordAdopted, RecordDeleted, RecordRedacted, RecordRestored, RecordUpdated
from ledger.reader import Reader
from ledger.scopes import Scope, condition

_MADE = """INSERT INTO change (position, run_id, object, source_key, twenty_id, kind, payload_hash, base_hash,
                               before_hash, sent_hash, restored)
  VALUES (:position, :run_id, :object, :source_key, :twenty_id, '{kind}', :payload_hash, {base},
          :before_hash, :sent_hash, {restored})"""

_MADE_IN_SCOPE = condition(
    run="record.run_id",
    position="record.since",
    object_="record.object",
    id_="record.twenty_id",
    key="record.source_key",
)

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    RecordUpdated: (_MADE.format(kind="updated", base=":base_hash", restored="0"),),
    RecordAdopted: (_MADE.format(kind="adopted", base="NULL", restored=":restored"),),
    RecordRedacted: (
        """UPDATE change SET
             payload_hash = CASE payload_hash WHEN :replaced_hash THEN :payload_hash ELSE payload_hash END,
             base_hash = CASE base_hash WHEN :replaced_hash THEN :payload_hash ELSE base_hash END
           WHERE object = :object AND source_key = :source_key""",
    ),
    RecordRestored: ("UPDATE change SET undone = :position WHERE position IN (SELECT value FROM json_each(:undoes))",),
    RecordDeleted: (
        """UPDATE change SET undone = :position
           WHERE object = :object AND twenty_id = :twenty_id AND undone IS NULL""",
    ),
}


class Change(msgspec.Struct, frozen=True):
    """A change of a record that stands."""

    position: int
    run_id: str
    object: str
    source_key: str
    twenty_id: str
    kind: str
    payload_hash: str
    base_hash: str | None
    before_hash: str | None
    sent_hash: str | None
    restored: int


class Past(Change, frozen=True):
    """A change of a record, standing or undone: when Twenty said our call was, and when our last one of all was.

    `returned` are the bodies of what was put back of it while it stands, `unlinked` the relations that the record is
    without now.
    """

    undone: int | None
    answered_at: str
    touched_at: str | None
    returned: tuple[str, ...]
    unlinked: tuple[str, ...]


# Those of records made in the same scope go with them.
_STANDING = f"""undone IS NULL AND {condition()} AND NOT EXISTS (SELECT 1 FROM record
    WHERE record.object = change.object AND record.source_key = change.source_key
      AND record.twenty_id = change.twenty_id AND record.origin = 'created' AND {_MADE_IN_SCOPE})"""


async def standing(reader: Reader, object_name: str, scope: Scope) -> list[Change]:
    """The changes of a scope that were not undone, oldest first, save those of records made in the same scope."""
    statement = f"SELECT * FROM change WHERE object = :object AND {_STANDING} ORDER BY position"
    return await reader.fetch(Change, statement, object=object_name, **scope.parameters)


async def standing_counts(reader: Reader, scope: Scope) -> dict[str, int]:
    """How many records of each object have changes that `standing` finds."""
    statement = f"""SELECT object, count(DISTINCT twenty_id) AS n FROM change WHERE {_STANDING}
      GROUP BY object ORDER BY object"""
    return {row["object"]: row["n"] for row in await reader.rows(statement, **scope.parameters)}


async def emptied(reader: Reader, object_name: str, scope: Scope, field: str) -> list[tuple[str, int]]:
    """The standing changes of a scope that emptied a field (`emails.primaryEmail`) and were changed on, newest first.

    Id and position of each.
    """
    statement = f"""SELECT change.twenty_id, change.position FROM change
        JOIN payload ON payload.hash = change.sent_hash
      WHERE change.object = :object AND change.undone IS NULL AND {condition(position="change.position")}
        AND json_type(payload.body, :whole) = 'object' AND coalesce(json_extract(payload.body, :part), '') = ''
        AND EXISTS (SELECT 1 FROM change AS later WHERE later.object = change.object
          AND later.twenty_id = change.twenty_id AND later.undone IS NULL AND later.position > change.position)
      ORDER BY change.position DESC"""
    whole, part = (f"$.value.fields.{name}" for name in (field.partition(".")[0], field))
    rows = await reader.rows(statement, object=object_name, whole=whole, part=part, **scope.parameters)
    return [(row["twenty_id"], row["position"]) for row in rows]


async def changed_objects(reader: Reader) -> list[str]:
    """The objects with records that were changed, and are not as before."""
    rows = await reader.rows("SELECT DISTINCT object FROM change WHERE undone IS NULL ORDER BY object")
    return [row["object"] for row in rows]


async def of_record(reader: Reader, object_name: str, twenty_id: str) -> list[Change]:
    """Every change of one record that was not undone, oldest first."""
    statement = """SELECT * FROM change WHERE object = :object AND twenty_id = :twenty_id AND undone IS NULL
      ORDER BY position"""
    return await reader.fetch(Change, statement, object=object_name, twenty_id=twenty_id)


async def histories(reader: Reader, object_name: str, ids: Iterable[str]) -> dict[str, list[Past]]:
    """Every change of these records, those undone too, oldest first."""
    statement = """SELECT change.*, json_extract(event.data, '$.updated_at') AS answered_at,
        record.updated_at AS touched_at, record.unlinked,
        (SELECT json_group_array(back.payload_hash) FROM event AS back WHERE +back.type = 'RecordRestored'
           AND back.object = change.object AND back.twenty_id = change.twenty_id
           AND change.position IN (SELECT value FROM json_each(back.data, '$.partly'))) AS returned
      FROM json_each(:ids) AS id CROSS JOIN change ON change.object = :object AND change.twenty_id = id.value
      JOIN event ON event.position = change.position
      LEFT JOIN record ON record.object = change.object AND record.source_key = change.source_key
        AND record.twenty_id = change.twenty_id
      ORDER BY change.position"""
    wanted = msgspec.json.encode(list(ids)).decode()
    found: dict[str, list[Past]] = {}
    for row in await reader.rows(statement, object=object_name, ids=wanted):
        lists = {name: msgspec.json.decode(row[name] or "[]") for name in ("returned", "unlinked")}
        found.setdefault(row["twenty_id"], []).append(msgspec.convert({**row, **lists}, Past))
    return found


async def ever_changed(reader: Reader, object_name: str) -> set[str]:
    """The records that were changed at any time, whatever became of it."""
    rows = await reader.rows("SELECT DISTINCT twenty_id FROM change WHERE object = :object", object=object_name)
    return {row["twenty_id"] for row in rows}
