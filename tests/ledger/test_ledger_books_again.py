"""The books of a file that is read again: what a delta left unrecorded is counted once, whenever they are made up."""

from pathlib import Path

import pytest

from ledger.books import books
from ledger.events import ExportRead, RunStarted
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
