"""What is left to do, who is who, and what waits for whom: every query that stages begin with, on one migration."""

import pytest

from ledger import work
from ledger.events import (
    BatchIntended,
    HoldAbandoned,
    IdentityErased,
    Intended,
    RecordSkipped,
    RecordWithdrawn,
    RowHeld,
    RowReleased,
    StreamGone,
    StreamReturned,
)
from ledger.hashing import seal
from ledger.projections import departures, holds, identities, runs
from ledger.reader import Reader
from ledger.store import Ledger
from tests.ledger import moved
from tests.ledger.moved import ACME, DELTA, LOAD, id_of

pytestmark = pytest.mark.anyio


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
    every = await work.records_of(reader, ["contact:1", "contact:9"])
    assert {key: state.state for key, state in every.items()} == {
        ("person", "contact:1"): "written", ("note", "contact:1/notes"): "pending",
    }  # fmt: skip
    assert await work.records_of(reader, ["contact:9"]) == await work.records_of(reader, []) == {}
    head = await reader.head()
    assert [page async for page in work.derived(reader, head.position)] == [[("company", ACME)]]
    assert [page async for page in work.derived(reader, 1)] == []
    await ledger.append(
        [
            RecordWithdrawn(object="note", source_key="contact:1/notes"),
            RecordWithdrawn(object="person", source_key="contact:1"),
            RecordWithdrawn(object="company", source_key=ACME),
        ]
    )
    assert await work.made_of(reader, ["contact:1"]) == []
    assert {key for key, state in (await work.records_of(reader, ["contact:1"])).items() if state.state == "obsolete"}
    assert [page async for page in work.derived(reader, ledger.head.position)] == []
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
    assert (held.name, held.kind, held.export.exported_at) == ("sales.csv", "transactions", "2026-01-02")
    [hold] = [one for one in await holds.holds(ledger.reader) if one.stage == "transform"]
    assert (held.hold, held.reason, held.wave, held.export.complete, held.export.columns) == (
        hold.id, "buyer_unknown", 0, False, frozenset(),
    )  # fmt: skip
    await moved.delta(ledger)
    [later] = [page async for page in work.rows_in_order(ledger.reader)][-1]
    assert (later.ref, later.export.complete, later.export.columns) == ("f3:2", True, {"email", "first_name"})
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
    """Holds by state and run, with the name of their file; how many are open; and their rows' cells."""
    reader = ledger.reader
    first, second = await holds.holds(reader)
    assert (first.file, first.line, first.column, first.reason) == ("all.csv", 5, "email", "email_missing")
    assert (second.file, second.source_key, second.stage) == ("sales.csv", "transaction:2", "transform")
    assert await holds.holds(reader, run_id="another") == []
    assert len(await holds.holds(reader, run_id=LOAD)) == await holds.open_count(reader) == 2
    [(hold, cells)] = (await holds.unplaced(reader)).items()
    assert (hold, cells["id"]) == (first.id, " 4 ")
    nameless = seal("row:f1:6", {"cells": {"email": ""}})
    unknown = RowHeld(
        object="person", source_ref="f1:6", reason="email_missing", stage="extract", payload_hash=nameless.hash
    )
    [third] = await ledger.append([unknown], [nameless])
    assert await holds.unplaced(reader) == {first.id: cells, third: {"email": ""}}
    await ledger.append([RowReleased(hold=third)])
    await moved.correct(ledger, first.id)
    assert [one.id for one in await holds.holds(reader, "corrected")] == [first.id]
    assert [one.id for one in await holds.holds(reader, "open")] == [second.id]
    assert await holds.open_count(reader) == 2
    why = seal("hold", {"why": "no"})
    await ledger.append([RowReleased(hold=first.id), HoldAbandoned(hold=second.id, payload_hash=why.hash)], [why])
    assert [one.state for one in await holds.holds(reader)] == ["released", "abandoned", "released"]
    assert await holds.open_count(reader) == 0
    assert await holds.unplaced(reader) == {}


async def test_records_that_wait_for_a_person(ledger: Ledger) -> None:
    """Holds of records, by stream, until they are settled; and a row of somebody erased that nobody can settle."""
    held = RowHeld(object="person", source_ref="f1:2", reason="conflict", stage="write", source_key="contact:1")
    erased = RowHeld(object="person", source_ref="f1:9", reason="erased", stage="extract")
    first, second, _ = await ledger.append([held, held, erased])
    asked = ["contact:1", "contact:2"]
    waiting = await holds.open_on_records(ledger.reader, "person", asked)
    assert {stream: [(one.id, one.reason) for one in some] for stream, some in waiting.items()} == {
        "contact:1": [(first, "conflict"), (second, "conflict")]
    }
    assert await holds.open_on_records(ledger.reader, "company", asked) == {}
    assert await holds.open_count(ledger.reader) == 4
    await ledger.append([RowReleased(hold=first)])
    assert [one.id for one in (await holds.open_on_records(ledger.reader, "person", asked))["contact:1"]] == [second]


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
