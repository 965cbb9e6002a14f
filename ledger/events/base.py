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


def split(event: Event) -> tuple[dict[str, str | None], dict[str, object]]:
    """Part an event into the values of its columns and its own attributes."""
    values = msgspec.to_builtins(event)
    del values["type"]
    return {name: values.pop(name, None) for name in COLUMNS}, values


def bodies(event: Event) -> list[str]:
    """The hash of every body the event names: its own, and those of a batch's items."""
    values = msgspec.to_builtins(event)
    parts = [values, *values.get("items", ())]
    return [part[name] for part in parts for name in part if name.endswith("hash") and part[name] is not None]
