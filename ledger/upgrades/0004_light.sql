-- Two indexes that no query asks for cost every write of a record.

DROP INDEX IF EXISTS record_run

DROP INDEX IF EXISTS change_run
