"""Source rows, and the Twenty records made from them: what is pending, intended, written, held, gone."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

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
from ledger.tables import KEYED


class SourceRowRow(SQLModel, table=True):
    """A row of a Kartra file.

    `state` is extracted, held, set_aside (history, or a row of a person who was erased), replaced (a later file's row
    stands for it) or abandoned (given up by a person). `original_hash` is the row as it was read, where a person
    corrected it since.
    """

    __tablename__ = "source_row"
    __table_args__ = (
        # A stream's rows: to make its record of them, to tell its story, and the books, which streams have several.
        Index("source_row_stream", "source_key", "file", "line"),
        KEYED,
    )

    file: str = Field(primary_key=True, sa_type=Text)
    line: int = Field(primary_key=True)
    source_key: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)
    original_hash: str | None = Field(default=None, sa_type=Text)
    run_id: str = Field(sa_type=Text)
    position: int


class RecordRow(SQLModel, table=True):
    """A record of one stream.

    `state`: pending (to be created), changed (written, and not what it should be any more), intended (a call may have
    left: its `action`), written, rejected, held, deleted (taken back), skipped (another's record stands for it), and,
    not made any more, withdrawn (never sent, and not to be) or obsolete (written); abandoned was given up by a person.
    `payload_hash` is what it should hold, `written_hash` what it should have held when we last wrote. `origin` is
    created or adopted, at the position `since`. `generation` counts how often it was taken back; its Twenty id derives
    from it.
    """

    __tablename__ = "record"
    __table_args__ = (
        # What is left to do, in the order it was made; records of a state, page by page; how many there are of each.
        Index("record_state", "object", "state", "position"),
        # Nothing asks for it: it goes with the next version of the schema.
        Index("record_run", "run_id", "object"),
        # PayloadErased takes the label of the body that goes.
        Index("record_label", "label_hash"),
        # Every record of a stream, and what was made beside it; the books, whether one was made.
        Index("record_stream", "source_key"),
        # Names are looked through in full, so the index holds all that is asked of them.
        Index(
            "record_name", text("label COLLATE NOCASE"), "object", "source_key", sqlite_where=text("label IS NOT NULL")
        ),
        # What is written without a relation of its own, to be linked once its target is there.
        Index("record_unlinked", "object", "position", sqlite_where=text("unlinked IS NOT NULL")),
        KEYED,
    )

    object: str = Field(primary_key=True, sa_type=Text)
    source_key: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    written_hash: str | None = Field(default=None, sa_type=Text)
    twenty_id: str | None = Field(default=None, sa_type=Text)
    generation: int
    origin: str | None = Field(default=None, sa_type=Text)
    since: int | None = Field(default=None)
    run_id: str | None = Field(default=None, sa_type=Text)
    intent: int | None = Field(default=None)
    action: str | None = Field(default=None, sa_type=Text)
    updated_at: str | None = Field(default=None, sa_type=Text)
    unlinked: str | None = Field(default=None, sa_type=Text)
    label: str | None = Field(default=None, sa_type=Text)
    label_hash: str | None = Field(default=None, sa_type=Text)
    source_ref: str = Field(sa_type=Text)
    position: int


TABLES = (SourceRowRow, RecordRow)

_FILE = "substr(:source_ref, 1, instr(:source_ref, ':') - 1)"
_LINE = "CAST(substr(:source_ref, instr(:source_ref, ':') + 1) AS INTEGER)"
_SOURCE_ROW = f"""INSERT INTO source_row (file, line, source_key, state, payload_hash, run_id, position)
  SELECT {_FILE}, {_LINE}, :source_key, '{{state}}', :payload_hash, :run_id, :position WHERE {{only}}
  ON CONFLICT (file, line) DO UPDATE SET
    state = excluded.state, source_key = coalesce(excluded.source_key, source_key)"""
# A label is gone from the moment its erasure is on record, not only once the body went: a refold must not see more.
_LABEL = """(SELECT json_extract(body, '$.labels.name') FROM payload WHERE hash = :payload_hash AND NOT EXISTS
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
        # An upsert of rows that are there, each found by its key: UPDATE … FROM would scan the table for each item.
        """INSERT INTO record (object, source_key, state, payload_hash, twenty_id, generation, run_id, intent,
                               action, source_ref, position)
           SELECT :object, json_extract(value, '$.key'), 'intended', json_extract(value, '$.hash'),
                  json_extract(value, '$.id'), json_extract(value, '$.generation'), :run_id, :position, :action, '',
                  :position
           FROM json_each(:items) WHERE TRUE
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
    PayloadErased: ("UPDATE record SET label = NULL WHERE label_hash = :payload_hash",),
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
