"""What is left to do, who is who, and what waits for whom: every query that stages begin with, on one migration."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from ledger import work
from ledger.books import books
from ledger.events import (
    AutomationIntended,
    BatchIntended,
    CompensationKept,
    FieldCreated,
    HoldAbandoned,
    IdentityErased,
    Intended,
    OptionsAdded,
    RecordSkipped,
    RecordWithdrawn,
    RowHeld,
    RowReleased,
    RunCompleted,
    RunFailed,
    RunStarted,
    SchemaIntended,
    StreamGone,
    StreamReturned,
    TracesNoted,
    TracesRemoved,
)
from ledger.hashing import digest, seal
from ledger.projections import automations, compensations, departures, holds, identities, runs, schema
from ledger.reader import Reader
from ledger.store import Ledger
from tests.ledger import moved
from tests.ledger.moved import ACME, DELTA, LOAD, id_of
from tests.ledger.plain import execute, query

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migration's ledger after its load, made once."""
    path = tmp_path_factory.mktemp("moved") / "ledger.db"
    anyio.run(moved.tell, path)
    return path


@pytest.fixture
async def ledger(loaded: Path, path: Path) -> AsyncIterator[Ledger]:
    """A copy of it, open."""
    async with Ledger.open(Path(shutil.copy(loaded, path)), command="test", actor="tester@host") as ledger:
        yield ledger


@pytest.fixture
def reader(ledger: Ledger) -> Reader:
    """Its reader."""
    return ledger.reader


def keys(found: list[work.Work]) -> list[str]:
    """The streams of some records."""
    return [one.state.source_key for one in found]


# --- records ---------------------------------------------------------------------------------------------------------


async def test_what_waits_to_be_created(reader: Reader) -> None:
    """Pending records of an object, in order, in pages, of some streams or all, and how many they are."""
    assert keys(await work.pending(reader, "person", 10)) == ["contact:3"]
    assert keys(await work.pending(reader, "note", 10)) == ["contact:1/notes"]
    [one] = await work.pending(reader, "person", 10)
    assert one.value == {"fields": {"name": "C3"}, "links": moved.LINK}
    assert one.state.label == "C3"
    assert keys(await work.pending(reader, "person", 10, after=one.state.position)) == []
    assert keys(await work.pending(reader, "person", 0)) == []
    assert keys(await work.pending(reader, "person", 10, keys=["contact:3", "contact:9"])) == ["contact:3"]
    assert keys(await work.pending(reader, "person", 10, keys=[])) == []
    assert await work.count_pending(reader, "person") == 1
    assert await work.count_pending(reader, "person", ["contact:1"]) == 0
    assert await work.count_pending(reader, "company") == 0


async def test_records_in_a_state(reader: Reader) -> None:
    """Records in one state, in order, in pages; and how many are in any of some states."""
    both = await work.in_state(reader, "person", "written")
    assert keys(both) == ["contact:1", "contact:2"]
    assert keys(await work.in_state(reader, "person", "written", limit=1)) == ["contact:1"]
    assert keys(await work.in_state(reader, "person", "written", after=both[0].state.position)) == ["contact:2"]
    assert await work.count_in_state(reader, "person", "written", "pending") == 3
    assert await work.count_in_state(reader, "person", "rejected") == 0
    assert await work.objects(reader) == ["company", "person", "note", "opportunity"]


async def test_calls_without_an_outcome(ledger: Ledger) -> None:
    """A record whose call may have left is intended, with what it should hold, until an outcome is there."""
    assert await work.intended(ledger.reader) == []
    [pending] = await work.pending(ledger.reader, "person", 1)
    item = Intended(key="contact:3", id="id-3", hash=pending.state.payload_hash)
    [intent] = await ledger.append([BatchIntended(object="person", action="create", items=(item,), timeout_s=60)])
    [one] = await work.intended(ledger.reader)
    assert (one.state.source_key, one.state.intent, one.state.twenty_id, one.value) == (
        "contact:3", intent, "id-3", pending.value,
    )  # fmt: skip


async def test_ids_in_twenty(ledger: Ledger) -> None:
    """The ids of records that are written, or that another's record stands for; and which ids are ours at all."""
    reader = ledger.reader
    wanted = ["contact:1", "contact:3", "contact:9"]
    assert await work.twenty_ids(reader, "person", wanted) == {"contact:1": id_of("person", "contact:1")}
    assert await work.twenty_ids(reader, "company", wanted) == {}
    await ledger.append([RecordSkipped(object="person", source_key="contact:3", twenty_id="theirs")])
    assert (await work.twenty_ids(reader, "person", wanted))["contact:3"] == "theirs"
    mine = id_of("person", "contact:1")
    assert await work.known_ids(reader, "person", [mine, "theirs", "nobody"]) == {mine}
    assert await work.known_ids(reader, "company", [mine]) == set()


