"""SQL views for whoever opens the ledger with a SQLite client of their own: bodies joined, events in words.

They are read, never written, and plain SQL: SQLite 3.38 or newer, without any function of this program. `verify` holds
that they are the ones named here; views that somebody adds under other names are theirs.
"""

import sqlite3
from collections.abc import Mapping

import msgspec

WORDS: Mapping[str, str] = {
    "LedgerCreated": "the ledger was made",
    "WorkspaceBound": "bound to a workspace of Twenty",
    "VerificationMade": "the ledger was verified",
    "RunStarted": "a run began",
    "RunResumed": "the run goes on",
    "RunCompleted": "the run was completed",
    "RunFailed": "the run stopped",
    "BaselineTaken": "what Twenty held before was counted",
    "ReconciliationMade": "ledger and Twenty were compared",
    "RollbackProven": "what the rollback left was read",
    "MigrationClosed": "the migration was signed off",
    "IdentityErased": "a name is suppressed from now on",
    "PayloadErased": "a body was erased",
    "ExportRegistered": "a file of Kartra is about to be read",
    "ExportRead": "a file of Kartra was read to its end",
    "RowExtracted": "a row was read",
    "RowRedacted": "kept without what named somebody who was erased",
    "RowHeld": "waits for a person",
    "RowSetAside": "a row was set aside",
    "HoldCorrected": "a held row was corrected",
    "RowReleased": "a held row goes on",
    "HoldAbandoned": "a held row was given up",
    "StreamGone": "gone from Kartra",
    "StreamReturned": "back in Kartra",
    "IdentityLinked": "another name was learnt",
    "IdentityMoved": "a name that another gave up belongs here now",
    "MappingConfirmed": "the mapping was signed",
    "RowTransformed": "a record was made of the rows",
    "RecordRedacted": "known without what named somebody who was erased",
    "RecordWithdrawn": "the record is not made any more",
    "SchemaIntended": "about to be made in the data model",
    "ObjectCreated": "an object was made in Twenty",
    "FieldCreated": "a field was made in Twenty",
    "RelationCreated": "a relation was made in Twenty",
    "OptionsAdded": "options were added in Twenty",
    "SchemaAdopted": "an equal element was there before",
    "AutomationIntended": "an automation is about to be switched",
    "AutomationPaused": "an automation was paused",
    "AutomationLost": "a paused automation is lost",
    "AutomationResumed": "an automation is back",
    "BatchIntended": "records are about to be sent",
    "RecordCreated": "the record was created in Twenty",
    "RecordUpdated": "the record was changed in Twenty",
    "RecordAdopted": "a record that was there is ours to update",
    "RecordSkipped": "a record that was there stands for it",
    "DisplacementIntended": "a record in the bin is about to make way",
    "RecordDisplaced": "a record in the bin made way",
    "DisplacementSpared": "a record in the bin stays after all",
    "RecordRejected": "Twenty refused the record",
    "TracesNoted": "traces of our records were noted",
    "TracesRemoved": "noted traces were removed",
    "LossNoted": "goes with what others put there",
    "CompensationIntended": "records are about to be taken back",
    "RecordDeleted": "the record was taken back",
    "RecordRestored": "the record holds what it held before",
    "RecordUnlinked": "a relation of the record leads nowhere now",
    "DisplacedReturned": "what made way is there again",
    "RecordReturned": "the record was made again in Twenty",
    "RecordLost": "cannot be put back as it was",
    "CompensationKept": "stays in Twenty",
    "RemovalIntended": "about to be removed from the data model",
    "SchemaRemoved": "removed from the data model",
}
"""What every event says, in words; `history` puts the detail behind it."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A view: what it shows, and a question it answers."""

    name: str
    about: str
    example: str
    select: str

    @property
    def statement(self) -> str:
        """The SQL that makes it."""
        return f"CREATE VIEW {self.name} AS\n{self.select}"


_WHAT = "\n".join(f"    WHEN '{name}' THEN '{words}'" for name, words in WORDS.items())
_DETAIL = ", ".join(
    f"json_extract(event.data, '$.{name}')" for name in ("command", "reason", "code", "why", "outcome", "action")
)
# A later delta may read the same file again: it has one name for each run that did.
_FILE = "(SELECT export.name FROM export WHERE export.file = {file} LIMIT 1)"


def _file_of(ref: str) -> str:
    return _FILE.format(file=f"substr({ref}, 1, instr({ref}, ':') - 1)")


def _file_id_of(ref: str) -> str:
    return f"nullif(substr({ref}, 1, instr({ref}, ':') - 1), '')"


def _line_of(ref: str) -> str:
    return f"CAST(nullif(substr({ref}, instr({ref}, ':') + 1), '') AS INTEGER)"


