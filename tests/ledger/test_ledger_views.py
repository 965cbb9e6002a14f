"""The SQL views, read as anybody reads them: with a SQLite client that knows nothing of this program."""

import json
from pathlib import Path

import pytest

from ledger.errors import VerificationFailed
from ledger.events import (
    EVENTS,
    BatchIntended,
    ExportRegistered,
    HoldAbandoned,
    Intended,
    PayloadErased,
    RecordDeleted,
    RecordUpdated,
    RowExtracted,
    RunStarted,
)
from ledger.hashing import seal
from ledger.projections.holds import open_count
from ledger.store import Ledger
from ledger.verifying import verify
from ledger.views import VIEWS, WORDS, View
from tests.ledger.conftest import PERSON, ROW, TWENTY_ID
from tests.ledger.plain import execute, query, take_away

pytestmark = pytest.mark.anyio

NAMES = tuple(view.name for view in VIEWS)


async def test_every_event_has_words() -> None:
    """No event is left with its type's name for a sentence, and none has a sentence that is not there."""
    assert set(WORDS) == set(EVENTS)
    assert all("'" not in words for words in WORDS.values())


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_every_view_can_be_asked(story: Path, view: View) -> None:
    """Each view reads whole, its example is a query that runs, and no two of its columns have one name."""
    query(story, f"SELECT * FROM {view.name}")
    query(story, view.example)
    columns = [row[1] for row in query(story, f"PRAGMA table_info({view.name})")]
    assert len(set(columns)) == len(columns) > 5


async def test_the_history_of_a_stream(story: Path) -> None:
    """Who did what to a person, in words and in order, with the rows' place and the body."""
    rows = query(
        story,
        """SELECT position, actor, what, file, line, label, erased FROM history WHERE source_key = 'contact:1'
           ORDER BY position""",
    )
    assert rows == [
        (2, "tester@host", "a row was read", None, 2, "Jane", 0),
        (5, "tester@host", "a record was made of the rows", None, None, "Jane", 0),
        (8, "tester@host", "the record was created in Twenty", None, None, "Jane", 0),
    ]
    [body] = query(story, "SELECT body FROM history WHERE position = 2")
    assert json.loads(body[0]) == {"email": "jane@example.com"}
    assert query(
        story, "SELECT what, erased FROM history WHERE type IN ('RowHeld', 'BatchIntended') ORDER BY 1 DESC"
    ) == [
        ("waits for a person: email_missing", 0),
        ("records are about to be sent: create", 0),
    ]
    assert query(story, "SELECT count(*), sum(position) FROM history") == [(9, 45)]


async def test_an_erased_body_shows_as_erased(story: Path) -> None:
    """What was erased is not there, in no view, and `history` says that it was."""
    assert query(story, "SELECT position, body, label, erased FROM history WHERE source_key = 'contact:2'") == [
        (3, None, None, 1),
        (6, None, None, 1),
    ]
    async with Ledger.open(story, command="erase") as ledger:
        await ledger.append([PayloadErased(payload_hash=body.hash) for body in (ROW, PERSON)])
    take_away(story, ROW.hash, PERSON.hash)
    assert "jan" not in str([query(story, f"SELECT * FROM {name}") for name in NAMES]).lower()


async def test_one_stream_is_read_by_its_index(story: Path) -> None:
    """A question about one stream, or one record, does not read the whole ledger."""
    for column in ("source_key", "twenty_id", "run_id", "type"):
        plan = str(query(story, f"EXPLAIN QUERY PLAN SELECT * FROM history WHERE {column} = 'x'"))
        assert "SEARCH event USING INDEX" in plan
        assert "SCAN event" not in plan and "SCAN payload" not in plan