async def test_records_without_a_relation_of_theirs(reader: Reader) -> None:
    """What was written before its target was there is found, with the relation's name."""
    [one] = await work.unlinked(reader, "opportunity", 10)
    assert one.state.source_key == "transaction:1"
    assert one.state.unlinked_columns == {"pointOfContactId"}
    assert await work.unlinked(reader, "opportunity", 10, after=one.state.position) == []
    assert await work.unlinked(reader, "opportunity", 0) == []
    assert await work.unlinked(reader, "person", 10) == []
    [person, _] = await work.in_state(reader, "person", "written")
    assert person.state.unlinked_columns == frozenset()


async def test_what_was_made_of_streams(ledger: Ledger) -> None:
    """Every record of a stream, those named like it and more too; what is not made any more is not among them."""
    reader = ledger.reader
    assert set(await work.made_of(reader, ["contact:1", "contact:9"])) == {
        ("person", "contact:1"), ("note", "contact:1/notes"),
    }  # fmt: skip
    assert await work.derived(reader) == [("company", ACME)]
    await ledger.append(
        [
            RecordWithdrawn(object="note", source_key="contact:1/notes"),
            RecordWithdrawn(object="person", source_key="contact:1"),
            RecordWithdrawn(object="company", source_key=ACME),
        ]
    )
    assert await work.made_of(reader, ["contact:1"]) == []
    assert await work.derived(reader) == []
    assert await work.objects(reader) == ["company", "person", "opportunity"]
    states = await work.states_of(reader, "person", ["contact:1", "contact:2", "contact:9"])
    assert {key: state.state for key, state in states.items()} == {"contact:1": "obsolete", "contact:2": "written"}
    assert await work.states_of(reader, "company", ["contact:1"]) == {}


async def test_relations(reader: Reader) -> None:
    """What points at what: record by record, object by object, and back from one to all that point at it."""
    pointing = {(one.object, one.source_key): dict(one.links) for one in await work.links(reader)}
    assert len(pointing) == 6
    assert pointing["company", ACME] == {}
    assert pointing["person", "contact:2"] == moved.LINK
    assert await work.linked_objects(reader) == {
        "person": {"company"}, "note": {"person"}, "opportunity": {"person"},
    }  # fmt: skip
    targets = await work.link_targets(reader, "person", "companyId", ["contact:1", "contact:9"])
    assert targets == {"contact:1": ACME}
    assert await work.link_targets(reader, "person", "other", ["contact:1"]) == {}
    assert await work.streams_pointing_at(reader, "person", "contact:1") == [
        "contact:1", "contact:1/notes", "transaction:1",
    ]  # fmt: skip
    assert await work.streams_pointing_at(reader, "person", "contact:2") == []


# --- rows ------------------------------------------------------------------------------------------------------------


async def test_rows_in_the_order_they_were_read(ledger: Ledger) -> None:
    """Placed rows, oldest export first, in pages of a size; held ones with their hold, a delta's with its columns."""
    pages = [page async for page in work.rows_in_order(ledger.reader, size=2)]
    assert [[row.ref for row in page] for page in pages] == [["f1:2", "f1:3"], ["f1:4"], ["f2:2", "f2:3"]]
    held = pages[2][1]
    assert (held.name, held.kind, held.exported_at) == ("sales.csv", "transactions", "2026-01-02")
    [hold] = [one for one in await holds.holds(ledger.reader) if one.stage == "transform"]
    assert (held.hold, held.reason, held.wave, held.complete, held.columns) == (
        hold.id, "buyer_unknown", 0, False, frozenset(),
    )  # fmt: skip
    await moved.delta(ledger)
    [later] = [page async for page in work.rows_in_order(ledger.reader)][-1]
    assert (later.ref, later.complete, later.columns) == ("f3:2", True, {"email", "first_name"})
    [run] = [one for one in await runs.all_runs(ledger.reader) if one.run_id == DELTA]
    assert later.wave == run.position


