-- Version 5: the record whose label goes with an erased body is found by its stream, not by the body's hash.

DROP INDEX IF EXISTS record_label
