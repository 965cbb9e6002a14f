"""The books are a recount: whatever stands in the tables, the queries come to what a count by hand comes to."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.books import STATES, Books, books
from ledger.events import RunStarted
from ledger.reader import Reader
from ledger.store import Ledger
from tests.ledger import recount

pytestmark = pytest.mark.anyio

FILES = ("f1", "f2", "f3")
STREAMS = ("contact:1", "contact:10", "contact:2", "contact:3")
KEYS = (*STREAMS, "contact:1/note", "contact:2/note", "contact:30/note", "company:a")
TYPES = ("RecordCreated", "RecordAdopted", "RecordReturned", "RecordDeleted", "RecordRestored", "RecordUpdated")
_COUNT = st.none() | st.integers(0, 5)
_HASH = st.none() | st.just("some")

readings = st.lists(st.tuples(st.sampled_from(FILES), _COUNT, _COUNT), max_size=5)
named = st.tuples(*[st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["2026-01", "2026-02"]))] * len(FILES))
rows = st.dictionaries(
    st.tuples(st.sampled_from((*FILES, "never registered")), st.integers(2, 5)),
    st.tuples(
        st.none() | st.sampled_from(STREAMS),
        st.sampled_from(["extracted"] * 4 + ["held", "set_aside", "replaced", "abandoned", "odd"]),
    ),
    max_size=12,
)
records = st.dictionaries(
    st.tuples(st.sampled_from(["person", "company"]), st.sampled_from(KEYS)),
    st.tuples(
        st.sampled_from(["written", "withdrawn", "odd", *STATES]),
        st.sampled_from([None, "created", "adopted"]),
        _HASH,
        _HASH,
    ),
    max_size=8,
)
told = st.lists(
    st.tuples(
        st.sampled_from(TYPES),
        st.sampled_from(["person", "company"]),
        st.sampled_from(STREAMS[:2]),
        st.sampled_from(["id-1", "id-2", "id-3"]),
        _HASH,
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose owner dropped the triggers, so that each example may fill its tables anew."""
    path = tmp_path_factory.mktemp("bare") / "ledger.db"

    async def make() -> None:
        async with Ledger.open(path, command="load") as ledger:
            await ledger.append([RunStarted(command="load")])

    anyio.run(make)
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    return path


def _fill(path: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for name, lines in tables.items():
            connection.execute(f"DELETE FROM {name}")
            for line in lines:
                places = ", ".join("?" * len(line))
                connection.execute(f"INSERT INTO {name} ({', '.join(line)}) VALUES ({places})", list(line.values()))


def _exports(some: list[Any], names: Any) -> list[dict[str, Any]]:
    known = dict(zip(FILES, names, strict=True))
    return [
        {
            "run_id": f"run-{at}", "file": file, "kind": "contacts", "name": known[file][0], "size": 1, "sha256": "x",
            "exported_at": known[file][1], "position": at, "rows": read, "unrecorded": left, "delta": 0, "complete": 0,
            "payload_hash": "x",
        }
        for at, (file, read, left) in enumerate(some, start=1)
    ]  # fmt: skip


def _events(some: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "position": at, "type": kind, "run_id": "run", "recorded_at": "", "actor": "", "object": object_name,
            "source_key": key, "twenty_id": id_, "prev_hash": "", "hash": "",
            "data": json.dumps({"written_hash": held} if kind == "RecordRestored" else {}),
        }
        for at, (kind, object_name, key, id_, held) in enumerate(some, start=1)
    ]  # fmt: skip


async def _books(path: Path) -> Books:
    async with Reader.open(path) as reader:
        return await books(reader)


@settings(max_examples=60, deadline=None)
@given(readings=readings, named=named, rows=rows, records=records, told=told)
async def test_books_are_what_a_count_by_hand_comes_to(
    bare: Path, readings: Any, named: Any, rows: Any, records: Any, told: Any
) -> None:
    """Rows by file, records by state, and every sum that does not agree, of tables that say anything at all."""
    tables = {
        "export": _exports(readings, named),
        "source_row": [
            {"file": file, "line": line, "source_key": key, "state": state, "run_id": "run", "position": line}
            for (file, line), (key, state) in rows.items()
        ],
        "record": [
            {
                "object": object_name, "source_key": key, "state": state, "payload_hash": "x", "written_hash": held,
                "generation": 0, "origin": origin, "unlinked": unlinked, "source_ref": "", "position": 1,
            }
            for (object_name, key), (state, origin, held, unlinked) in records.items()
        ],
        "event": _events(told),
    }  # fmt: skip
    _fill(bare, tables)
    found = await _books(bare)
    assert msgspec.to_builtins(found.files) == tuple(map(_in_full, recount.files(bare)))
    assert msgspec.to_builtins(found.records) == tuple(recount.records(bare))
    assert list(found.imbalances) == recount.imbalances(bare)


def _in_full(file: dict[str, Any]) -> dict[str, Any]:
    order = ("read", "held", "set_aside", "merged", "transformed", "waiting", "unchanged", "file", "kind", "name")
    return {name: file[name] for name in order}