async def test_streams_with_all_their_rows(ledger: Ledger) -> None:
    """Streams of a kind with every row of theirs, oldest first; only those of some files, or held, where so asked."""
    await moved.delta(ledger)

    async def found(prefix: str, files: list[str] | None = None) -> list[list[str]]:
        pages = [page async for page in work.streams_in_order(ledger.reader, prefix, files)]
        return [[row.ref for row in rows] for page in pages for rows in page]

    assert await found("contact:") == [["f1:2", "f3:2"], ["f1:3"], ["f1:4"]]
    assert await found("contact:", ["f3"]) == [["f1:2", "f3:2"]]
    assert await found("transaction:", []) == [["f2:3"]]
    assert await found("booking:") == []
    rows = await work.rows_of(ledger.reader, ["contact:1", "contact:9"])
    assert [[row.value["cells"]["first_name"] for row in one] for one in rows] == [["C1", "Cee"]]
    assert await work.has_held(ledger.reader, "transaction:") is True
    assert await work.has_held(ledger.reader, "contact:") is False
    assert await work.newest_export(ledger.reader, "contacts") == "2026-02-01"
    assert await work.newest_export(ledger.reader, "bookings") is None


# --- names, holds, departures ----------------------------------------------------------------------------------------


async def test_names_lead_to_streams(reader: Reader) -> None:
    """A stream is found by its own key and by every name learnt of it; other kinds' names are not."""
    asked = ["contact:~one", "contact:2", "contact:~nobody"]
    assert await identities.streams(reader, asked) == {"contact:~one": "contact:1", "contact:2": "contact:2"}
    names = await identities.all_aliases(reader, "contact:")
    assert names == {
        "contact:1": "contact:1", "contact:1/notes": "contact:1/notes", "contact:2": "contact:2",
        "contact:3": "contact:3", "contact:~one": "contact:1",
    }  # fmt: skip
    assert set(await identities.all_aliases(reader, "company:")) == {ACME}


async def test_holds_and_what_became_of_them(ledger: Ledger) -> None:
    """Holds by state and run, with the name of their file; how many are open; and by the number their row names."""
    reader = ledger.reader
    first, second = await holds.holds(reader)
    assert (first.file, first.line, first.column, first.reason) == ("all.csv", 5, "email", "email_missing")
    assert (second.file, second.source_key, second.stage) == ("sales.csv", "transaction:2", "transform")
    assert await holds.holds(reader, run_id="another") == []
    assert len(await holds.holds(reader, run_id=LOAD)) == await holds.open_count(reader) == 2
    assert await holds.unplaced_by_number(reader) == {"4": [first.id]}
    nameless = seal("row:f1:6", {"cells": {"email": ""}})
    unknown = RowHeld(
        object="person", source_ref="f1:6", reason="email_missing", stage="extract", payload_hash=nameless.hash
    )
    [third] = await ledger.append([unknown], [nameless])
    assert await holds.unplaced_by_number(reader) == {"4": [first.id]}
    await ledger.append([RowReleased(hold=third)])
    await moved.correct(ledger, first.id)
    assert [one.id for one in await holds.holds(reader, "corrected")] == [first.id]
    assert [one.id for one in await holds.holds(reader, "open")] == [second.id]
    assert await holds.open_count(reader) == 2
    why = seal("hold", {"why": "no"})
    await ledger.append([RowReleased(hold=first.id), HoldAbandoned(hold=second.id, payload_hash=why.hash)], [why])
    assert [one.state for one in await holds.holds(reader)] == ["released", "abandoned", "released"]
    assert await holds.open_count(reader) == 0
    assert await holds.unplaced_by_number(reader) == {}


async def test_records_that_wait_for_a_person(ledger: Ledger) -> None:
    """Holds of records, by stream, until they are settled; and a row of somebody erased that nobody can settle."""
    held = RowHeld(object="person", source_ref="f1:2", reason="conflict", stage="write", source_key="contact:1")
    erased = RowHeld(object="person", source_ref="f1:9", reason="erased", stage="extract")
    first, second, _ = await ledger.append([held, held, erased])
    asked = ["contact:1", "contact:2"]
    assert await holds.open_on_records(ledger.reader, "person", asked) == {"contact:1": [first, second]}
    assert await holds.open_on_records(ledger.reader, "company", asked) == {}
    assert await holds.open_count(ledger.reader) == 4
    await ledger.append([RowReleased(hold=first)])
    assert await holds.open_on_records(ledger.reader, "person", asked) == {"contact:1": [second]}


