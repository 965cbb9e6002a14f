"""Which rows a record was made of, which streams are nothing but history, or not there, and which rows are counted."""

from pathlib import Path

import pytest

from ledger import waves
from ledger.books import books
from ledger.events import (
    BatchIntended,
    Event,
    ExportRead,
    ExportRegistered,
    HoldAbandoned,
    Intended,
    PayloadErased,
    RecordCreated,
    RecordDeleted,
    RecordRedacted,
    RecordRejected,
    RecordSkipped,
    RecordWithdrawn,
    RowExtracted,
    RowHeld,
    RowReleased,
    RowSetAside,
    RowTransformed,
    RunStarted,
)
from ledger.hashing import Payload, seal
from ledger.sources import sources_of
from ledger.store import Ledger
from ledger.work import states_of
from tests.ledger.crowded import A, B, C, D, created, held, made, sent, tell
from tests.ledger.plain import take_away

pytestmark = pytest.mark.anyio

# --- sources ---------------------------------------------------------------------------------------------------------


def of_rows(body: str, *refs: str, object_name: str = "person", key: str = "k", every: str | None = None) -> Event:
    """A record was made of some rows."""
    return RowTransformed(
        object=object_name, source_key=key, payload_hash=body, mapping_hash=D, sources=refs, sources_hash=every
    )


async def sources(ledger: Ledger, key: str = "k") -> list[str]:
    """The rows of a person's record."""
    return await sources_of(ledger.reader, (await states_of(ledger.reader, "person", [key]))[key])


async def test_the_rows_of_a_record_are_those_of_what_was_written(fresh: Ledger) -> None:
    """Of what it is to be before that; of the newest that said just that; and its namesake's are others."""
    await tell(
        fresh,
        *(of_rows(A, "f1:2"), of_rows(A, "f1:3", "f1:2")),
        *(of_rows(A, "f1:8", object_name="company"), of_rows(A, "f1:9", key="other")),
    )
    assert await sources(fresh) == ["f1:3", "f1:2"]
    await tell(fresh, created("person", "k", A), of_rows(B, "f2:2", "f2:3"))
    assert await sources(fresh) == ["f1:3", "f1:2"]
    await tell(fresh, created("person", "k", B))
    assert await sources(fresh) == ["f2:2", "f2:3"]


async def test_the_rows_of_a_record_that_says_less_since_somebody_was_erased(fresh: Ledger) -> None:
    """They are those of the body that was replaced, once or twice; not of another body, record or object's."""
    less, least, other = (seal("k", name) for name in ("less", "least", "other"))

    def redacted(body: Payload, replaced: str, key: str = "k", object_name: str = "person") -> RecordRedacted:
        return RecordRedacted(object=object_name, source_key=key, payload_hash=body.hash, replaced_hash=replaced)

    await tell(
        fresh,
        *(of_rows(A, "f1:2", "f1:3"), created("person", "k", A)),
        *(of_rows(B, "f2:2"), of_rows(C, "f2:3"), of_rows(D, "f2:4")),
        *(redacted(less, A), redacted(less, B, key="other"), redacted(less, C, object_name="company")),
        redacted(other, D),
        bodies=[less, other],
    )
    assert await sources(fresh) == ["f1:2", "f1:3"]
    await tell(fresh, redacted(least, less.hash), bodies=[least])
    assert await sources(fresh) == ["f1:2", "f1:3"]


async def test_the_row_of_a_record_of_which_only_a_call_is_known(fresh: Ledger) -> None:
    """What no event made of rows has the one row that the record itself names."""
    item = Intended(key="k", id="id k", hash=C)
    await tell(fresh, of_rows(A, "f1:2", "f1:3"), of_rows(C, "f1:4", object_name="company"))
    await tell(
        fresh,
        BatchIntended(object="person", action="create", items=(item,), timeout_s=60),
        RecordCreated(object="person", source_key="k", twenty_id="id k", payload_hash=C, updated_at=""),
    )
    assert await sources(fresh) == ["f1:2"]


async def test_the_rows_of_a_record_of_very_many(fresh: Ledger, path: Path) -> None:
    """All that the body names, and the first of them where it was erased."""
    every = seal("k", {"sources": ["f1:2", "f1:3", "f1:4"]})
    await tell(fresh, of_rows(A, "f1:2", "f1:3", every=every.hash), bodies=(every,))
    assert await sources(fresh) == ["f1:2", "f1:3", "f1:4"]
    await tell(fresh, PayloadErased(payload_hash=every.hash))
    take_away(path, every.hash)
    assert await sources(fresh) == ["f1:2", "f1:3"]


# --- waves -----------------------------------------------------------------------------------------------------------


