"""Source rows, and the Twenty records made from them: what is pending, intended, written, held, gone."""

from collections.abc import Mapping

import msgspec

from ledger.events import (
    BatchIntended,
    Event,
    HoldAbandoned,
    PayloadErased,
    RecordAdopted,
    RecordCreated,
    RecordDeleted,
    RecordRedacted,
    RecordRejected,
    RecordRestored,
    RecordReturned,
    RecordSkipped,
    RecordUnlinked,
    RecordUpdated,
    RecordWithdrawn,
    RowExtracted,
    RowHeld,
    RowRedacted,
    RowReleased,
    RowSetAside,
    RowTransformed,
)

_FILE = "substr(:source_ref, 1, instr(:source_ref, ':') - 1)"
_LINE = "CAST(substr(:source_ref, instr(:source_ref, ':') + 1) AS INTEGER)"
_SOURCE_ROW = f"""INSERT INTO source_row (file, line, source_key, state, payload_hash, run_id, position)
  SELECT {_FILE}, {_LINE}, :source_key, '{{state}}', :payload_hash, :run_id, :position WHERE {{only}}
  ON CONFLICT (file, line) DO UPDATE SET
    state = excluded.state, source_key = coalesce(excluded.source_key, source_key)"""
# Labels come first in a body, and end where its subject begins: a quotation mark within a text has a backslash before
# it. The rest, which is most of it, is not looked at.
_LABELS = """substr(body, 1, instr(body, '},"subject":')) || '}'"""
# A label is gone from the moment its erasure is on record, not only once the body went: a refold must not see more.
_LABEL = f"""(SELECT json_extract({_LABELS}, '$.labels.name') FROM payload WHERE hash = :payload_hash AND NOT EXISTS
               (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = payload.hash))"""
