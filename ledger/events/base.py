"""The base of all events, and how one is parted into the columns of `event`.

An attribute named like a column (`object`, `source_key`, `source_ref`, `twenty_id`, `payload_hash`) is kept in that
column; all others go to the column `data`. An attribute ending in `_hash` names a body in `payload`. Nothing personal
stands in an event: whatever quotes a value of Kartra's or Twenty's is a body.
"""

import msgspec

COLUMNS = ("object", "source_key", "source_ref", "twenty_id", "payload_hash")
"""Attributes that have a column of their own."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all events: frozen, and tagged by its name."""
