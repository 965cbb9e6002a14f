"""How SQLite is to keep a table."""

STRICT = {"sqlite_strict": True}
KEYED = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""STRICT, and stored in the order of its primary key."""
