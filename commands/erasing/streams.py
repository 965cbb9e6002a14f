"""Streams and what is made of them: a record is named like its stream of rows, or like it and more behind a slash."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

OF_STREAMS = """(source_key IN (SELECT value FROM json_each(:streams))
  OR substr(source_key, 1, instr(source_key, '/') - 1) IN (SELECT value FROM json_each(:streams)))"""
"""The SQL condition that a record is one of some streams'."""


def is_of(subject: str, streams: AbstractSet[str]) -> bool:
    """Whether something is one of these streams, or is made of one."""
    parts = subject.split("/")
    return any("/".join(parts[:count]) in streams for count in range(1, len(parts) + 1))


def as_json(values: Iterable[str]) -> str:
    """Values as a parameter of SQL."""
    return msgspec.json.encode(list(values)).decode()
