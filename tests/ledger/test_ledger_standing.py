"""What stands in Twenty by our hand, in every scope; changes to what was there; and what earlier exports said last."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import msgspec
import pytest

from ledger import standing, waves
from ledger.books import books
from ledger.events import (
    BatchIntended,
    ExportRead,
    Intended,
    RecordAdopted,
    RecordDeleted,
    RecordRestored,
    RowExtracted,
    RowHeld,
    RunStarted,
    StreamReturned,
)
from ledger.hashing import canonical, seal, sha256
from ledger.projections import changes
from ledger.scopes import Scope
from ledger.store import Ledger
from ledger.work import states_of
from tests.ledger import moved
from tests.ledger.moved import ACME, DELTA, LOAD, id_of

pytestmark = pytest.mark.anyio

C1, C2, C3 = (id_of("person", f"contact:{number}") for number in (1, 2, 3))


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migration's ledger after its load and its delta, made once."""
    path = tmp_path_factory.mktemp("twice") / "ledger.db"

    async def tell() -> None:
        async with Ledger.open(path, command="load", actor="tester@host") as ledger:
            await moved.load(ledger)
            await moved.delta(ledger)

    anyio.run(tell)
    return path


@pytest.fixture
async def ledger(twice: Path, path: Path) -> AsyncIterator[Ledger]:
    """A copy of it, open."""
    async with Ledger.open(Path(shutil.copy(twice, path)), command="test", actor="tester@host") as ledger:
        yield ledger


async def made(ledger: Ledger, object_name: str, scope: Scope) -> list[str]:
    """The streams of the records made in a scope."""
    return [one.state.source_key for one in await standing.created(ledger.reader, object_name, scope, "", 10)]


async def test_records_we_made_by_scope(ledger: Ledger) -> None:
    """Everything, one run's, what is behind a position, of an object, one record, single ones; adopted ones never."""
    states = await states_of(ledger.reader, "person", ["contact:1", "contact:2"])
    since = states["contact:1"].since
    assert since is not None
    for scope, expected in (
        (Scope(), ["contact:1", "contact:2"]),
        (Scope(run_id=LOAD), ["contact:1", "contact:2"]),
        (Scope(run_id=DELTA), []),
        (Scope(since=since), ["contact:2"]),
        (Scope(since=since - 1), ["contact:1", "contact:2"]),
        (Scope(objects=("person", "note")), ["contact:1", "contact:2"]),
        (Scope(objects=("company",)), []),
        (Scope(records=(C2,)), ["contact:2"]),
        (Scope(records=(C3,)), []),
        (Scope(keys=frozenset({("person", "contact:1"), ("company", ACME)})), ["contact:1"]),
        (Scope(keys=frozenset()), []),
    ):
        assert await made(ledger, "person", scope) == expected, scope
        assert await standing.created_ids(ledger.reader, "person", scope) == [
            id_of("person", key) for key in expected
        ], scope
        assert (await standing.created_counts(ledger.reader, scope)).get("person", 0) == len(expected), scope


async def test_records_we_made_in_pages(ledger: Ledger) -> None:
    """By stream, behind one, so many at a time, each with what was last written, not with what it should hold next."""
    scope = Scope()
    first = await standing.created(ledger.reader, "person", scope, "", 1)
    assert [one.state.source_key for one in first] == ["contact:1"]
    assert first[0].value["fields"] == {"name": "Cee"}
    [second] = await standing.created(ledger.reader, "person", scope, "contact:1", 10)
    assert second.state.source_key == "contact:2"
    assert await standing.created_counts(ledger.reader, scope) == {"company": 1, "person": 2, "opportunity": 1}


