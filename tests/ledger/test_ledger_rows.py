"""Rows of a page of streams are found by their streams: no page goes through the files they stand in."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger import waves, work
from ledger.reader import Reader

pytestmark = pytest.mark.anyio
WHOLE_FILE = "SEARCH source_row USING PRIMARY KEY (file=?)"
BY_STREAM = "SEARCH source_row USING INDEX source_row_stream (source_key=?)"


class Explaining(Reader):
    """A reader that notes how SQLite goes about each query."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader._session)
        self.steps: list[str] = []

    async def rows(self, statement: str, **params: Any) -> list[Mapping[str, Any]]:
        """The rows of a query."""
        plan = await super().rows(f"EXPLAIN QUERY PLAN {statement}", **params)
        self.steps += [row["detail"] for row in plan]
        return await super().rows(statement, **params)


async def test_streams_are_read_by_their_keys(reader: Reader) -> None:
    """All rows of some streams, wherever they stand."""
    explaining = Explaining(reader)
    assert len(await work.rows_of(explaining, ["contact:1", "contact:2"])) == 2
    assert BY_STREAM in explaining.steps
    assert WHOLE_FILE not in explaining.steps


async def test_pages_of_streams_are_read_by_their_keys(reader: Reader) -> None:
    """Page by page, the streams of a kind."""
    explaining = Explaining(reader)
    assert [len(page) async for page in work.streams_in_order(explaining, "contact:")] == [3]
    assert BY_STREAM in explaining.steps
    assert WHOLE_FILE not in explaining.steps


async def test_what_streams_said_last_is_read_by_their_keys(reader: Reader) -> None:
    """The newest word of some streams, which a later export is held against."""
    explaining = Explaining(reader)
    [found] = [page async for page in waves.last_rows(explaining, ["contact:1", "contact:2"], 1_000_000)]
    assert found.keys() == {"contact:1", "contact:2"}
    assert BY_STREAM in explaining.steps
    assert WHOLE_FILE not in explaining.steps
    assert await waves.set_aside(explaining, "transaction:") == set()
    assert WHOLE_FILE not in explaining.steps


async def test_the_cells_of_all_rows_are_those_of_the_rows(reader: Reader) -> None:
    """Whoever asks for cells alone is given the same, in the same order."""
    rows = [row async for page in work.rows_in_order(reader) for row in page]
    cells = [(export.name, said) async for export, page in work.cells_in_order(reader, size=2) for said in page]
    assert cells == [(row.name, row.value["cells"]) for row in rows]
