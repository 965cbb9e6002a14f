-- Version 1: the first schema. Statements are parted by blank lines.

PRAGMA application_id = 1261589591

CREATE TABLE event (
	position INTEGER NOT NULL,
	type TEXT NOT NULL,
	run_id TEXT NOT NULL,
	cause INTEGER,
	recorded_at TEXT NOT NULL,
	actor TEXT NOT NULL,
	object TEXT,
	source_key TEXT,
	source_ref TEXT,
	twenty_id TEXT,
	payload_hash TEXT,
	data TEXT NOT NULL,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (position)
)
 STRICT

CREATE TABLE payload (
	hash TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (hash)
)
 STRICT

CREATE TABLE meta (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE automation (
	twenty_id TEXT NOT NULL,
	state TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	trash_on TEXT,
	position INTEGER NOT NULL,
	PRIMARY KEY (twenty_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE compensation (
	run_id TEXT NOT NULL,
	object TEXT NOT NULL,
	twenty_id TEXT NOT NULL,
	source_key TEXT,
	state TEXT NOT NULL,
	detail TEXT NOT NULL,
	payload_hash TEXT,
	position INTEGER NOT NULL,
	PRIMARY KEY (run_id, object, twenty_id)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE trace (
	position INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	timeline INTEGER NOT NULL,
	runs INTEGER NOT NULL,
	payload_hash TEXT NOT NULL,
	removed INTEGER NOT NULL,
	PRIMARY KEY (position)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE hold (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	file TEXT NOT NULL,
	line INTEGER NOT NULL,
	"column" TEXT,
	object TEXT NOT NULL,
	source_key TEXT,
	reason TEXT NOT NULL,
	stage TEXT NOT NULL,
	state TEXT NOT NULL,
	payload_hash TEXT,
	PRIMARY KEY (id)
)
 STRICT

CREATE TABLE alias (
	alias TEXT NOT NULL,
	source_key TEXT NOT NULL,
	PRIMARY KEY (alias)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE source_row (
	file TEXT NOT NULL,
	line INTEGER NOT NULL,
	source_key TEXT,
	state TEXT NOT NULL,
	payload_hash TEXT,
	run_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (file, line)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE record (
	object TEXT NOT NULL,
	source_key TEXT NOT NULL,
	state TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	written_hash TEXT,
	twenty_id TEXT,
	generation INTEGER NOT NULL,
	origin TEXT,
	run_id TEXT,
	intent INTEGER,
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

CREATE TABLE run (
	run_id TEXT NOT NULL,
	command TEXT NOT NULL,
	actor TEXT NOT NULL,
	state TEXT NOT NULL,
	position INTEGER NOT NULL,
	started_at TEXT NOT NULL,
	ended_at TEXT,
	resumed INTEGER NOT NULL,
	undone INTEGER NOT NULL,
	code TEXT,
	settings TEXT NOT NULL,
	policies TEXT NOT NULL,
	mapping_hash TEXT,
	files TEXT NOT NULL,
	PRIMARY KEY (run_id)
)
 WITHOUT ROWID,
 STRICT

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
	PRIMARY KEY (run_id, file)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE schema_element (
	object TEXT NOT NULL,
	name TEXT NOT NULL,
	element TEXT NOT NULL,
	state TEXT NOT NULL,
	absent INTEGER NOT NULL,
	twenty_id TEXT,
	run_id TEXT NOT NULL,
	payload_hash TEXT,
	position INTEGER NOT NULL,
	PRIMARY KEY (object, name)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE schema_option (
	object TEXT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	twenty_id TEXT NOT NULL,
	run_id TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (object, name, value)
)
 WITHOUT ROWID,
 STRICT

CREATE TABLE schema_options_intended (
	object TEXT NOT NULL,
	name TEXT NOT NULL,
	payload_hash TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (object, name)
)
 WITHOUT ROWID,
 STRICT

CREATE INDEX hold_row ON hold (file, line)

CREATE INDEX hold_state ON hold (state, reason)

CREATE INDEX hold_stream ON hold (source_key)

CREATE INDEX ix_alias_source_key ON alias (source_key)

CREATE INDEX source_row_stream ON source_row (source_key, file, line)

CREATE INDEX record_label ON record (label_hash)

CREATE INDEX record_run ON record (run_id, object)

CREATE INDEX record_state ON record (object, state, position)

CREATE INDEX record_stream ON record (source_key)

CREATE INDEX event_source_key ON event(source_key, position) WHERE source_key IS NOT NULL

CREATE INDEX event_twenty_id ON event(twenty_id, position) WHERE twenty_id IS NOT NULL

CREATE INDEX event_source_ref ON event(source_ref, position) WHERE source_ref IS NOT NULL

CREATE INDEX event_run ON event(run_id, position)

CREATE INDEX event_type ON event(type, position)

CREATE INDEX event_erased ON event(payload_hash) WHERE type = 'PayloadErased'

CREATE TRIGGER event_in_order BEFORE INSERT ON event BEGIN
  SELECT RAISE(ABORT, 'event: position is not head + 1')
    WHERE NEW.position IS NOT 1 + (SELECT coalesce(max(position), 0) FROM event);
  SELECT RAISE(ABORT, 'event: prev_hash is not the head''s hash')
    WHERE NEW.prev_hash IS NOT coalesce((SELECT hash FROM event ORDER BY position DESC LIMIT 1), printf('%064d', 0));
END

CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'event: events are never changed');
END

CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
  SELECT RAISE(ABORT, 'event: events are never deleted');
END

CREATE TRIGGER payload_once BEFORE INSERT ON payload BEGIN
  SELECT RAISE(ABORT, 'payload: a body is written once')
    WHERE EXISTS (SELECT 1 FROM payload WHERE hash = NEW.hash OR rowid = NEW.rowid);
  SELECT RAISE(ABORT, 'payload: this body was erased')
    WHERE EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = NEW.hash);
END

CREATE TRIGGER payload_no_update BEFORE UPDATE ON payload BEGIN
  SELECT RAISE(ABORT, 'payload: bodies are never changed');
END

CREATE TRIGGER payload_no_delete BEFORE DELETE ON payload WHEN NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = OLD.hash) BEGIN
  SELECT RAISE(ABORT, 'payload: a body goes only after PayloadErased');
END

CREATE TRIGGER meta_once BEFORE INSERT ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: written once') WHERE EXISTS (SELECT 1 FROM meta WHERE name = NEW.name);
END

CREATE TRIGGER meta_no_update BEFORE UPDATE ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: never changed');
END

CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta BEGIN
  SELECT RAISE(ABORT, 'meta: never deleted');
END
