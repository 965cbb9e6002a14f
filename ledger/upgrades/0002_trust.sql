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
