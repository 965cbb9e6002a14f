"""What a migration was closed with, and what a purge has still to erase."""

from pathlib import Path

import pytest

from ledger.events import (
    FieldCreated,
    MigrationClosed,
    PayloadErased,
    ReconciliationMade,
    RecordDeleted,
    RunStarted,
    WorkspaceBound,
)
from ledger.hashing import seal
from ledger.signoff import (
    bodies_to_erase,
    changes_since,
    count_bodies,
    is_purged,
    last_reconciliation,
    signed_off,
)
from ledger.store import Ledger

pytestmark = pytest.mark.anyio


async def test_the_newest_sign_off_is_told(tmp_path: Path) -> None:
    """None at first; then the last one, as it was recorded, and whether any of them purged."""
    async with Ledger.open(tmp_path / "ledger.db", command="close", actor="ann@desk") as ledger:
        assert (await signed_off(ledger.reader), await is_purged(ledger.reader)) == (None, False)
        why = seal("close:1", {"why": "done"})
        await ledger.append([MigrationClosed(head="1:a", reconciled=True)])
        assert not await is_purged(ledger.reader)
        [at] = await ledger.append(
            [MigrationClosed(head="2:b", reconciled=False, purged=True, payload_hash=why.hash)], [why]
        )
        told = await signed_off(ledger.reader)
        assert told is not None
        assert (told.position, told.actor, told.head, told.reconciled) == (at, "ann@desk", "2:b", False)
        assert (told.purged, told.payload_hash, await is_purged(ledger.reader)) == (True, why.hash, True)
        await ledger.append([MigrationClosed(head="3:c", reconciled=True)])
        told = await signed_off(ledger.reader)
        assert told is not None
        assert (told.head, told.purged, await is_purged(ledger.reader)) == ("3:c", True, True)


@pytest.mark.parametrize("settings", [{"sample": 5}, {"objects": "person"}])
async def test_only_a_comparison_of_everything_counts(tmp_path: Path, settings: dict[str, int | str]) -> None:
    """The newest whole one is told; a later sample or single object does not take its place."""
    path = tmp_path / "ledger.db"
    report = seal("reconciliation:1", {})
    async with Ledger.open(path, command="reconcile") as ledger:
        assert await last_reconciliation(ledger.reader) is None
        made = ReconciliationMade(compared=7, differences=2, erased=3, payload_hash=report.hash)
        whole = {"sample": None, "objects": None}
        [*_, at] = await ledger.append([RunStarted(command="reconcile", settings=whole), made], [report])
        run = ledger.run_id
    async with Ledger.open(path, command="reconcile") as ledger:
        await ledger.append([RunStarted(command="reconcile", settings=settings), made])
        told = await last_reconciliation(ledger.reader)
        assert told is not None
        assert (told.position, told.run, told.compared, told.differences, told.erased) == (at, run, 7, 2, 3)


async def test_what_changed_in_twenty_behind_a_position_is_counted(tmp_path: Path) -> None:
    """Records and the data model count, whatever else happened does not."""
    async with Ledger.open(tmp_path / "ledger.db", command="load") as ledger:
        gone = RecordDeleted(object="person", source_key="contact:1", twenty_id="a", outcome="destroyed")
        made = FieldCreated(object="person", name="kartraId", twenty_id="f")
        first, bound, _, _ = await ledger.append([gone, WorkspaceBound(workspace="w"), gone, made])
        counts = [await changes_since(ledger.reader, after) for after in (first - 1, first, bound, bound + 2)]
        assert counts == [3, 2, 2, 0]


async def test_bodies_to_erase_come_in_pages_without_the_one_that_stays(tmp_path: Path) -> None:
    """In the order of their hashes, once each; what an event erased already is left out."""
    bodies = [seal(f"hold:{one}", {"why": one}) for one in range(5)]
    hashes = sorted(body.hash for body in bodies)
    async with Ledger.open(tmp_path / "ledger.db", command="close") as ledger:
        closed = [MigrationClosed(head="1:a", reconciled=True, payload_hash=body.hash) for body in bodies]
        await ledger.append(closed, bodies)
        assert await count_bodies(ledger.reader) == 5
        await ledger.append([PayloadErased(payload_hash=hashes[1])])
        assert await bodies_to_erase(ledger.reader, hashes[0], "", 2) == hashes[2:4]
        assert await bodies_to_erase(ledger.reader, hashes[0], hashes[3], 2) == hashes[4:]
        assert await bodies_to_erase(ledger.reader, None, "", 9) == [hashes[0], *hashes[2:]]
