"""What a run asks when it begins: answered by steps in an index, however many records and events there are."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import work
from ledger.connections import Session
from ledger.events import BaselineTaken, HoldAbandoned, RunResumed, RunStarted
from ledger.hashing import seal
from ledger.projections import runs
from ledger.reader import Reader
from ledger.store import Ledger

pytestmark = pytest.mark.anyio

OBJECTS = ("company", "person", "opportunity", "kartraSubscription", "note")
STATES = ("pending", "intended", "written", "changed", "withdrawn", "held", "deleted")
PLAIN = "SELECT object FROM record WHERE state <> 'withdrawn' GROUP BY object ORDER BY min(position)"


class Listening(Reader):
    """A reader that keeps what was asked."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def rows(self, statement: str, **params: Any) -> Any:
        """Rows of a query."""
        self.asked.append((statement, params))
        return await super().rows(statement, **params)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a ledger goes that has no trigger in the way of rows that no event made."""
    return tmp_path_factory.mktemp("begins") / "ledger.db"


@settings(max_examples=40, deadline=None)
@given(made=st.lists(st.tuples(st.sampled_from(OBJECTS), st.sampled_from(STATES)), max_size=30))
async def test_objects_and_what_is_intended_are_told_as_a_plain_query_tells_them(
    empty: Path, made: list[tuple[str, str]]
) -> None:
    """Whatever records there are, in whatever states: the same objects in the same order, the same open intents."""
    async with Ledger.open(empty, command="test", actor="tester@host") as ledger:
        with sqlite3.connect(empty) as connection:
            connection.execute("DELETE FROM record")
            connection.executemany(
                """INSERT INTO record (object, source_key, state, payload_hash, generation, source_ref, position)
                   VALUES (?, ?, ?, 'h', 0, '', ?)""",
                [(name, f"stream:{at}", state, at + 1) for at, (name, state) in enumerate(made)],
            )
        connection.close()
        assert await work.objects(ledger.reader) == [row["object"] for row in await ledger.reader.rows(PLAIN)]
        intended = sorted((name, f"stream:{at}") for at, (name, state) in enumerate(made) if state == "intended")
        found = [(one.state.object, one.state.source_key) for one in await work.intended(ledger.reader)]
        assert sorted(found) == intended
        assert [name for name, _ in found] == sorted(name for name, _ in found)


async def test_nothing_that_a_run_asks_at_its_beginning_goes_through_a_table(loaded: Path) -> None:
    """Objects, open intents, what is pending and how far the run came: every step is a search, no table is scanned."""
    async with Reader.open(loaded) as reader:
        listening = Listening(reader._session)
        await work.objects(listening)
        await work.intended(listening)
        await work.count_pending(listening, "person")
        await work.pending(listening, "person", 200)
        await work.count_in_state(listening, "person", "written")
        await runs.began_to_write(listening, "run-1-load")
        assert len(listening.asked) == 6
        for statement, params in listening.asked:
            plan = [row["detail"] for row in await reader.rows(f"EXPLAIN QUERY PLAN {statement}", **params)]
            scans = [step for step in plan if re.match(r"SCAN (record|event|payload|source_row|baseline)\b", step)]
            assert scans == [], statement


async def test_a_run_began_to_write_once_its_baseline_stands_and_nobody_came_in_between(fresh: Ledger) -> None:
    """Not before; not of another run; not once another run or a decision of a person stands behind it."""
    reader, mine = fresh.reader, "run-1"

    async def say(run: str, *events: Any) -> bool:
        body = seal("row:f1:2", {"why": "leftovers"})
        fresh.run_id = run
        await fresh.append(events, [body])
        return await runs.began_to_write(reader, mine)

    body = seal("row:f1:2", {"why": "leftovers"})
    assert not await say(mine, RunStarted(command="load"))
    assert await say(mine, BaselineTaken(counts={}))
    assert await say(mine, RunResumed())
    assert not await runs.began_to_write(reader, "run-2")
    assert not await say("run-2", HoldAbandoned(hold=1, payload_hash=body.hash))
    assert await say(mine, BaselineTaken(counts={}))
    assert not await say("run-3", RunStarted(command="rollback"))
