"""Every statement of a list goes along an index: no table is looked through, and no more than a page is sorted."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.connections import Session
from tests.console_api.world import Shown, rows_of

_LONG = ("event", "record", "source_row", "hold", "change", "payload", "alias")
_SCAN = re.compile(rf"SCAN ({'|'.join(_LONG)})\b(.*)")
_ALLOWED = ("USING COVERING INDEX record_name", "USING COVERING INDEX hold_state")
_FEW = re.compile(
    r"json_each\(|FROM known|FROM export|FROM run\b|source_key = :(?:stream|key)|twenty_id < :high LIMIT 100"
)
"""What is sorted is a page, a list that was given, a stream's own rows and events, or one entry a file or run."""


@pytest.fixture
def statements(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The statements that answers are read with from now on, with their values."""
    seen: list[tuple[str, Any]] = []
    ask = Session.rows

    async def rows(session: Session, statement: str, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        seen.append((statement, values))
        return await ask(session, statement, values)

    monkeypatch.setattr(Session, "rows", rows)
    return seen


def _real(ledger: Path) -> dict[str, str]:
    [(stream, record, run, position)] = rows_of(
        ledger, "SELECT source_key, twenty_id, run_id, position FROM event WHERE type = 'RecordUpdated' LIMIT 1"
    )
    [(file,)] = rows_of(ledger, "SELECT file FROM export LIMIT 1")
    return {"stream": stream, "record": record, "run": run, "file": file, "position": str(position)}


ASKED = [
    "/records?limit=5", "/records?object=person&limit=5", "/records?state=written&limit=5",
    "/records?object=person&state=written&limit=5", "/records?q=an+e&limit=5", "/records?q=dua@kartra.example",
    "/records?q=901", "/records?q={record}", "/records?q=0a", "/records?q=contacts_20:2", "/records?q={file}:2",
    "/records?q=a&object=person&limit=5", "/record?key={stream}", "/record?key={stream}&object=person",
    "/record?key=contact:901", "/events?limit=5", "/events?type=RecordCreated&limit=5", "/events?run={run}&limit=5",
    "/events?stream={stream}", "/events?twenty_id={record}", "/events?run={run}&type=RecordUpdated",
    "/events?stream={stream}&twenty_id={record}&run={run}&type=RecordUpdated&oldest_first=true", "/events/{position}",
    "/files", "/files/{file}?limit=5", "/holds?limit=5", "/holds?reason=row_malformed&limit=5", "/reports", "/mappings",
    "/runs", "/runs/{run}", "/integrity",
]  # fmt: skip
"""Every list and every thing, by every condition, as somebody asks for it."""


def _cursors(shown: Shown, path: str) -> Iterator[str]:
    yield path
    page = shown.client.get(f"/api/v1/ledgers/ledger{path}").json()
    if page.get("next"):
        yield f"{path}&cursor={page['next']}"


@pytest.mark.parametrize("path", ASKED)
def test_every_statement_goes_along_an_index(shown: Shown, statements: list[tuple[str, Any]], path: str) -> None:
    """First page and second: SQLite's own plan says so, with the values that were bound."""
    real = _real(shown.ledger)
    for asked in list(_cursors(shown, path.format(**real))):
        assert shown.client.get(f"/api/v1/ledgers/ledger{asked}").status_code == 200
    told = {statement: values for statement, values in statements if statement.lstrip().startswith(("SELECT", "WITH"))}
    assert told
    with closing(sqlite3.connect(shown.ledger)) as connection:
        found = [one for statement, values in told.items() for one in _against(connection, statement, values)]
    assert found == []


def _against(connection: sqlite3.Connection, statement: str, values: Any) -> Iterator[str]:
    """What speaks against a statement."""
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    for step in steps:
        scan = _SCAN.match(step)
        if scan and not any(one in step for one in _ALLOWED) and not _ends_at_once(statement, scan[1]):
            yield f"{step}: {statement}"
        if "TEMP B-TREE" in step and not _FEW.search(statement):
            yield f"{step}: {statement}"


def _ends_at_once(statement: str, table: str) -> bool:
    """Whether a scan goes along the table's own order, and stops at a limit: no condition passes rows over."""
    return table == "event" and "LIMIT" in statement and "ORDER BY position" in statement
