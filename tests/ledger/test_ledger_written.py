"""What stands as written, what became obsolete, what changes emptied, what was kept, and what erasing left behind."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest

from ledger import erasing, standing, waves, work
from ledger.errors import LedgerUnwritable
from ledger.events import (
    CompensationKept,
    IdentityMoved,
    PayloadErased,
    RecordDeleted,
    RecordRestored,
    RecordUpdated,
    RecordWithdrawn,
)
from ledger.hashing import Payload, seal
from ledger.projections import changes, compensations, identities
from ledger.scopes import Scope
from ledger.store import Ledger
from ledger.work import RecordState
from tests.ledger.moved import ACME, DELTA, id_of
from tests.ledger.plain import query

pytestmark = pytest.mark.anyio

Outcome = Literal["destroyed", "soft_deleted", "already_gone"]

C1, C2 = (id_of("person", f"contact:{number}") for number in (1, 2))


@pytest.fixture
async def ledger(loaded: Path, path: Path) -> AsyncIterator[Ledger]:
    """The migration's ledger after its load, open."""
    async with Ledger.open(Path(shutil.copy(loaded, path)), command="test", actor="tester@host") as ledger:
        yield ledger


async def test_what_stands_as_written_in_pages_and_by_stream(ledger: Ledger) -> None:
    """In the order of streams, each with what was sent last; what was not sent is not there."""
    reader = ledger.reader
    assert await standing.written_keys(reader, "person") == ["contact:1", "contact:2"]
    assert await standing.written_keys(reader, "note") == []

    async def page(after: str, limit: int, keys: list[str] | None = None) -> list[str]:
        return [one.state.source_key for one in await standing.written(reader, "person", after, limit, keys)]

    assert await page("", 10) == ["contact:1", "contact:2"]
    assert await page("", 1) == ["contact:1"]
    assert await page("contact:1", 10) == ["contact:2"]
    assert await page("", 10, ["contact:2", "contact:3"]) == ["contact:2"]
    assert await page("", 10, []) == []
    [one] = await standing.written(reader, "company", "", 10)
    assert (one.state.source_key, one.value["fields"] if one.value else None) == (ACME, {"name": "Acme"})


async def test_what_is_pending_by_stream_and_what_of_a_record_is_silent(ledger: Ledger) -> None:
    """Some streams or all; what was taken out of a body for somebody's sake is named, and no body is no record less."""
    reader = ledger.reader
    counts = [await work.count_pending(reader, "person", keys) for keys in (None, ["contact:3"], ["contact:1"], [])]
    assert counts == [1, 1, 0, 0]
    row = {"object": "person", "source_key": "contact:3", "state": "written", "generation": 0, "payload_hash": "p"}
    row = {**dict.fromkeys(RecordState.__struct_fields__), **row, "source_ref": "f1:4", "position": 7, "body": None}
    known = work.as_work(row)
    assert (known.state.source_key, known.value, known.silent) == ("contact:3", None, frozenset())
    cut = seal("contact:3", {"fields": {}}, {"redacted": "notes,tags"}).body
    assert work.as_work({**row, "body": cut}).silent == {
        "notes",
        "tags",
    }


async def test_streams_of_some_files_and_those_to_be_made_again(ledger: Ledger) -> None:
    """Those that a file speaks of, and whichever else are named."""

    async def streams(*again: str) -> list[str]:
        pages = work.streams_in_order(ledger.reader, "contact:", ["no such file"], again)
        return [rows[0].source_key async for page in pages for rows in page]

    assert await streams() == []
    assert await streams("contact:2", "contact:9") == ["contact:2"]


async def test_whose_records_are_not_there(ledger: Ledger) -> None:
    """What was taken back, of the kind asked for."""
    gone = RecordDeleted(object="person", source_key="contact:1", twenty_id=C1, outcome="destroyed")
    await ledger.append([gone])
    found = [await waves.not_there(ledger.reader, prefix) for prefix in ("contact:", "transaction:", "contac:")]
    assert found == [{"contact:1"}, set(), set()]


