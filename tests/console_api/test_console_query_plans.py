"""How SQLite goes about what is asked: no list and no story goes through all events, and every index is used."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.compensation.scope import Wanted
from commands.history import Asked
from commands.history import history as history_of
from commands.options import Options
from commands.rollback import preview
from commands.status import status
from ledger import standing, work
from ledger.books import books
from ledger.projections import FOLDS, changes, compensations, holds, identities
from ledger.reader import Reader
from ledger.tables import TRIGGERS
from tests.console_api.sweep import everything
from tests.console_api.world import rows_of, showing
from tests.ledger.plans import Queries, asked, scans, steps

pytestmark = pytest.mark.anyio

HEAD = "FROM event ORDER BY position DESC LIMIT 1"
"""What asks for the last event: a scan from the end, which stops at the first."""

LARGE = ("record", "source_row", "intent", "alias", "change", "compensation", "hold")
"""The tables beside events and bodies that grow with what is moved."""

ENTIRE: Mapping[str, str] = {
    "INDEXED BY record_name": "a part of a name: all names are looked through, a page at a time, in an index of them",
    "row_number() OVER": "the books count every row",
    "FROM record WHERE state <> 'withdrawn' GROUP BY object": "the books and plans count every record, by an index",
    "count(written_hash) AS stand": "the books count every record",
    "FROM record WHERE unlinked IS NOT NULL": "the books count records without a relation, by an index of those alone",
    "SELECT state, reason, count(*) AS count FROM hold": "holds are counted by an index",
    "FROM record WHERE twenty_id IS NOT NULL AND coalesce(origin": "a rollback's plan counts every record of ours",
    "FROM change WHERE undone IS NULL": "a rollback's plan counts every change",
    "FROM compensation WHERE state = 'done' AND detail IN": "a rollback's plan looks for what went into the bin",
    "instr(body, :link) > 0": "who points at somebody stands in bodies alone, and is asked for by a person's history",
    "FROM record WHERE twenty_id = :": "looked for among records only where no event names the id: a call on its way",
    "substr(twenty_id, -length(:text))": "the end of an id, as a person may say it",
}
"""What may go through the whole of one of these, or of an index of it, by a part of its words, and why."""


def _entire(path: Path, queries: Queries) -> dict[str, list[str]]:
    """The queries that go through the whole of what they may not."""
    found = {}
    for statement, params in queries.items():
        words = " ".join(statement.split())
        tables = [] if HEAD in words else ["event", "payload"]
        tables += [] if any(known in words for known in ENTIRE) else LARGE
        if wrong := [step for table in tables for step in scans(path, table, statement, params)]:
            found[words] = wrong
    return found


def _sample(path: Path) -> dict[str, Any]:
    """A person of the ledger: stream, Twenty's id, row and e-mail."""
    statement = """SELECT record.source_key, record.twenty_id, record.source_ref,
        json_extract(body, '$.value.fields.emails.primaryEmail'), record.run_id
      FROM record JOIN payload ON payload.hash = record.payload_hash
      WHERE object = 'person' AND state = 'written' ORDER BY record.source_key LIMIT 1"""
    [row] = rows_of(path, statement)
    return dict(zip(("stream", "twenty_id", "source", "email", "run"), row, strict=True))


def _options(path: Path) -> Options:
    options = Options()
    options.ledger = path
    return options


async def test_no_page_of_the_console_goes_through_all_events(history: Path, tmp_path: Path) -> None:
    """Each list, page, search, story, download and plan, as data and as a page."""
    path = history / "ledger.db"
    someone = _sample(path)
    with asked() as queries, showing(path, tokens=tmp_path / "tokens.toml") as shown:
        everything(shown)
        for said in ("Dúa", someone["email"], someone["stream"].partition(":")[2], someone["twenty_id"]):
            assert shown.api("/records", q=said)["items"]
        shown.api("/records", q=someone["source"])
        shown.api("/records", object="person", state="written")
        shown.api("/events", type="RecordCreated", run=someone["run"])
    assert len(queries) > 50
    assert _entire(path, queries) == {}