async def test_changes_of_unknown_outcome(ledger: Ledger) -> None:
    """An update whose call may have left is found in its scope; a create of unknown outcome is none."""
    state = (await states_of(ledger.reader, "person", ["contact:2"]))["contact:2"]
    before = seal("contact:2", {"name": "C2"})
    item = Intended(key="contact:2", id=C2, hash=state.payload_hash, before_hash=before.hash)
    ledger.run_id = "run-3"
    [intent] = await ledger.append(
        [BatchIntended(object="person", action="update", items=(item,), timeout_s=60)], [before]
    )

    async def found(scope: Scope, object_name: str = "person") -> list[str]:
        return [one.state.source_key for one in await standing.unlanded(ledger.reader, object_name, scope)]

    assert await found(Scope()) == ["contact:2"]
    assert await found(Scope(), "company") == []
    assert await found(Scope(run_id="run-3", since=intent - 1)) == ["contact:2"]
    assert await found(Scope(run_id=LOAD)) == []
    assert await found(Scope(since=intent)) == []
    assert await found(Scope(records=(C1,))) == []
    other = Intended(key="contact:1", id=C1, hash=state.payload_hash)
    await ledger.append([BatchIntended(object="person", action="create", items=(other,), timeout_s=60)])
    assert await found(Scope()) == ["contact:2"]


async def test_strays_and_every_id_ever_intended(ledger: Ledger) -> None:
    """A record a call named that is none now, for it may have landed late; and all ids any call was to create."""
    assert await standing.strays(ledger.reader, "person", Scope()) == []
    [released] = await standing.strays(ledger.reader, "person", Scope(), [C2, C3])
    assert released.state.twenty_id == C2
    every = await standing.intended_ids(ledger.reader, Scope())
    assert every == {
        "company": [id_of("company", ACME)], "person": [C1, C2],
        "opportunity": [id_of("opportunity", "transaction:1")],
    }  # fmt: skip
    gone = RecordDeleted(object="person", source_key="contact:1", twenty_id=C1, outcome="destroyed")
    await ledger.append([gone])
    [stray] = await standing.strays(ledger.reader, "person", Scope())
    assert (stray.state.source_key, stray.state.twenty_id, stray.state.state, stray.state.action) == (
        "contact:1", C1, "intended", "create",
    )  # fmt: skip
    assert stray.value["fields"] == {"name": "Cee"}
    assert await standing.strays(ledger.reader, "company", Scope()) == []
    assert await standing.strays(ledger.reader, "person", Scope(run_id=DELTA)) == []
    assert [one.state.twenty_id for one in await standing.strays(ledger.reader, "person", Scope(records=(C1,)))] == [C1]
    only = Scope(keys=frozenset({("person", "contact:2")}))
    assert await standing.strays(ledger.reader, "person", only) == []
    assert await standing.intended_ids(ledger.reader, only) == {"person": [C2]}
    assert await standing.intended_ids(ledger.reader, Scope(run_id=DELTA)) == {}


async def test_scopes_in_words(ledger: Ledger) -> None:
    """A scope says what it is, whether it is everything, and which elements of the data model are in it."""
    assert Scope().words == "everything"
    assert Scope().is_everything
    assert not Scope(since=0).is_everything
    several = Scope(run_id="r", since=0, objects=("person", "note"), records=("id",), keys=frozenset({("person", "k")}))
    assert several.words == "run r since 0 of person, note record id 1 records"
    assert Scope().holds("r", 1, "person")
    assert Scope(run_id="r", since=4, objects=("person",)).holds("r", 5, "person")
    for other in (("q", 5, "person"), ("r", 4, "person"), ("r", 5, "note")):
        assert not Scope(run_id="r", since=4, objects=("person",)).holds(*other)
    assert not Scope(records=("id",)).holds("r", 1, "person")
    assert not Scope(keys=frozenset()).holds("r", 1, "person")


# --- changes ---------------------------------------------------------------------------------------------------------


async def test_changes_that_stand(ledger: Ledger) -> None:
    """Changes not undone, oldest first; those of a record made in the same scope go with the record."""

    async def found(scope: Scope) -> list[tuple[str, str]]:
        return [(one.source_key, one.kind) for one in await changes.standing(ledger.reader, "person", scope)]

    assert await found(Scope()) == [("contact:3", "adopted")]
    assert await found(Scope(run_id=DELTA)) == [("contact:1", "updated"), ("contact:3", "adopted")]
    assert await found(Scope(run_id=LOAD)) == []
    [updated] = await changes.of_record(ledger.reader, "person", C1)
    assert await found(Scope(since=updated.position)) == [("contact:3", "adopted")]
    assert await found(Scope(since=updated.position - 1)) == [("contact:1", "updated"), ("contact:3", "adopted")]
    assert await changes.standing(ledger.reader, "company", Scope(run_id=DELTA)) == []
    assert await changes.changed_objects(ledger.reader) == ["person"]
    assert await changes.ever_changed(ledger.reader, "person") == {C1, C3}
    assert await changes.ever_changed(ledger.reader, "company") == set()