def file(name: str, *, delta: bool = False) -> Event:
    """A file is about to be read."""
    return ExportRegistered(
        file=name, kind="transactions", name=name, size=1, sha256=name, exported_at="", payload_hash=C, delta=delta
    )


def aside(key: str, ref: str) -> Event:
    """A row of a stream is history."""
    return RowSetAside(object="opportunity", source_ref=ref, reason="failed", source_key=key)


def placed(key: str, ref: str) -> Event:
    """A row of a stream is a record."""
    return RowExtracted(source_key=key, source_ref=ref, payload_hash=A)


def waits(key: str, ref: str) -> Event:
    """A row of a stream waits for a person."""
    return RowHeld(object="opportunity", source_ref=ref, reason="why", stage="transform", source_key=key)


async def test_streams_with_nothing_but_rows_set_aside(fresh: Ledger) -> None:
    """The newest wave decides, and any other row in it; all loads are one, and what was replaced or given up is none.

    Only streams of the kind count, and only waves before the run that is asked about.
    """
    await tell(fresh, RunStarted(command="load"), file("f1"), run="load")
    holds = await tell(fresh, waits("tx:replaced", "f1:20"), waits("tx:abandoned", "f1:21"))
    await tell(
        fresh,
        *(aside("tx:aside", "f1:1"), aside("tx:mixed", "f1:2"), placed("tx:mixed", "f1:3"), placed("tx:never", "f1:4")),
        *(aside("tx:held", "f1:5"), waits("tx:held", "f1:6"), aside("tx:back", "f1:7"), placed("tx:out", "f1:8")),
        *(aside("tx:replaced", "f1:9"), RowReleased(hold=holds[0], replaced_by="f1:9")),
        *(aside("tx:abandoned", "f1:10"), HoldAbandoned(hold=holds[1], payload_hash=A)),
        *(placed("tx:loaded", "f1:11"), waits("tx:held out", "f1:12"), placed("tx:moved", "f1:13")),
        *(aside("tx:both", "f1:14"), placed("tx:later", "f1:15")),
        *(aside("tx:", "f1:16"), aside("s:1", "f1:17"), aside("t;", "f1:18"), aside("tt:1", "f1:19")),
    )
    await tell(fresh, RunStarted(command="load"), file("f2"), aside("tx:loaded", "f2:1"), run="load again")
    first = {"tx:aside", "tx:back", "tx:replaced", "tx:abandoned", "tx:both"}
    assert await waves.set_aside(fresh.reader, "tx:") == first
    assert await waves.set_aside(fresh.reader, "s:") == {"s:1"}
    [delta, *_] = await tell(
        fresh,
        *(RunStarted(command="delta"), file("f3", delta=True), file("f1", delta=True), aside("tx:out", "f3:1")),
        *(placed("tx:back", "f3:2"), aside("tx:held out", "f3:3"), aside("tx:both", "f3:4"), placed("tx:both", "f3:5")),
        *(aside("tx:moved", "f3:6"), waits("tx:moved", "f3:7"), aside("tx:new", "f3:8")),
        run="delta",
    )
    second = first - {"tx:back", "tx:both"} | {"tx:out", "tx:held out", "tx:new"}
    assert await waves.set_aside(fresh.reader, "tx:") == second
    [later, *_] = await tell(
        fresh,
        *(RunStarted(command="delta"), file("f4", delta=True), aside("tx:later", "f4:1"), placed("tx:new", "f4:2")),
        run="later",
    )
    assert await waves.set_aside(fresh.reader, "tx:") == second - {"tx:new"} | {"tx:later"}
    for before, expected in ((later + 1, second - {"tx:new"} | {"tx:later"}), (later, second), (delta + 1, second)):
        assert await waves.set_aside(fresh.reader, "tx:", before) == expected
    assert await waves.set_aside(fresh.reader, "tx:", delta) == first
    assert await waves.set_aside(fresh.reader, "tx:", 0) == set()


async def test_a_file_whose_run_never_began_is_of_the_first_wave(fresh: Ledger) -> None:
    """Its rows count like those of a load."""
    await tell(fresh, file("f1", delta=True), aside("tx:1", "f1:1"), aside("tx:2", "f1:2"), placed("tx:2", "f1:3"))
    assert await waves.set_aside(fresh.reader, "tx:") == {"tx:1"}
    assert await waves.set_aside(fresh.reader, "tx:", 1) == {"tx:1"}


