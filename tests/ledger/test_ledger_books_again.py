"""The books while something goes on: of a file that is read again, and of records that arrive."""

from pathlib import Path

import anyio
import pytest

from ledger.books import Books, books
from ledger.events import ExportRead, RecordCreated, RunStarted
from ledger.reader import Reader
from ledger.store import Ledger
from tests.ledger import moved

pytestmark = pytest.mark.anyio


async def test_rows_that_a_later_reading_records_are_counted_once(path: Path) -> None:
    """Before it, half-way through it and behind it the sum is the file's."""
    async with Ledger.open(path, command="load") as ledger:
        await moved.load(ledger)
        await moved.delta(ledger)

        async def unchanged() -> tuple[int, tuple[str, ...]]:
            found = await books(ledger.reader)
            return next(one.unchanged for one in found.files if one.file == "f3"), found.imbalances

        assert await unchanged() == (2, ())
        ledger.run_id = "again"
        tape = moved.Tape(ledger)
        tape.events.append(RunStarted(command="load"))
        tape.file("f3", "contacts", "later.csv", "2026-02-01")
        tape.row("contact:1", "f3:3", email="x")
        await tape.play()
        assert await unchanged() == (1, ())
        tape.row("contact:2", "f3:4", email="y")
        tape.events.append(ExportRead(file="f3", rows=3, extracted=2, held=0, set_aside=0, unchanged=1))
        await tape.play()
        assert await unchanged() == (0, ())


async def test_books_are_of_one_moment(path: Path) -> None:
    """Whoever makes them up while records arrive finds every sum right, each time."""
    keys = [f"contact:{number}" for number in range(40)]
    async with Ledger.open(path, command="load") as ledger, Reader.open(path) as reader:
        tape = moved.Tape(ledger)
        hashes = {key: tape.made("person", key, "f1:2", {"name": key}) for key in keys}
        await tape.play()
        found: list[Books] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_arrive, ledger, hashes)
            while not found or found[-1].records[0].created < len(keys):
                found.append(await books(reader))
    assert len({one.records[0].created for one in found}) > 2
    assert [one.imbalances for one in found] == [()] * len(found)


async def _arrive(ledger: Ledger, hashes: dict[str, str]) -> None:
    for key, told in hashes.items():
        arrived = RecordCreated(
            object="person", source_key=key, twenty_id=f"id of {key}", payload_hash=told, updated_at=moved.STAMP
        )
        await ledger.append([arrived])