VIEWS = (
    View(
        name="history",
        about="Every event in words: when, who, what, on which row and record, and its body until that is erased.",
        example="""SELECT position, recorded_at, actor, what FROM history
WHERE source_key = 'contact:1' ORDER BY position""",
        select=f"""SELECT event.position, event.recorded_at, event.actor, event.type,
  CASE event.type
{_WHAT}
    ELSE event.type END || coalesce(': ' || coalesce({_DETAIL}), '') AS what,
  event.object, event.source_key, {_file_of("event.source_ref")} AS file,
  {_line_of("event.source_ref")} AS line, event.twenty_id, event.run_id, event.cause, event.data,
  json_extract(payload.body, '$.labels.name') AS label, json_extract(payload.body, '$.value') AS body,
  event.payload_hash IS NOT NULL AND payload.hash IS NULL AS erased, {_file_id_of("event.source_ref")} AS file_id
FROM event LEFT JOIN payload ON payload.hash = event.payload_hash""",
    ),
    View(
        name="records_now",
        about="Every record as it stands: its state, its Twenty id, what it should hold and what was last written.",
        example="""SELECT object, state, count(*) FROM records_now GROUP BY object, state""",
        select=f"""SELECT record.object, record.source_key, record.label, record.state, record.origin, record.twenty_id,
  record.generation, {_file_of("record.source_ref")} AS file,
  {_line_of("record.source_ref")} AS line, record.run_id, record.updated_at, record.unlinked,
  json_extract(meant.body, '$.value') AS should_hold, json_extract(written.body, '$.value') AS last_written,
  {_file_id_of("record.source_ref")} AS file_id
FROM record LEFT JOIN payload AS meant ON meant.hash = record.payload_hash
  LEFT JOIN payload AS written ON written.hash = record.written_hash""",
    ),
    View(
        name="holds_open",
        about="Rows and records that wait for a person: since when, where the row stands, why, and the row itself.",
        example="""SELECT reason, count(*) FROM holds_open GROUP BY reason""",
        select=f"""SELECT hold.id, event.recorded_at AS since, {_FILE.format(file="hold.file")} AS file,
  hold.line, hold."column", hold.object, hold.source_key, hold.reason, hold.stage, hold.state, hold.run_id,
  json_extract(payload.body, '$.value') AS body, hold.file AS file_id
FROM hold JOIN event ON event.position = hold.id LEFT JOIN payload ON payload.hash = hold.payload_hash
WHERE hold.state IN ('open', 'corrected')""",
    ),
    View(
        name="runs_overview",
        about="Every run: who ran what, when, how it ended. `running` without a process at work means interrupted.",
        example="""SELECT command, actor, state, started_at, events FROM runs_overview
ORDER BY first""",
        select="""SELECT run.run_id, run.command, run.actor, run.state, run.code, run.started_at, run.ended_at,
  run.resumed, run.undone, run.position AS first,
  (SELECT max(position) FROM event WHERE event.run_id = run.run_id) AS last,
  (SELECT count(*) FROM event WHERE event.run_id = run.run_id) AS events,
  (SELECT count(*) FROM export WHERE export.run_id = run.run_id) AS files, run.settings, run.policies
FROM run""",
    ),
    View(
        name="source_rows",
        about="Every row read from Kartra: file, line, what became of it, its cells; and as read, if corrected since.",
        example="""SELECT line, state, cells FROM source_rows
WHERE file = 'contacts_all.csv' ORDER BY line""",
        select=f"""SELECT {_FILE.format(file="source_row.file")} AS file, source_row.line,
  (SELECT export.kind FROM export WHERE export.file = source_row.file LIMIT 1) AS kind,
  source_row.source_key, source_row.state, event.recorded_at, source_row.run_id,
  json_extract(payload.body, '$.value.cells') AS cells,
  CASE WHEN source_row.original_hash <> source_row.payload_hash
    THEN json_extract(original.body, '$.value.cells') END AS cells_as_read, source_row.file AS file_id
FROM source_row JOIN event ON event.position = source_row.position
  LEFT JOIN payload ON payload.hash = source_row.payload_hash
  LEFT JOIN payload AS original ON original.hash = source_row.original_hash""",
    ),
    View(
        name="changes",
        about="Every change of a record that was there: the fields before and as sent, and when it was undone.",
        example="""SELECT recorded_at, twenty_id, before, sent FROM changes
WHERE undone IS NULL ORDER BY position""",
        select="""SELECT change.position, event.recorded_at, event.actor, change.run_id, change.object,
  change.source_key, change.twenty_id, change.kind, json_extract(stood.body, '$.value') AS before,
  json_extract(sent.body, '$.value') AS sent, change.undone, undoing.recorded_at AS undone_at
FROM change JOIN event ON event.position = change.position
  LEFT JOIN payload AS stood ON stood.hash = change.before_hash
  LEFT JOIN payload AS sent ON sent.hash = change.sent_hash
  LEFT JOIN event AS undoing ON undoing.position = change.undone""",
    ),
    View(
        name="taken_back",
        about="What each rollback did with each record: done, kept or lost (and why), or intended without an outcome.",
        example="""SELECT object, state, detail, count(*) FROM taken_back
GROUP BY object, state, detail""",
        select="""SELECT compensation.run_id, event.recorded_at, event.actor, compensation.object,
  compensation.source_key, compensation.twenty_id, compensation.state, compensation.detail,
  json_extract(payload.body, '$.value') AS body
FROM compensation JOIN event ON event.position = compensation.position
  LEFT JOIN payload ON payload.hash = compensation.payload_hash""",
    ),
)


def make(connection: sqlite3.Connection) -> None:
    """Make the views, in place of whatever views stand under their names."""
    for view in VIEWS:
        connection.execute(f"DROP VIEW IF EXISTS {view.name}")
        connection.execute(view.statement)


def altered(connection: sqlite3.Connection) -> list[str]:
    """Names of the views that are not there as they were made."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    found = dict(rows)
    return [view.name for view in VIEWS if found.get(view.name) != view.statement]