async def test_who_is_not_to_be_moved_any_more(ledger: Ledger) -> None:
    """Streams that are gone until they return, by kind; names that are suppressed for ever."""
    reader = ledger.reader
    await ledger.append([StreamGone(source_key="contact:2"), StreamGone(source_key="transaction:1")])
    await ledger.append([StreamGone(source_key="contact:2"), IdentityErased(alias="contact:~one")])
    assert await departures.gone(reader, "contact:") == {"contact:2"}
    assert await departures.every_gone(reader) == {"contact:2", "transaction:1"}
    await ledger.append([StreamReturned(source_key="contact:2")])
    assert await departures.gone(reader, "contact:") == set()
    assert await departures.suppressed(reader) == {"contact:~one"}


# --- runs, schema, automations, compensations ------------------------------------------------------------------------


async def test_runs_and_their_files(ledger: Ledger) -> None:
    """Runs with what they were told, the files each read and how that ended, and mappings that differ."""
    reader = ledger.reader
    [run] = await runs.all_runs(reader)
    assert (run.command, run.state, run.undone, run.policies, run.settings) == (
        "load", "completed", 2, {"existing": "hold"}, {"only": None},
    )  # fmt: skip
    assert [(one.file, one.path) for one in run.files] == [("f1", "exports/all.csv")]
    assert await runs.find_run(reader, LOAD) == run
    assert await runs.find_run(reader, "no such run") is None
    assert [one.name for one in await runs.exports_of(reader, LOAD)] == ["all.csv", "sales.csv"]
    assert await runs.exports_of(reader, DELTA) == []
    await moved.delta(ledger)
    assert [(one.name, one.rows, one.delta) for one in await runs.exports(reader)] == [
        ("all.csv", 4, 0), ("sales.csv", 3, 0), ("later.csv", 3, 1),
    ]  # fmt: skip
    assert [one.command for one in await runs.all_runs(reader)] == ["load", "delta"]
    assert await runs.kinds_of(reader, ["f1", "f3", "f9"]) == {"contacts"}
    assert await runs.mapped_otherwise(reader, moved.MAPPING.hash) is False
    assert await runs.mapped_otherwise(reader, "another") is True
    assert (await books(reader)).balanced


async def test_the_run_to_resume(ledger: Ledger) -> None:
    """The newest run without a good end, unless a rollback of just that took it back since; never a `verify`."""
    assert await runs.unfinished(ledger.reader) is None

    async def begun(run_id: str, **started: object) -> None:
        ledger.run_id = run_id
        await ledger.append([RunStarted(**started)])  # type: ignore[arg-type]

    async def rolled_back(run_id: str, **settings: object) -> None:
        await begun(run_id, command="rollback", settings=settings)
        await ledger.append([RunCompleted()])

    async def unfinished() -> str | None:
        run = await runs.unfinished(ledger.reader)
        return None if run is None else run.run_id

    await begun("verified", command="verify")
    assert await unfinished() is None
    await begun("cut short", command="load")
    assert await unfinished() == "cut short"
    since = ledger.head.position
    for number, settings in enumerate(
        (
            {"run": "another"},
            {"since": since},
            {"objects": "person"},
            {"record": "id-1"},
            {"run": "another", "since": 1},
        )
    ):
        await rolled_back(f"partly {number}", **settings)
        assert await unfinished() == "cut short"
    await rolled_back("just that", run="cut short", since=None)
    assert await unfinished() is None
    await begun("again", command="load")
    await ledger.append([RunFailed(code="x", exit_code=5)])
    assert await unfinished() == "again"
    await rolled_back("all behind", since=since)
    assert await unfinished() is None


async def test_automations_that_are_to_be_put_back(ledger: Ledger) -> None:
    """A trigger about to be paused counts as switched off until it is known to be back."""
    whole = seal("automation", {"id": "a"})
    await ledger.append([AutomationIntended(twenty_id="a", action="pause", payload_hash=whole.hash)], [whole])
    [one] = await automations.not_active(ledger.reader)
    assert (one.twenty_id, one.state, one.payload_hash, one.trash_on) == ("a", "pausing", whole.hash, None)


async def test_elements_and_options_of_ours(ledger: Ledger) -> None:
    """Elements as they stand, options whose addition has no outcome, and options that are there."""
    body = seal("schema", {"type": "TEXT"})
    await ledger.append(
        [
            SchemaIntended(object="person", name="kartraId", element="field", absent=True, payload_hash=body.hash),
            SchemaIntended(object="person", name="kartraTags", element="options", absent=True, payload_hash=body.hash),
        ],
        [body],
    )
    [element] = await schema.elements(ledger.reader)
    assert (element.name, element.state, element.absent) == ("kartraId", "intended", True)
    [intended] = await schema.options_intended(ledger.reader)
    assert (intended.name, intended.payload_hash) == ("kartraTags", body.hash)
    values = OptionsAdded(
        object="person", name="kartraTags", twenty_id="t", values=("VIP", "NEW"), payload_hash=body.hash
    )
    await ledger.append([FieldCreated(object="person", name="kartraId", twenty_id="k"), values])
    assert await schema.options_intended(ledger.reader) == []
    assert [(one.value, one.name) for one in await schema.options(ledger.reader)] == [
        ("NEW", "kartraTags"), ("VIP", "kartraTags"),
    ]  # fmt: skip
    [element] = await schema.elements(ledger.reader)
    assert (element.state, element.twenty_id) == ("created", "k")


