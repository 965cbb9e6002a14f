"""The ledger's own tables, STRICT, and the triggers that keep them insert-once whichever program writes.

Beside them, one module each, the tables of the projections; all share one metadata. Whoever only reads does without:
SQLModel takes longer to load than a question takes to answer.
"""

from sqlalchemy import Table, Text
from sqlmodel import Field, SQLModel

from ledger.marks import APPLICATION_ID, SCHEMA_VERSION
from ledger.tables import (
    automations,
    changes,
    compensations,
    departures,
    holds,
    identities,
    intents,
    records,
    runs,
    schema,
)
from ledger.tables.kinds import KEYED, STRICT


class EventRow(SQLModel, table=True):
    """One event. `position` counts from 1 without a gap; `data` is the event's own attributes as JSON."""

    __tablename__ = "event"
    __table_args__ = STRICT

    position: int = Field(primary_key=True)
    type: str = Field(sa_type=Text)
    run_id: str = Field(sa_type=Text)
    cause: int | None = Field(default=None)
    recorded_at: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    object: str | None = Field(default=None, sa_type=Text)
    source_key: str | None = Field(default=None, sa_type=Text)
    source_ref: str | None = Field(default=None, sa_type=Text)
    twenty_id: str | None = Field(default=None, sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)
    data: str = Field(sa_type=Text)
    prev_hash: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)


class PayloadRow(SQLModel, table=True):
    """A body under its hash: canonical JSON text of an envelope."""

    __tablename__ = "payload"
    __table_args__ = STRICT

    hash: str = Field(primary_key=True, sa_type=Text)
    body: str = Field(sa_type=Text)


class MetaRow(SQLModel, table=True):
    """What the ledger needs and no event may show: the key that e-mails are digested with."""

    __tablename__ = "meta"
    __table_args__ = KEYED

    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


LEDGER_TABLES: tuple[Table, ...] = tuple(SQLModel.metadata.tables[name] for name in ("event", "payload", "meta"))

TABLES: tuple[Table, ...] = tuple(
    row.__table__
    for module in (
        identities,
        runs,
        holds,
        records,
        schema,
        automations,
        compensations,
        changes,
        departures,
        intents,
    )
    for row in module.TABLES
)
"""The tables of the projections, in the order of `ledger.projections.MODULES`."""

INDEXES = (
    # `history` of one stream, of one Twenty record, of one source row, of one run and of one type.
    "CREATE INDEX event_source_key ON event(source_key, position) WHERE source_key IS NOT NULL",
    "CREATE INDEX event_twenty_id ON event(twenty_id, position) WHERE twenty_id IS NOT NULL",
    "CREATE INDEX event_source_ref ON event(source_ref, position) WHERE source_ref IS NOT NULL",
    "CREATE INDEX event_run ON event(run_id, position)",
    "CREATE INDEX event_type ON event(type, position)",
    # The story of a row: what was decided about its holds.
    "CREATE INDEX event_hold ON event(json_extract(data, '$.hold'))"
    " WHERE type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned')",
    # The triggers on `payload` ask it for every body that comes or goes.
    "CREATE INDEX event_erased ON event(payload_hash) WHERE type = 'PayloadErased'",
)

_ERASED = "EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = {row}.hash)"

TRIGGERS = (
    """CREATE TRIGGER event_in_order BEFORE INSERT ON event BEGIN
  SELECT RAISE(ABORT, 'event: position is not head + 1')
    WHERE NEW.position IS NOT 1 + (SELECT coalesce(max(position), 0) FROM event);
  SELECT RAISE(ABORT, 'event: prev_hash is not the head''s hash')
    WHERE NEW.prev_hash IS NOT coalesce((SELECT hash FROM event ORDER BY position DESC LIMIT 1), printf('%064d', 0));
END""",
    """CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'event: events are never changed');
END""",
    """CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
  SELECT RAISE(ABORT, 'event: events are never deleted');
END""",
    f"""CREATE TRIGGER payload_once BEFORE INSERT ON payload BEGIN
  SELECT RAISE(ABORT, 'payload: a body is written once')
    WHERE EXISTS (SELECT 1 FROM payload WHERE hash = NEW.hash OR rowid = NEW.rowid);
  SELECT RAISE(ABORT, 'payload: this body was erased')
    WHERE {_ERASED.format(row="NEW")};
END""",
    """CREATE TRIGGER payload_no_update BEFORE UPDATE ON payload BEGIN
  SELECT RAISE(ABORT, 'payload: bodies are never changed');
END""",
    f"""CREATE TRIGGER payload_no_delete BEFORE DELETE ON payload WHEN NOT {_ERASED.format(row="OLD")} BEGIN
  SELECT RAISE(ABORT, 'payload: a body goes only after PayloadErased');
END""",
    """CREATE TRIGGER meta_once BEFORE INSERT ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: written once') WHERE EXISTS (SELECT 1 FROM meta WHERE name = NEW.name);
END""",
    """CREATE TRIGGER meta_no_update BEFORE UPDATE ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: never changed');
END""",
    """CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: never deleted');
END""",
)

__all__ = [
    "APPLICATION_ID",
    "INDEXES",
    "KEYED",
    "LEDGER_TABLES",
    "SCHEMA_VERSION",
    "STRICT",
    "TABLES",
    "TRIGGERS",
    "EventRow",
    "MetaRow",
    "PayloadRow",
]
