"""Growth as it is measured: the whole load is timed, every byte of the file is somebody's, and the books balance."""

from pathlib import Path

import pytest
from anyio.to_thread import run_sync

from ledger.books import books
from ledger.reader import Reader
from tests.bench.growth import TENTHS, measure, rows, told

pytestmark = pytest.mark.anyio


def test_a_load_is_timed_tenth_by_tenth(tmp_path: Path) -> None:
    """Each tenth took its time, and tables and indexes together are the file."""
    path = tmp_path / "grown.db"
    found = measure(path, 400)
    assert (found.records, len(found.tenths)) == (399, TENTHS)
    assert min(min(one.cpu, one.wall) for one in found.tenths) > 0
    assert found.bytes == path.stat().st_size
    assert {one.name for one in found.sizes if one.is_index} >= {"event_run", "sqlite_autoindex_payload_1"}
    assert not any(one.is_index for one in found.sizes if one.name in ("event", "payload", "record"))
    assert [one.target for one in rows(found)] == [10, 10]
    assert "| payload | table |" in told(found)


async def test_what_is_measured_is_a_load_like_any_other(tmp_path: Path) -> None:
    """One row in 400 is held, everybody else is written, and every sum agrees."""
    path = tmp_path / "grown.db"
    await run_sync(measure, path, 400)
    async with Reader.open(path) as reader:
        found = await books(reader)
    [people] = found.records
    assert (people.created, found.rows.held, found.imbalances) == (399, 1, ())