async def test_what_a_rollback_came_to(ledger: Ledger) -> None:
    """Records it kept and why, in order; traces noted until they are removed."""
    ledger.run_id = "back"
    listed = seal("traces", ["t"])
    [noted, _] = await ledger.append(
        [
            TracesNoted(timeline=1, runs=0, payload_hash=listed.hash),
            CompensationKept(object="person", twenty_id="id-1", why="edited", source_key="contact:1"),
        ],
        [listed],
    )
    [kept] = await compensations.compensations(ledger.reader, "back")
    assert (kept.state, kept.detail, kept.source_key) == ("kept", "edited", "contact:1")
    assert await compensations.compensations(ledger.reader, LOAD) == []
    assert [one.position for one in await compensations.noted_traces(ledger.reader)] == [noted]
    await ledger.append([TracesRemoved(noted=noted, timeline=1, runs=0)])
    assert await compensations.noted_traces(ledger.reader) == []


# --- the ledger about itself -----------------------------------------------------------------------------------------


async def test_what_the_ledger_is_bound_to(ledger: Ledger, tmp_path: Path) -> None:
    """Namespace, workspace, and digests by its own key; a ledger that is bound to nothing says so."""
    reader = ledger.reader
    [(data,)] = query(ledger.path, "SELECT json_extract(data, '$.namespace') FROM event WHERE position = 1")
    assert await reader.namespace() == data
    assert await reader.workspace() == "ws-1"
    [(key,)] = query(ledger.path, "SELECT value FROM meta")
    assert await reader.digest_key() == bytes.fromhex(key)
    assert await reader.digest("a@example.com") == digest(bytes.fromhex(key), "a@example.com")
    async with Ledger.open(tmp_path / "new.db", command="test") as fresh:
        assert await fresh.reader.workspace() is None
        assert await fresh.reader.scalar("SELECT 1 FROM event WHERE position = 99") is None


async def test_events_behind_a_position(ledger: Ledger) -> None:
    """Events are read in order from behind a position, those a condition holds for, and single ones by theirs."""
    rows = [one async for one in ledger.reader.read(3, "type = :type", type="RowExtracted")]
    assert [type(one.event).__name__ for one in rows] == ["RowExtracted"] * 5
    assert [one.position for one in rows] == sorted(one.position for one in rows)
    last = [one async for one in ledger.reader.read(ledger.head.position - 1)]
    assert [(one.position, one.hash) for one in last] == [(ledger.head.position, ledger.head.hash)]
    assert (await ledger.reader.find(ledger.head.position)) == last[0]
    assert await ledger.reader.find(ledger.head.position + 1) is None


async def test_bodies_by_their_hashes(ledger: Ledger) -> None:
    """One body or several; what is not there is None, or missing from the answer."""
    reader = ledger.reader
    assert (await reader.envelope(moved.MAPPING.hash)).value == "[person]"  # type: ignore[union-attr]
    assert await reader.envelope("0" * 64) is None
    found = await reader.envelopes([moved.MAPPING.hash, "0" * 64])
    assert {name: one.subject for name, one in found.items()} == {moved.MAPPING.hash: "mapping"}


async def test_books_name_what_does_not_agree(ledger: Ledger) -> None:
    """Each sum that is off is told in words: a record in no known state, one that stands for nothing, a lost row."""
    found = await books(ledger.reader)
    assert (found.balanced, found.rows.read, found.rows.held) == (True, 7, 2)
    execute(ledger.path, "UPDATE record SET state = 'odd' WHERE object = 'note'")
    execute(ledger.path, "UPDATE record SET written_hash = NULL WHERE source_key = 'contact:2'")
    execute(ledger.path, "DELETE FROM source_row WHERE file = 'f2' AND line = 4")
    assert (await books(ledger.reader)).imbalances == (
        "sales.csv: 3 rows read, 2 accounted for",
        "note: 1 records, 0 in known states",
        "person: 2 written and not taken back, 1 stand as written",
    )
