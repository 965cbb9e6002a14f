-- Version 2: deltas, adopted records, corrected rows, erased people. The projections are folded anew afterwards.

DROP TABLE source_row

DROP TABLE record

DROP TABLE export

CREATE TABLE source_row (
	file TEXT NOT NULL,
	line INTEGER NOT NULL,
	source_key TEXT,
	state TEXT NOT NULL,
	payload_hash TEXT,
	original_hash TEXT,
	run_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (file, line)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX source_row_stream ON source_row (source_key, file, line)

CREATE TABLE record (
	object TEXT NOT NULL,
	source_key TEXT NOT NULL,
	state TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	written_hash TEXT,
	twenty_id TEXT,
	generation INTEGER NOT NULL,
	origin TEXT,
	since INTEGER,
	run_id TEXT,
	intent INTEGER,
	action TEXT,
	updated_at TEXT,
	unlinked TEXT,
	label TEXT,
	label_hash TEXT,
	source_ref TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (object, source_key)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX record_label ON record (label_hash)

CREATE INDEX record_run ON record (run_id, object)

CREATE INDEX record_state ON record (object, state, position)

CREATE INDEX record_stream ON record (source_key)

CREATE INDEX record_unlinked ON record (object, position) WHERE unlinked IS NOT NULL

CREATE TABLE export (
	run_id TEXT NOT NULL,
	file TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	size INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	exported_at TEXT NOT NULL,
	position INTEGER NOT NULL,
	rows INTEGER,
	extracted INTEGER,
	held INTEGER,
	set_aside INTEGER,
	unchanged INTEGER,
	unrecorded INTEGER,
	delta INTEGER NOT NULL,
	complete INTEGER NOT NULL,
	payload_hash TEXT NOT NULL,
	PRIMARY KEY (run_id, file)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE change (
	position INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	object TEXT NOT NULL,
	source_key TEXT NOT NULL,
	twenty_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	base_hash TEXT,
	before_hash TEXT,
	sent_hash TEXT,
	restored INTEGER NOT NULL,
	undone INTEGER,
	PRIMARY KEY (position)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX change_record ON change (object, twenty_id)

CREATE INDEX change_run ON change (run_id, object)

CREATE TABLE gone (
	source_key TEXT NOT NULL,
	run_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (source_key)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE suppressed (
	alias TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (alias)
)
 WITHOUT ROWID,
 STRICT

CREATE VIEW history AS
SELECT event.position, event.recorded_at, event.actor, event.type,
  CASE event.type
    WHEN 'LedgerCreated' THEN 'the ledger was made'
    WHEN 'WorkspaceBound' THEN 'bound to a workspace of Twenty'
    WHEN 'VerificationMade' THEN 'the ledger was verified'
    WHEN 'RunStarted' THEN 'a run began'
    WHEN 'RunResumed' THEN 'the run goes on'
    WHEN 'RunCompleted' THEN 'the run was completed'
    WHEN 'RunFailed' THEN 'the run stopped'
    WHEN 'BaselineTaken' THEN 'what Twenty held before was counted'
    WHEN 'ReconciliationMade' THEN 'ledger and Twenty were compared'
    WHEN 'RollbackProven' THEN 'what the rollback left was read'
    WHEN 'MigrationClosed' THEN 'the migration was signed off'
    WHEN 'IdentityErased' THEN 'a name is suppressed from now on'
    WHEN 'PayloadErased' THEN 'a body was erased'
    WHEN 'ExportRegistered' THEN 'a file of Kartra is about to be read'
    WHEN 'ExportRead' THEN 'a file of Kartra was read to its end'
    WHEN 'RowExtracted' THEN 'a row was read'
    WHEN 'RowRedacted' THEN 'kept without what named somebody who was erased'
    WHEN 'RowHeld' THEN 'waits for a person'
    WHEN 'RowSetAside' THEN 'a row was set aside'
    WHEN 'HoldCorrected' THEN 'a held row was corrected'
    WHEN 'RowReleased' THEN 'a held row goes on'
    WHEN 'HoldAbandoned' THEN 'a held row was given up'
    WHEN 'StreamGone' THEN 'gone from Kartra'
    WHEN 'StreamReturned' THEN 'back in Kartra'
    WHEN 'IdentityLinked' THEN 'another name was learnt'
    WHEN 'IdentityMoved' THEN 'a name that another gave up belongs here now'
    WHEN 'MappingConfirmed' THEN 'the mapping was signed'
    WHEN 'RowTransformed' THEN 'a record was made of the rows'
    WHEN 'RecordRedacted' THEN 'known without what named somebody who was erased'
    WHEN 'RecordWithdrawn' THEN 'the record is not made any more'
    WHEN 'SchemaIntended' THEN 'about to be made in the data model'
    WHEN 'ObjectCreated' THEN 'an object was made in Twenty'
    WHEN 'FieldCreated' THEN 'a field was made in Twenty'
    WHEN 'RelationCreated' THEN 'a relation was made in Twenty'
    WHEN 'OptionsAdded' THEN 'options were added in Twenty'
    WHEN 'SchemaAdopted' THEN 'an equal element was there before'
    WHEN 'AutomationIntended' THEN 'an automation is about to be switched'
    WHEN 'AutomationPaused' THEN 'an automation was paused'
    WHEN 'AutomationLost' THEN 'a paused automation is lost'
    WHEN 'AutomationResumed' THEN 'an automation is back'
    WHEN 'BatchIntended' THEN 'records are about to be sent'
    WHEN 'RecordCreated' THEN 'the record was created in Twenty'
    WHEN 'RecordUpdated' THEN 'the record was changed in Twenty'
    WHEN 'RecordAdopted' THEN 'a record that was there is ours to update'
    WHEN 'RecordSkipped' THEN 'a record that was there stands for it'
    WHEN 'DisplacementIntended' THEN 'a record in the bin is about to make way'
    WHEN 'RecordDisplaced' THEN 'a record in the bin made way'
    WHEN 'DisplacementSpared' THEN 'a record in the bin stays after all'
    WHEN 'RecordRejected' THEN 'Twenty refused the record'
    WHEN 'TracesNoted' THEN 'traces of our records were noted'
    WHEN 'TracesRemoved' THEN 'noted traces were removed'
    WHEN 'LossNoted' THEN 'goes with what others put there'
    WHEN 'CompensationIntended' THEN 'records are about to be taken back'
    WHEN 'RecordDeleted' THEN 'the record was taken back'
    WHEN 'RecordRestored' THEN 'the record holds what it held before'
    WHEN 'RecordUnlinked' THEN 'a relation of the record leads nowhere now'
    WHEN 'DisplacedReturned' THEN 'what made way is there again'
    WHEN 'RecordReturned' THEN 'the record was made again in Twenty'
    WHEN 'RecordLost' THEN 'cannot be put back as it was'
    WHEN 'CompensationKept' THEN 'stays in Twenty'
    WHEN 'RemovalIntended' THEN 'about to be removed from the data model'
    WHEN 'SchemaRemoved' THEN 'removed from the data model'
    ELSE event.type END || coalesce(': ' || coalesce(json_extract(event.data, '$.command'), json_extract(event.data, '$.reason'), json_extract(event.data, '$.code'), json_extract(event.data, '$.why'), json_extract(event.data, '$.outcome'), json_extract(event.data, '$.action')), '') AS what,
  event.object, event.source_key, (SELECT export.name FROM export WHERE export.file = substr(event.source_ref, 1, instr(event.source_ref, ':') - 1) LIMIT 1) AS file,
  CAST(nullif(substr(event.source_ref, instr(event.source_ref, ':') + 1), '') AS INTEGER) AS line, event.twenty_id, event.run_id, event.cause, event.data,
  json_extract(payload.body, '$.labels.name') AS label, json_extract(payload.body, '$.value') AS body,
  event.payload_hash IS NOT NULL AND payload.hash IS NULL AS erased, nullif(substr(event.source_ref, 1, instr(event.source_ref, ':') - 1), '') AS file_id
FROM event LEFT JOIN payload ON payload.hash = event.payload_hash

CREATE VIEW records_now AS
SELECT record.object, record.source_key, record.label, record.state, record.origin, record.twenty_id,
  record.generation, (SELECT export.name FROM export WHERE export.file = substr(record.source_ref, 1, instr(record.source_ref, ':') - 1) LIMIT 1) AS file,
  CAST(nullif(substr(record.source_ref, instr(record.source_ref, ':') + 1), '') AS INTEGER) AS line, record.run_id, record.updated_at, record.unlinked,
  json_extract(meant.body, '$.value') AS should_hold, json_extract(written.body, '$.value') AS last_written,
  nullif(substr(record.source_ref, 1, instr(record.source_ref, ':') - 1), '') AS file_id
FROM record LEFT JOIN payload AS meant ON meant.hash = record.payload_hash
  LEFT JOIN payload AS written ON written.hash = record.written_hash

CREATE VIEW holds_open AS
SELECT hold.id, event.recorded_at AS since, (SELECT export.name FROM export WHERE export.file = hold.file LIMIT 1) AS file,
  hold.line, hold."column", hold.object, hold.source_key, hold.reason, hold.stage, hold.state, hold.run_id,
  json_extract(payload.body, '$.value') AS body, hold.file AS file_id
FROM hold JOIN event ON event.position = hold.id LEFT JOIN payload ON payload.hash = hold.payload_hash
WHERE hold.state IN ('open', 'corrected')

CREATE VIEW runs_overview AS
SELECT run.run_id, run.command, run.actor, run.state, run.code, run.started_at, run.ended_at,
  run.resumed, run.undone, run.position AS first,
  (SELECT max(position) FROM event WHERE event.run_id = run.run_id) AS last,
  (SELECT count(*) FROM event WHERE event.run_id = run.run_id) AS events,
  (SELECT count(*) FROM export WHERE export.run_id = run.run_id) AS files, run.settings, run.policies
FROM run

CREATE VIEW source_rows AS
SELECT (SELECT export.name FROM export WHERE export.file = source_row.file LIMIT 1) AS file, source_row.line,
  (SELECT export.kind FROM export WHERE export.file = source_row.file LIMIT 1) AS kind,
  source_row.source_key, source_row.state, event.recorded_at, source_row.run_id,
  json_extract(payload.body, '$.value.cells') AS cells,
  CASE WHEN source_row.original_hash <> source_row.payload_hash
    THEN json_extract(original.body, '$.value.cells') END AS cells_as_read, source_row.file AS file_id
FROM source_row JOIN event ON event.position = source_row.position
  LEFT JOIN payload ON payload.hash = source_row.payload_hash
  LEFT JOIN payload AS original ON original.hash = source_row.original_hash

CREATE VIEW changes AS
SELECT change.position, event.recorded_at, event.actor, change.run_id, change.object,
  change.source_key, change.twenty_id, change.kind, json_extract(stood.body, '$.value') AS before,
  json_extract(sent.body, '$.value') AS sent, change.undone, undoing.recorded_at AS undone_at
FROM change JOIN event ON event.position = change.position
  LEFT JOIN payload AS stood ON stood.hash = change.before_hash
  LEFT JOIN payload AS sent ON sent.hash = change.sent_hash
  LEFT JOIN event AS undoing ON undoing.position = change.undone

CREATE VIEW taken_back AS
SELECT compensation.run_id, event.recorded_at, event.actor, compensation.object,
  compensation.source_key, compensation.twenty_id, compensation.state, compensation.detail,
  json_extract(payload.body, '$.value') AS body
FROM compensation JOIN event ON event.position = compensation.position
  LEFT JOIN payload ON payload.hash = compensation.payload_hash