async def test_where_a_name_went_and_when(ledger: Ledger) -> None:
    """Every move of an alias, in order, with whose it was until then."""
    moved_to = [("contact:1", "contact:2"), ("contact:3", "contact:1")]
    at = await ledger.append([IdentityMoved(source_key=to, alias="contact:~a", former=was) for to, was in moved_to])
    [other] = await ledger.append([IdentityMoved(source_key="contact:2", alias="contact:~b", former="contact:3")])
    assert await identities.moves(ledger.reader) == {
        "contact:~a": [(at[0], "contact:2"), (at[1], "contact:1")],
        "contact:~b": [(other, "contact:3")],
    }


async def test_what_is_not_made_any_more_and_stands(ledger: Ledger) -> None:
    """Written records alone, of the streams asked for; those of people who were erased are counted apart."""
    reader = ledger.reader
    await ledger.append([RecordWithdrawn(object="person", source_key=f"contact:{number}") for number in (1, 2, 3)])
    await ledger.append([RecordWithdrawn(object="company", source_key=ACME)])
    streams = ["contact:2", "contact:1", "contact:3"]
    assert await standing.obsolete(reader, streams) == [("person", "contact:1", C1), ("person", "contact:2", C2)]
    assert await standing.obsolete(reader, [ACME]) == [("company", ACME, id_of("company", ACME))]
    assert await standing.obsolete(reader, []) == []
    assert await erasing.obsolete_for_good(reader) == 0
    [(body,)] = query(ledger.path, "SELECT payload_hash FROM record WHERE source_key = 'contact:1'")
    [(other,)] = query(ledger.path, "SELECT payload_hash FROM record WHERE object = 'opportunity'")
    await ledger.append([PayloadErased(payload_hash=one) for one in (body, other)])
    assert await erasing.obsolete_for_good(reader) == 1


async def test_erased_bodies_go_when_the_file_is_written_anew(ledger: Ledger) -> None:
    """Until then they are counted; afterwards no byte is there, and to do it once more takes nothing."""
    reader = ledger.reader
    row = "SELECT payload_hash, body FROM source_row JOIN payload ON hash = payload_hash WHERE source_key = 'contact:1'"
    [(hash_, body)] = query(ledger.path, row)
    [(kept, _)] = query(ledger.path, row.replace("contact:1", "contact:2"))
    assert (await erasing.erased_of(reader, [hash_]), await erasing.not_carried_out(reader)) == (set(), 0)
    await ledger.append([PayloadErased(payload_hash=hash_)])
    assert await erasing.erased_of(reader, [hash_, kept]) == {hash_}
    assert await erasing.erased_of(reader, [kept]) == set()
    assert await erasing.not_carried_out(reader) == 1
    assert erasing.rewrite(ledger.path) == 1
    files = [ledger.path, ledger.path.with_name(ledger.path.name + "-wal")]
    assert not any(str(body).encode() in one.read_bytes() for one in files if one.exists())
    assert (await erasing.not_carried_out(reader), erasing.rewrite(ledger.path)) == (0, 0)
    assert await erasing.erased_of(reader, [hash_]) == {hash_}