_WHERE = "WHERE object = :object AND source_key = :source_key"
_SETTLED = "intent = NULL, action = NULL"

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    RowExtracted: (
        f"""{_SOURCE_ROW.format(state="extracted", only="TRUE")}, payload_hash = excluded.payload_hash,
            original_hash = coalesce(original_hash, payload_hash)""",
    ),
    RowHeld: (
        _SOURCE_ROW.format(state="held", only=":stage <> 'write' AND :reason <> 'erased'"),
        _SOURCE_ROW.format(state="set_aside", only=":reason = 'erased'"),
        f"""UPDATE record SET state = 'held', {_SETTLED},
                              twenty_id = CASE WHEN written_hash IS NULL THEN NULL ELSE twenty_id END
            {_WHERE} AND :stage = 'write'""",
    ),
    RowSetAside: (_SOURCE_ROW.format(state="set_aside", only="TRUE"),),
    RowReleased: (
        """UPDATE source_row SET state = CASE WHEN :replaced_by IS NULL THEN 'extracted' ELSE 'replaced' END
           WHERE state = 'held' AND (file, line) IN
             (SELECT file, line FROM hold WHERE id = :hold AND stage <> 'write')""",
        """UPDATE record SET state = CASE WHEN written_hash IS NULL THEN 'pending' ELSE 'changed' END
           WHERE state = 'held' AND (object, source_key) IN
             (SELECT object, source_key FROM hold WHERE id = :hold AND stage = 'write')""",
    ),
    HoldAbandoned: (
        """UPDATE source_row SET state = 'abandoned' WHERE state = 'held' AND (file, line) IN
             (SELECT file, line FROM hold WHERE id = :hold AND stage <> 'write')""",
        """UPDATE record SET state = 'abandoned' WHERE state = 'held' AND (object, source_key) IN
             (SELECT object, source_key FROM hold WHERE id = :hold AND stage = 'write')""",
    ),
    RowTransformed: (
        f"""INSERT INTO record (object, source_key, state, payload_hash, generation, label, label_hash, source_ref,
                                position)
            VALUES (:object, :source_key, 'pending', :payload_hash, 0, {_LABEL}, :payload_hash,
                    json_extract(:sources, '$[0]'), :position)
            ON CONFLICT (object, source_key) DO UPDATE SET
              state = CASE WHEN written_hash IS NULL THEN 'pending'
                           WHEN written_hash = excluded.payload_hash THEN 'written' ELSE 'changed' END,
              payload_hash = excluded.payload_hash, label = excluded.label, label_hash = excluded.label_hash,
              source_ref = excluded.source_ref, position = excluded.position, {_SETTLED},
              twenty_id = CASE WHEN state = 'skipped' THEN NULL ELSE twenty_id END""",
    ),
    RecordWithdrawn: (
        f"""UPDATE record SET state = CASE WHEN written_hash IS NULL THEN 'withdrawn' ELSE 'obsolete' END,
                              {_SETTLED}, twenty_id = CASE WHEN written_hash IS NULL THEN NULL ELSE twenty_id END
            {_WHERE}""",
    ),
    BatchIntended: (
        """INSERT INTO record (object, source_key, state, payload_hash, twenty_id, generation, run_id, intent,
                               action, source_ref, position)
           VALUES (:object, :item_key, 'intended', :item_hash, :item_id, :item_generation, :run_id, :position, :action,
                   '', :position)
           ON CONFLICT (object, source_key) DO UPDATE SET
             state = 'intended', intent = excluded.intent, action = excluded.action,
             run_id = CASE WHEN written_hash IS NULL THEN excluded.run_id ELSE run_id END,
             twenty_id = excluded.twenty_id""",
    ),
    RecordCreated: (
        f"""UPDATE record SET state = 'written', origin = 'created', written_hash = :payload_hash, {_SETTLED},
                              twenty_id = :twenty_id, updated_at = :updated_at, unlinked = nullif(:unlinked, '[]'),
                              run_id = :run_id, since = :position {_WHERE}""",
    ),
    RecordUpdated: (
        # What was written on the way to what it should hold leaves it changed.
        f"""UPDATE record SET state = CASE WHEN payload_hash = :payload_hash THEN 'written' ELSE 'changed' END,
                              written_hash = :payload_hash, {_SETTLED},
                              updated_at = :updated_at, unlinked = nullif(:unlinked, '[]') {_WHERE}""",
    ),
    RecordAdopted: (
        f"""UPDATE record SET state = 'written', origin = 'adopted', written_hash = :payload_hash, {_SETTLED},
                              twenty_id = :twenty_id, updated_at = :updated_at, unlinked = nullif(:unlinked, '[]'),
                              run_id = :run_id, since = :position {_WHERE}""",
    ),
    RecordSkipped: (f"""UPDATE record SET state = 'skipped', {_SETTLED}, twenty_id = :twenty_id {_WHERE}""",),
    RecordRejected: (
        f"""UPDATE record SET state = 'rejected', {_SETTLED},
                              twenty_id = CASE WHEN written_hash IS NULL THEN NULL ELSE twenty_id END {_WHERE}""",
    ),
    RecordDeleted: (
        f"""UPDATE record SET state = 'deleted', generation = generation + 1, written_hash = NULL, twenty_id = NULL,
                              updated_at = NULL, {_SETTLED}, origin = NULL, since = NULL, run_id = NULL,
                              unlinked = NULL
            {_WHERE} AND twenty_id = :twenty_id""",
    ),
    RecordRestored: (
        f"""UPDATE record SET state = CASE WHEN :written_hash IS NULL THEN 'pending'
                                         WHEN state = 'obsolete' THEN state
                                         WHEN :written_hash = payload_hash THEN 'written' ELSE 'changed' END,
                              written_hash = :written_hash, updated_at = :updated_at, {_SETTLED},
                              unlinked = CASE WHEN :unlinked IS NULL THEN unlinked ELSE nullif(:unlinked, '[]') END
            {_WHERE} AND twenty_id = :twenty_id""",
        f"""UPDATE record SET twenty_id = NULL, origin = NULL, since = NULL, run_id = NULL, unlinked = NULL
            {_WHERE} AND twenty_id = :twenty_id AND :written_hash IS NULL""",
    ),
    RecordUnlinked: (f"UPDATE record SET unlinked = nullif(:unlinked, '[]') {_WHERE} AND twenty_id = :twenty_id",),
    RecordReturned: (
        f"""UPDATE record SET state = CASE WHEN :obsolete THEN 'obsolete'
                                         WHEN :payload_hash = payload_hash THEN 'written' ELSE 'changed' END,
                              origin = 'created', written_hash = :payload_hash, {_SETTLED}, twenty_id = :twenty_id,
                              updated_at = :updated_at, unlinked = nullif(:unlinked, '[]'),
                              run_id = :made_in, since = :made_at {_WHERE}""",
    ),
    RowRedacted: (
        f"""UPDATE source_row SET
              payload_hash = CASE payload_hash WHEN :replaced_hash THEN :payload_hash ELSE payload_hash END,
              original_hash = CASE original_hash WHEN :replaced_hash THEN :payload_hash ELSE original_hash END
            WHERE file = {_FILE} AND line = {_LINE}""",
    ),
    RecordRedacted: (
        f"""UPDATE record SET label = {_LABEL}, label_hash = :payload_hash {_WHERE} AND label_hash = :replaced_hash""",
        f"""UPDATE record SET
              payload_hash = CASE payload_hash WHEN :replaced_hash THEN :payload_hash ELSE payload_hash END,
              written_hash = CASE written_hash WHEN :replaced_hash THEN :payload_hash ELSE written_hash END
            {_WHERE}""",
    ),
    # A body's subject is the stream whose record it is; once it went, no label was read from it.
    PayloadErased: (
        """UPDATE record SET label = NULL WHERE label_hash = :payload_hash
             AND source_key = (SELECT json_extract(body, '$.subject') FROM payload WHERE hash = :payload_hash)""",
    ),
}


class RecordState(msgspec.Struct, frozen=True):
    """A record as the ledger knows it."""

    object: str
    source_key: str
    state: str
    payload_hash: str
    written_hash: str | None
    twenty_id: str | None
    generation: int
    origin: str | None
    run_id: str | None
    intent: int | None
    action: str | None
    since: int | None
    updated_at: str | None
    source_ref: str
    label: str | None
    position: int
    unlinked: str | None

    @property
    def unlinked_columns(self) -> frozenset[str]:
        """Relations the record was written without, since their target was not there."""
        return frozenset(msgspec.json.decode(self.unlinked, type=list[str]) if self.unlinked else ())
