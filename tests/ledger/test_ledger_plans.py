"""Reading SQLite's plans: what goes through the whole of a table is seen, under whatever name it goes there."""

from pathlib import Path

import pytest

from ledger.projections import runs
from ledger.reader import Reader
from tests.ledger.plans import asked, scans, steps

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM event WHERE actor = :actor",
        "SELECT count(*) FROM run JOIN event AS told ON told.actor = run.actor",
        "SELECT DISTINCT run_id FROM event",
        "SELECT position FROM event AS one WHERE EXISTS (SELECT 1 FROM event AS other WHERE other.cause = one.cause)",
    ],
)
def test_a_scan_of_the_events_is_seen(loaded: Path, statement: str) -> None:
    """By its own name or another, of the table or of an index, also within another query."""
    assert scans(loaded, "event", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM event WHERE position = 3",
        "SELECT * FROM event WHERE run_id = :run AND position > :after ORDER BY position",
        "SELECT * FROM run CROSS JOIN event AS told ON told.run_id = run.run_id",
    ],
)
def test_what_goes_along_a_key_is_no_scan(loaded: Path, statement: str) -> None:
    """Also where another table is gone through on the way."""
    assert scans(loaded, "event", statement) == []


async def test_queries_are_kept_as_they_were_asked(reader: Reader) -> None:
    """With their parameters, so that their plans can be had."""
    with asked() as queries:
        await runs.find_run(reader, moved_run := "run-1-load")
    [(statement, params)] = queries.items()
    assert params == {"run_id": moved_run}
    assert steps(reader.path, statement, params) == ["SEARCH run USING PRIMARY KEY (run_id=?)"]