async def test_changes_that_were_undone(ledger: Ledger) -> None:
    """What was put back stands no more, and is still in the record's history."""
    [updated] = await changes.of_record(ledger.reader, "person", C1)
    assert await changes.of_record(ledger.reader, "company", C1) == []
    restored = RecordRestored(
        object="person", source_key="contact:1", twenty_id=C1, payload_hash=updated.before_hash or "",
        updated_at="2026-03-01", written_hash=updated.base_hash, undoes=(updated.position,),
    )  # fmt: skip
    [position] = await ledger.append([restored])
    assert await changes.of_record(ledger.reader, "person", C1) == []
    past = await changes.histories(ledger.reader, "person", [C1, C3, "nobody"])
    [one] = past[C1]
    assert (one.undone, one.answered_at, one.touched_at, one.kind) == (position, "2026-02-02", "2026-03-01", "updated")
    assert [(one.undone, one.kind) for one in past[C3]] == [(None, "adopted")]
    assert set(past) == {C1, C3}
    assert await changes.changed_objects(ledger.reader) == ["person"]


async def test_books_balance_after_an_adoption_was_undone(ledger: Ledger) -> None:
    """What was given back to its owner is no record of ours, and not missing from any sum."""
    [adopted] = await changes.of_record(ledger.reader, "person", C3)
    back = RecordRestored(
        object="person", source_key="contact:3", twenty_id=C3, payload_hash=adopted.before_hash or "",
        updated_at="2026-03-01", undoes=(adopted.position,),
    )  # fmt: skip
    assert (await books(ledger.reader)).balanced
    await ledger.append([back])
    assert (await books(ledger.reader)).imbalances == ()


async def test_books_balance_with_rows_that_no_record_is_made_of(ledger: Ledger) -> None:
    """They wait: read and placed, of a kind that is not moved."""
    tape = moved.Tape(ledger)
    tape.file("f7", "bookings", "bookings.csv", "2026-01-03")
    tape.row("booking:1", "f7:2", title="Call")
    tape.row("booking:2", "f7:3", title="Call")
    tape.events.append(ExportRead(file="f7", rows=2, extracted=2, held=0, set_aside=0, unchanged=0))
    await tape.play()
    counted = await books(ledger.reader)
    assert (counted.imbalances, counted.files[-1].waiting) == ((), 2)


async def test_books_balance_however_often_a_record_comes_and_goes(ledger: Ledger) -> None:
    """Told as gone twice, for the bin and then for good; and given back, taken again, and given back in part only."""
    gone = RecordDeleted(object="person", source_key="contact:1", twenty_id=C1, outcome="soft_deleted")
    [adopted] = await changes.of_record(ledger.reader, "person", C3)
    back = RecordRestored(
        object="person", source_key="contact:3", twenty_id=C3, payload_hash=adopted.before_hash or "",
        updated_at="2026-03-01", undoes=(adopted.position,),
    )  # fmt: skip
    again = RecordAdopted(
        object="person", source_key="contact:3", twenty_id=C3, payload_hash=adopted.payload_hash, updated_at="",
    )  # fmt: skip
    partly = msgspec.structs.replace(back, undoes=(), written_hash=adopted.payload_hash)
    await ledger.append([gone, gone, back, again, partly])
    assert (await books(ledger.reader)).imbalances == ()


# --- waves -----------------------------------------------------------------------------------------------------------


async def last(ledger: Ledger, before: int, *streams: str) -> dict[str, waves.Last]:
    """What streams said last."""
    found: dict[str, waves.Last] = {}
    async for page in waves.last_rows(ledger.reader, streams, before):
        found |= page
    return found