async def test_a_file_that_somebody_reads_is_not_said_to_be_written_anew(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log holds what was erased until the reader ends."""
    monkeypatch.setattr(erasing, "_PATIENCE_MS", 50)
    reading = sqlite3.connect(ledger.path, isolation_level=None)
    try:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM event").fetchone()
        with pytest.raises(LedgerUnwritable, match=r"somebody reads it.*let them end") as failure:
            erasing.rewrite(ledger.path)
        assert failure.value.path == ledger.path
    finally:
        reading.close()
    assert erasing.rewrite(ledger.path) == 0


async def test_changes_that_emptied_a_field_and_were_changed_on(ledger: Ledger) -> None:
    """Newest first, in a scope; one that is the last, or says something for the field, or nothing of it, is none."""
    ledger.run_id = DELTA

    async def change(number: int, fields: dict[str, object], before: str = "") -> int:
        sent, was = (
            seal(f"contact:{number}", {"fields": fields}),
            seal(f"contact:{number}", {"fields": {"was": before}}),
        )
        [(base,)] = query(ledger.path, f"SELECT payload_hash FROM record WHERE source_key = 'contact:{number}'")
        updated = RecordUpdated(
            object="person", source_key=f"contact:{number}", twenty_id=id_of("person", f"contact:{number}"),
            payload_hash=base, base_hash=base, updated_at="2026-02-02", before_hash=was.hash, sent_hash=sent.hash,
        )  # fmt: skip
        [position] = await ledger.append([updated], [sent, was])
        return position

    async def found(scope: Scope | None = None, object_name: str = "person") -> list[tuple[str, int]]:
        return await changes.emptied(ledger.reader, object_name, scope or Scope(), "emails.primaryEmail")

    first = await change(1, {"emails": {"primaryEmail": ""}})
    assert await found() == []
    await change(1, {"score": 1})
    assert await found() == [(C1, first)]
    second = await change(2, {"emails": {"primaryEmail": None}})
    await change(2, {"emails": {"primaryEmail": "x@y.example"}})
    await change(2, {"score": 2})
    assert await found() == [(C2, second), (C1, first)]
    assert await found(Scope(since=first)) == [(C2, second)]
    assert (await found(Scope(run_id="another")), await found(object_name="company")) == ([], [])


async def test_why_records_stay_as_it_was_told_last(ledger: Ledger) -> None:
    """The newest word on each record, whichever run said it; what is of no record's body is no word."""
    reader = ledger.reader
    assert await compensations.kept_before(reader) == frozenset()
    words = [seal("contact:1", {"why": "edited", "detail": number}) for number in range(3)]

    async def keep(record: str, word: int, run: str) -> None:
        ledger.run_id = run
        kept = CompensationKept(
            object="person", source_key=record, twenty_id=record, why="edited", payload_hash=words[word].hash
        )
        await ledger.append([kept], [words[word]])

    await keep("a", 0, "run-1")
    await keep("b", 1, "run-1")
    await keep("a", 2, "run-2")
    await ledger.append([CompensationKept(object="person", twenty_id="f", why="in_use", name="field")])
    assert await compensations.kept_before(reader) == {words[1].hash, words[2].hash}


async def test_what_was_put_into_the_bin_until_it_goes_for_good(ledger: Ledger) -> None:
    """By object; what went for good since, by us or by others, is not there any more, what came back to it is."""
    reader = ledger.reader

    async def taken(run: str, record: str, outcome: Outcome, object_name: str = "person") -> None:
        ledger.run_id = run
        await ledger.append(
            [RecordDeleted(object=object_name, source_key=f"of {record}", twenty_id=record, outcome=outcome)]
        )

    await taken("run-1", "a", "destroyed")
    assert await compensations.soft_deleted(reader) == {}
    for record in ("b", "c", "d"):
        await taken("run-2", record, "soft_deleted")
    await taken("run-2", "b", "soft_deleted", "company")
    assert await compensations.soft_deleted(reader) == {"person": {"b", "c", "d"}, "company": {"b"}}
    await taken("run-3", "b", "destroyed")
    await taken("run-3", "c", "already_gone")
    ledger.run_id = "run-4"
    word = seal("of d", {"fields": {}})
    back = RecordRestored(
        object="person", source_key="of d", twenty_id="d", payload_hash=word.hash, updated_at="2026", written_hash=None
    )
    await ledger.append([back], [word])
    assert await compensations.soft_deleted(reader) == {"person": {"d"}, "company": {"b"}}


async def test_what_was_kept_as_edited_until_we_write_again(ledger: Ledger) -> None:
    """The newest word on each, for this reason and object; a write of ours since makes it ours again."""
    reader = ledger.reader
    word, other = (seal("contact:1", {"why": "edited", "detail": number}) for number in (1, 2))

    async def keep(record: str, body: Payload, why: str = "edited") -> None:
        kept = CompensationKept(
            object="person", source_key="contact:1", twenty_id=record, why=why, payload_hash=body.hash
        )
        await ledger.append([kept], [body])

    ledger.run_id = "run-1"
    await keep("a", word)
    await keep("b", word, "has_dependents")
    await keep(C1, word)
    ledger.run_id = "run-2"
    await keep("a", other)
    assert await compensations.kept_as_edited(reader, "person") == {"a": other.hash, C1: word.hash}
    assert await compensations.kept_as_edited(reader, "company") == {}
    [(base,)] = query(ledger.path, "SELECT payload_hash FROM record WHERE source_key = 'contact:1'")
    updated = RecordUpdated(
        object="person", source_key="contact:1", twenty_id=C1, payload_hash=base, base_hash=base, updated_at="2026"
    )
    await ledger.append([updated])
    assert await compensations.kept_as_edited(reader, "person") == {"a": other.hash}
