"""What tells a file to be a ledger, and of which schema version."""

APPLICATION_ID = 0x4B325457
"""`PRAGMA application_id`: the letters K2TW."""

SCHEMA_VERSION = 5
"""`PRAGMA user_version` of a ledger this program writes; the newest file of `ledger/upgrades/`."""