async def test_rows_records_and_runs(story: Path) -> None:
    """Rows with their file and cells, records with what they hold, runs with what they come to."""
    header, cells = seal("file:f1", {"columns": ["email"]}), seal("contact:1", {"cells": {"email": "j@example.com"}})
    async with Ledger.open(story, command="load", actor="tester@host") as ledger:
        await ledger.append(
            [
                RunStarted(command="load"),
                ExportRegistered(
                    file="f1", kind="contacts", name="all.csv", size=1, sha256="00" * 32, exported_at="2026",
                    payload_hash=header.hash,
                ),
                RowExtracted(source_key="contact:1", source_ref="f1:2", payload_hash=cells.hash),
            ],
            [header, cells],
        )  # fmt: skip
        run_id = ledger.run_id
    assert query(
        story, "SELECT file, line, kind, source_key, state, cells, cells_as_read IS NULL FROM source_rows"
    ) == [
        ("all.csv", 2, "contacts", "contact:1", "extracted", '{"email":"j@example.com"}', 1),
        ("all.csv", 3, "contacts", "contact:2", "extracted", None, 1),
        ("all.csv", 4, "contacts", None, "held", None, 1),
    ]
    [(source_key, file, line, state, origin, twenty_id, meant, written)] = query(
        story,
        """SELECT source_key, file, line, state, origin, twenty_id, should_hold, last_written FROM records_now
           WHERE label = 'Jane'""",
    )
    assert (source_key, file, line, state, origin, twenty_id) == (
        "contact:1", "all.csv", 2, "written", "created", TWENTY_ID,
    )  # fmt: skip
    assert json.loads(meant) == json.loads(written) == {"name": {"firstName": "Jané 🦊"}}
    assert query(story, "SELECT run_id, command, state, first, last, events, files FROM runs_overview") == [
        (run_id, "load", "running", 10, 12, 3, 1)
    ]


async def test_holds_open_are_those_status_counts(story: Path) -> None:
    """The view holds what `status` counts; a hold that was given up is not in it."""
    why = seal("hold:4", {"why": "no"})
    async with Ledger.open(story, command="holds") as ledger:
        assert query(story, "SELECT id, line, reason, stage FROM holds_open") == [(4, 4, "email_missing", "extract")]
        assert await open_count(ledger.reader) == 1
        await ledger.append([HoldAbandoned(hold=4, payload_hash=why.hash)], [why])
        assert await open_count(ledger.reader) == 0
    assert query(story, "SELECT * FROM holds_open") == []


async def test_changes_and_what_was_taken_back(story: Path) -> None:
    """A change shows the fields before and as sent, and when it was undone; a rollback what it did with the record."""
    before, sent = seal("contact:1", {"jobTitle": "CEO"}), seal("contact:1", {"jobTitle": "CTO"})
    async with Ledger.open(story, command="delta") as ledger:
        item = Intended(
            key="contact:1", id=TWENTY_ID, hash=PERSON.hash, base_hash=PERSON.hash, before_hash=before.hash,
            sent_hash=sent.hash,
        )  # fmt: skip
        updated = RecordUpdated(
            object="person", source_key="contact:1", twenty_id=TWENTY_ID, payload_hash=PERSON.hash, updated_at="2026",
            base_hash=PERSON.hash, before_hash=before.hash, sent_hash=sent.hash,
        )  # fmt: skip
        gone = RecordDeleted(object="person", source_key="contact:1", twenty_id=TWENTY_ID, outcome="destroyed")
        await ledger.append(
            [BatchIntended(object="person", action="update", items=(item,), timeout_s=60), updated], [before, sent]
        )
        [(kind, stood, went, undone)] = query(story, "SELECT kind, before, sent, undone FROM changes")
        assert (kind, stood, went, undone) == ("updated", '{"jobTitle":"CEO"}', '{"jobTitle":"CTO"}', None)
        [position] = await ledger.append([gone])
    [(undone, when)] = query(story, "SELECT undone, undone_at FROM changes")
    assert (undone, when is None) == (position, False)
    assert query(story, "SELECT object, source_key, state, detail FROM taken_back") == [
        ("person", "contact:1", "done", "destroyed")
    ]


@pytest.mark.parametrize("statement", [
    "DROP VIEW history",
    "DROP VIEW records_now; CREATE VIEW records_now AS SELECT * FROM record WHERE state <> 'rejected'",
])  # fmt: skip
async def test_an_altered_view_is_found_and_mended(story: Path, statement: str) -> None:
    """Who reads by views must not be misled: `verify` names one that is gone or other, and a rebuild mends it."""
    name = statement.split()[2].rstrip(";")
    for one in statement.split(";"):
        execute(story, one)
    with pytest.raises(VerificationFailed, match=rf"views are not as they were made: {name};"):
        await verify(story)
    async with Ledger.open(story, command="ledger rebuild") as ledger:
        await ledger.rebuild()
    await verify(story)


async def test_views_and_tables_of_others_are_theirs(story: Path) -> None:
    """A view under another name, or the tables that Litestream keeps, harm neither `verify` nor a rebuild."""
    execute(story, "CREATE VIEW mine AS SELECT count(*) FROM event")
    execute(story, "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)")
    execute(story, "CREATE TABLE _litestream_lock (id INTEGER)")
    execute(story, "INSERT INTO _litestream_seq VALUES (1, 1)")
    async with Ledger.open(story, command="ledger rebuild") as ledger:
        await ledger.rebuild()
    await verify(story)
    assert query(story, "SELECT * FROM mine") == [(9,)]
