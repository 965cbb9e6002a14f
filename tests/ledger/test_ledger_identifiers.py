"""Ids of runs and of ledgers: what others may rely on about them."""

import time
import uuid
from pathlib import Path

import pytest

from ledger import identifiers
from ledger.identifiers import new_run_id
from ledger.store import Ledger
from tests.ledger.plain import query


def test_a_run_id_is_a_uuid_of_its_moment() -> None:
    """Version 7, RFC 9562's variant, and the milliseconds of now in its first 48 bits."""
    before = time.time_ns() // 1_000_000
    made = [uuid.UUID(new_run_id()) for _ in range(200)]
    after = time.time_ns() // 1_000_000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert all(before <= one.int >> 80 <= after for one in made)


def test_run_ids_sort_by_time_and_never_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later millisecond sorts behind, also past the year 2800; all 74 other bits are chance."""
    for first in (1, 1_800_000_000_000, (1 << 47) + 5):
        ids = []
        for millis in (first, first + 1):
            monkeypatch.setattr(identifiers.time, "time_ns", lambda millis=millis: millis * 1_000_000 + 999_999)
            ids.append([uuid.UUID(new_run_id()) for _ in range(200)])
        assert max(ids[0]) < min(ids[1])
        assert {one.int >> 80 for one in ids[0]} == {first}
    bits = [one.int & ((1 << 62) - 1) | (one.int >> 64 & 0xFFF) << 62 for one in ids[0]]
    assert len(set(bits)) == 200
    for bit in range(74):
        assert {one >> bit & 1 for one in bits} == {0, 1}


@pytest.mark.anyio
async def test_every_ledger_has_its_own_namespace_and_key(tmp_path: Path) -> None:
    """Two ledgers share neither: a UUID of chance, and 32 bytes."""
    found = []
    for name in ("a.db", "b.db"):
        async with Ledger.open(tmp_path / name, command="test") as ledger:
            namespace, key = await ledger.reader.namespace(), await ledger.reader.digest_key()
        assert (uuid.UUID(namespace).version, len(key)) == (4, 32)
        assert query(tmp_path / name, "SELECT json_extract(data, '$.format') FROM event") == [(1,)]
        found += [namespace, key]
    assert len(set(found)) == 4
