-- Version 3: names and decisions can be looked for.

CREATE INDEX event_hold ON event(json_extract(data, '$.hold')) WHERE type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned')

CREATE INDEX record_name ON record (label COLLATE NOCASE, object, source_key) WHERE label IS NOT NULL

CREATE TABLE intent (
	source_key TEXT NOT NULL,
	object TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (source_key, object, position)
)
 WITHOUT ROWID,
 STRICT
