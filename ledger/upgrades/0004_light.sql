-- Two indexes that no query asks for cost every write of a record.

DROP INDEX record_run

DROP INDEX change_run