async def test_what_streams_said_last(ledger: Ledger) -> None:
    """The newest wave with a row counts, and is whole where it is complete or the only one; later waves do not."""
    [delta] = await ledger.reader.rows("SELECT position FROM run WHERE command = 'delta'")
    first = await last(ledger, delta["position"], "contact:1", "contact:2", "contact:9")
    assert set(first) == {"contact:1", "contact:2"}
    assert (len(first["contact:1"].hashes), first["contact:1"].whole) == (1, True)
    later = await last(ledger, delta["position"] + 1, "contact:1")
    assert later["contact:1"].whole
    assert later["contact:1"].hashes != first["contact:1"].hashes
    assert await last(ledger, delta["position"]) == {}


async def test_a_stream_in_an_incomplete_wave_is_not_whole(ledger: Ledger) -> None:
    """A delta of a part of the account says nothing of what older files said beside it."""
    ledger.run_id = "run-3"
    tape = moved.Tape(ledger)
    tape.events.append(RunStarted(command="delta"))
    tape.file("f4", "contacts", "part.csv", "2026-03-01", delta=True)
    one = tape.row("contact:2", "f4:2", email="c2@example.com", first_name="Two")
    two = tape.row("contact:2", "f4:3", email="c2@example.com", first_name="Too")
    await tape.play()
    found = await last(ledger, ledger.head.position + 1, "contact:2")
    assert found == {"contact:2": waves.Last((one, two), whole=False)}


async def test_many_streams_are_asked_about_in_pages(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time, and none is lost between two."""
    monkeypatch.setattr(waves, "_PAGE", 1)
    assert set(await last(ledger, 10**6, "contact:1", "contact:2", "contact:3")) == {
        "contact:1", "contact:2", "contact:3",
    }  # fmt: skip


async def test_rows_without_a_stream(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unplaced rows say, until a later row replaces them; and the stream one has since it was corrected."""
    monkeypatch.setattr(waves, "_PAGE", 1)
    cells = {"id": " 4 ", "email": ""}
    told = sha256(canonical(cells))
    assert waves.content({"cells": cells}) == told
    assert waves.content({"raw": "a,b"}) == sha256(canonical("a,b"))
    found = await waves.contents_without_stream(ledger.reader, 10**6)
    assert found == {told: None}
    assert await waves.contents_without_stream(ledger.reader, 1) == {}
    refs = ("0a:1", "f1:6", "f1:7")
    others = [seal(f"row:{ref}", {"raw": ref}) for ref in refs]
    more = [
        RowHeld(object="person", source_ref=ref, reason="row_malformed", stage="extract", payload_hash=body.hash)
        for ref, body in zip(refs, others, strict=True)
    ]
    ledger.run_id = LOAD
    await ledger.append(more, others)
    every = await waves.contents_without_stream(ledger.reader, 10**6)
    assert every == dict.fromkeys([told, *(waves.content({"raw": ref}) for ref in refs)])
    mended = seal("contact:4", {"cells": {"id": "4", "email": "c4@example.com"}})
    await ledger.append([RowExtracted(source_key="contact:4", source_ref="f1:5", payload_hash=mended.hash)], [mended])
    assert (await waves.contents_without_stream(ledger.reader, 10**6))[told] == "contact:4"


async def test_cells_streams_and_returns(ledger: Ledger) -> None:
    """Distinct cells of a column of placed contacts, the streams that have rows, and those a run found again."""
    assert sorted(await waves.name_cells(ledger.reader, "first_name")) == [
        ("all.csv", "C1"), ("all.csv", "C2"), ("all.csv", "C3"), ("later.csv", "Cee"),
    ]  # fmt: skip
    assert await waves.name_cells(ledger.reader, "nothing") == []
    assert await waves.placed_streams(ledger.reader, "contact:") == {"contact:1", "contact:2", "contact:3"}
    assert await waves.placed_streams(ledger.reader, "transaction:") == {"transaction:1", "transaction:2"}
    ledger.run_id = "run-3"
    await ledger.append([StreamReturned(source_key="contact:2"), StreamReturned(source_key="transaction:1")])
    assert await waves.returned_in_run(ledger.reader, "run-3", "contact:") == {"contact:2"}
    assert await waves.returned_in_run(ledger.reader, DELTA, "contact:") == set()