async def test_streams_that_are_not_there(fresh: Ledger) -> None:
    """Those with a record that was taken back, refused or held, and is not in Twenty: each once, by its own stream."""
    keys = ("t:deleted", "t:held", "t:rejected", "t:of two", "t:of two/notes", "t:part/notes")
    there = ("t:written", "t:held there", "t:rejected there")
    apart = ("t:", "s:9", "t;", "t9:1", "tt:1")
    states = ("t:pending", "t:intended", "t:withdrawn", "t:skipped", "t:abandoned")
    await tell(fresh, *(made("person", key) for key in (*keys, *there, *states, *apart)))
    for key in ("t:deleted", *there):
        await tell(fresh, created("person", key))
    [hold] = await tell(fresh, held(7, "write", "t:abandoned"))
    await tell(
        fresh,
        RecordDeleted(object="person", source_key="t:deleted", twenty_id="id t:deleted", outcome="destroyed"),
        *(held(8, "write", key) for key in ("t:held", "t:held there", "t:of two", "t:of two/notes", *apart)),
        *(
            RecordRejected(object="person", source_key=key, code="x", payload_hash=A)
            for key in ("t:rejected", "t:rejected there", "t:part/notes")
        ),
        *(sent("person", "create", "t:intended"), RecordWithdrawn(object="person", source_key="t:withdrawn")),
        RecordSkipped(object="person", source_key="t:skipped", twenty_id="theirs"),
        HoldAbandoned(hold=hold, payload_hash=A),
    )
    assert await waves.not_there(fresh.reader, "t:") == {"t:deleted", "t:held", "t:rejected", "t:of two", "t:part"}
    assert await waves.not_there(fresh.reader, "s:") == {"s:9"}
    assert await waves.not_there(fresh.reader, "u:") == set()


async def test_what_rows_do_not_make_any_more_is_missed_by_nobody(fresh: Ledger) -> None:
    """A tie that left and was taken out is not missed; made once more, and taken back, it is."""
    gone = RecordDeleted(object="tie", source_key="t:1/tag", twenty_id="id t:1/tag", outcome="destroyed")
    withdrawn = RecordWithdrawn(object="tie", source_key="t:1/tag")
    there = (made("tie", "t:1/tag"), created("tie", "t:1/tag"))
    await tell(fresh, *there, withdrawn, gone)
    assert await waves.not_there(fresh.reader, "t:") == set()
    await tell(fresh, *there, gone)
    assert await waves.not_there(fresh.reader, "t:") == {"t:1"}


async def test_what_is_made_of_no_one_stream_is_missed_by_all_that_lead_to_it(fresh: Ledger) -> None:
    """A company that was taken back, by a person and a sale that are there; not by what is not made any more."""
    links = {"toId": {"object": "company", "source_key": "c:~1"}}
    keys = ("t:1", "t:2/part", "t:3", "s:1")
    bodies = {key: seal(key, {"fields": {}, "links": links}) for key in keys}
    elsewhere = seal("t:4", {"fields": {}, "links": {"toId": {"object": "company", "source_key": "c:~2"}}})
    drafts = [of_rows(body.hash, "f1:2", key=key) for key, body in [*bodies.items(), ("t:4", elsewhere)]]
    companies = [event for key in ("c:~1", "c:~2") for event in (made("company", key), created("company", key))]
    await tell(fresh, *companies, *drafts, bodies=[*bodies.values(), elsewhere])
    await tell(fresh, RecordWithdrawn(object="person", source_key="t:3"))
    assert await waves.not_there(fresh.reader, "t:") == set()
    await tell(fresh, RecordDeleted(object="company", source_key="c:~1", twenty_id="id c:~1", outcome="destroyed"))
    assert await waves.not_there(fresh.reader, "t:") == {"t:1", "t:2"}
    assert await waves.not_there(fresh.reader, "s:") == {"s:1"}
    await tell(fresh, file("f1"), placed("c:~1", "f1:9"))
    assert await waves.not_there(fresh.reader, "t:") == set()


# --- books -----------------------------------------------------------------------------------------------------------


async def test_a_load_of_a_file_that_a_delta_read_in_part_balances(fresh: Ledger) -> None:
    """What the delta left out is recorded by the load: all of it, or some where that was cut short."""

    async def unchanged() -> int:
        counted = await books(fresh.reader)
        assert (counted.balanced, counted.rows.read) == (True, 3)
        return counted.rows.unchanged

    def read(**more: int) -> ExportRead:
        return ExportRead(file="f1", rows=3, held=0, set_aside=0, **more)

    await tell(fresh, file("f1", delta=True), placed("t:1", "f1:2"), read(extracted=1, unchanged=2, unrecorded=2))
    assert await unchanged() == 2
    await tell(fresh, file("f1"), placed("t:2", "f1:3"), run="load")
    assert await unchanged() == 1
    await tell(fresh, placed("t:3", "f1:4"), read(extracted=2, unchanged=1), run="load")
    assert await unchanged() == 0
