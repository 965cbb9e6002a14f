"""More than a page of everything: what is read page by page loses nothing between two pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger import work
from ledger.errors import VerificationFailed
from ledger.events import PayloadErased, RowExtracted, RowHeld, RowTransformed, RunStarted
from ledger.hashing import seal
from ledger.store import Ledger
from ledger.verifying import verify
from tests.ledger import moved
from tests.ledger.plain import forced, query, take_away

pytestmark = pytest.mark.anyio

MANY = 2101


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[Ledger]:
    """A ledger with very many streams, one row each."""
    async with Ledger.open(path, command="test", actor="tester@host") as ledger:
        tape = moved.Tape(ledger)
        tape.file("f1", "contacts", "all.csv", "2026-01-01")
        for number in range(MANY):
            tape.row(f"contact:{number:05}", f"f1:{number + 2}", email="e")
        await tape.play()
        yield ledger


async def test_all_events_are_read(ledger: Ledger) -> None:
    """From the first to the last, and folded, rebuilt and verified as many."""
    positions = [one.position async for one in ledger.reader.read()]
    assert positions == list(range(1, MANY + 3))
    assert await ledger.rebuild() == MANY + 2
    assert (await verify(ledger.path)).events == MANY + 2


async def test_all_streams_and_rows_are_read(ledger: Ledger) -> None:
    """Each stream once, each row once, in order."""
    streams = [rows[0].source_key async for page in work.streams_in_order(ledger.reader, "contact:") for rows in page]
    assert streams == [f"contact:{number:05}" for number in range(MANY)]
    lines = [row.line async for page in work.rows_in_order(ledger.reader) for row in page]
    assert lines == list(range(2, MANY + 2))


async def test_kinds_whose_names_begin_alike_are_kept_apart(path: Path) -> None:
    """Streams of `contact:` are not those of any kind that sorts near it."""
    near = ["contact", "contact9:1", "contact;1", "contactA:1", "contacta:1", "contacts:1", "contact<1", "contactp"]
    async with Ledger.open(path, command="test") as ledger:
        tape = moved.Tape(ledger)
        tape.file("f1", "contacts", "all.csv", "2026-01-01")
        for line, stream in enumerate([*near, "contact:1"], 2):
            tape.row(stream, f"f1:{line}", email="e")
            if stream != "contact:1":
                tape.events.append(
                    RowHeld(object="person", source_ref=f"f1:{line}", reason="x", stage="transform", source_key=stream)
                )
        await tape.play()
        pages = [page async for page in work.streams_in_order(ledger.reader, "contact:")]
        assert [[rows[0].source_key for rows in page] for page in pages] == [["contact:1"]]
        assert await work.has_held(ledger.reader, "contact:") is False
        assert await work.has_held(ledger.reader, "contacts:") is True


async def test_a_record_whose_body_was_erased_has_no_value(path: Path) -> None:
    """It is there all the same, and so is one that points at nothing."""
    body, bare = seal("contact:1", {"fields": {}, "links": moved.LINK}), seal("contact:2", {"fields": {}})
    async with Ledger.open(path, command="test") as ledger:
        records = [
            RowTransformed(
                object="person", source_key=key, payload_hash=told.hash, mapping_hash=moved.MAPPING.hash,
                sources=("f1:2",),
            )
            for key, told in (("contact:1", body), ("contact:2", bare))
        ]  # fmt: skip
        await ledger.append(records, [body, bare, moved.MAPPING])
        assert [dict(one.links) for one in await work.links(ledger.reader)] == [moved.LINK, {}]
        await ledger.append([PayloadErased(payload_hash=body.hash)])
        take_away(path, body.hash)
        assert [one.value for one in await work.pending(ledger.reader, "person", 9)] == [None, {"fields": {}}]


@pytest.mark.parametrize("column", ["payload_hash", "mapping_hash"])
async def test_a_body_that_one_event_names_is_missed(path: Path, column: str) -> None:
    """Whether it is named in the event's column or among its attributes only, and by no other event."""
    body = seal("contact:1", {"cells": {}})
    event = (
        RowExtracted(source_key="contact:1", source_ref="f1:2", payload_hash=body.hash)
        if column == "payload_hash"
        else RunStarted(command="load", mapping_hash=body.hash)
    )
    async with Ledger.open(path, command="test") as ledger:
        [position] = await ledger.append([event], [body])
    assert (await verify(path)).payloads == 1
    with forced(path) as connection:
        connection.execute("DELETE FROM payload")
    with pytest.raises(VerificationFailed, match=": its body is missing, and no PayloadErased says so;") as failure:
        await verify(path)
    assert failure.value.position == position
    assert query(path, "SELECT count(*) FROM payload") == [(0,)]