@pytest.mark.parametrize(
    ("by", "index"),
    [
        ("email", "event_source_key"), ("twenty_id", "event_twenty_id"), ("source", "event_source_ref"),
        ("run", "event_run"), ("type", "event_type"),
    ],
)  # fmt: skip
async def test_a_history_goes_along_an_index(history: Path, by: str, index: str) -> None:
    """Of each thing that may be asked for."""
    path = history / "ledger.db"
    values = {**_sample(path), "type": "RecordUpdated"}
    with asked() as queries:
        assert await history_of(_options(path), Asked(**{by: values[by]}))
    assert _entire(path, queries) == {}
    [pages] = [one for one in queries if "position > :after" in one]
    taken = steps(path, pages, queries[pages])
    assert any(f"{index} (" in step for step in taken), taken
    assert not any("rowid>?" in step for step in taken), taken


async def test_status_and_a_rollbacks_plan_go_through_no_events(history: Path) -> None:
    """What counts everything counts records, rows and changes; of events it looks only at those of a few types."""
    path = history / "ledger.db"
    someone = _sample(path)
    with asked() as queries:
        await status(_options(path))
        for wanted in (Wanted(), Wanted(run=someone["run"]), Wanted(records=(someone["twenty_id"],))):
            await preview(_options(path), wanted, force=True)
    assert _entire(path, queries) == {}


async def test_a_few_among_many_are_found_by_an_index_of_their_own(history: Path) -> None:
    """Records without a relation, and the holds of some streams; not by going through all that is written or waits."""
    path = history / "ledger.db"
    async with Reader.open(path) as reader:
        with asked() as queries:
            await work.unlinked(reader, "person", 10)
            await holds.open_on_records(reader, "person", [_sample(path)["stream"]])
    taken = [step for statement, params in queries.items() for step in steps(path, statement, params)]
    for index in ("record_unlinked", "hold_stream"):
        assert any(f"{index} (" in step for step in taken), taken
    assert not any(f"{index} (" in step for step in taken for index in ("record_state", "hold_state")), taken


async def test_every_index_is_used(history: Path, tmp_path: Path) -> None:
    """By the console, by what commands ask for, by a fold or by a trigger."""
    path = history / "ledger.db"
    with asked() as queries, showing(path, tokens=tmp_path / "tokens.toml") as shown:
        everything(shown)
        shown.api("/records", q="Dúa")
        async with Reader.open(path) as reader:
            await _commands_ask(reader, _sample(path))
    folds = {one: {} for statements in FOLDS.values() for one in statements}
    triggers = {one: {} for trigger in TRIGGERS for one in _selects(trigger)}
    every_query = {**queries, **folds, **triggers}
    taken = [step for statement, params in every_query.items() for step in steps(path, statement, params)]
    used = {name for step in taken for name in re.findall(r"INDEX (\w+)", step)}
    every = {name for (name,) in rows_of(path, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql > ''")}
    assert not every - used


def _selects(trigger: str) -> list[str]:
    """What a trigger asks for, with the row it is run for as parameters."""
    asked_for = re.findall(r"EXISTS \((SELECT 1 .*?)\)", trigger, re.DOTALL)
    return [re.sub(r"(?:NEW|OLD)\.(\w+)", r":\1", one) for one in asked_for]


async def _commands_ask(reader: Reader, someone: Mapping[str, Any]) -> None:
    await books(reader)
    await identities.numbers(reader, [someone["stream"]])
    await work.pending(reader, "person", 10)
    await work.unlinked(reader, "person", 10)
    await work.rows_of(reader, [someone["stream"]])
    await changes.of_record(reader, "person", someone["twenty_id"])
    await compensations.soft_deleted(reader)
    await holds.open_on_records(reader, "person", [someone["stream"]])
    await standing.obsolete(reader, [someone["stream"]])
