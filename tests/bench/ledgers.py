"""Real ledgers of any size, appended by the program's own Ledger as the commands append them, and one that grows.

    uv run python -m tests.bench ledger FILE --events 1000000
    uv run python -m tests.bench append FILE --seconds 60

A seed says who is in it; what derives from a ledger's own namespace, key and clock differs from one to the next.
"""

import signal
import sqlite3
from itertools import count
from pathlib import Path
from time import monotonic

import anyio

from adapters.mapping import shipped_text
from ledger.events import ExportRead, MappingConfirmed, RunCompleted, RunStarted
from ledger.hashing import seal
from ledger.identifiers import new_run_id
from ledger.projections.runs import unfinished
from ledger.store import Ledger
from tests.bench.exports import File
from tests.bench.madeup import COLUMNS, person
from tests.bench.steps import BATCH, Steps
from tests.bench.story import POLICIES, WORKSPACE, Size, Story

PACE_S = 0.6
"""Twenty takes 100 calls in 60 seconds, so that a load makes no more."""
_NEW_PEOPLE = 50_000_000


def build(path: Path, events: int, seed: int = 1) -> int:
    """Make a ledger of about so many events; answers how many there are.

    A load that was interrupted and resumed, a second one that failed and went on, a delta, a reconciliation, and the
    rollback of the second load.
    """
    return anyio.run(_build, path, Size(events), seed)


async def _build(path: Path, size: Size, seed: int) -> int:
    async with Ledger.open(path, command="load", actor="ann@migration") as ledger:
        await _hasten(ledger)
        story = Story(ledger, await _signed(ledger, seed), size, seed)
        await story.load()
        second = await story.second_load()
        await story.delta()
        await story.reconcile()
        await story.roll_back(second)
        return ledger.head.position


async def _hasten(ledger: Ledger) -> None:
    # A builder writes in minutes what a load writes in hours: it may keep more of the file in memory.
    def hasten(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("PRAGMA wal_autocheckpoint = 50000")

    await ledger._transactions.run(hasten)


async def _signed(ledger: Ledger, seed: int) -> Steps:
    mapping = seal("mapping", shipped_text())
    ledger.run_id = new_run_id()
    signed = MappingConfirmed(payload_hash=mapping.hash, default=True)
    await ledger.append([RunStarted(command="confirm", mapping_hash=mapping.hash), signed], [mapping])
    await ledger.append([RunCompleted()])
    return await Steps.of(ledger, seed, mapping.hash)


def append_slowly(path: Path, seconds: float) -> int:
    """Go on loading into a ledger, in a run of its own, until SIGTERM or for so long; answers the events appended.

    The run is completed at the end, so that the books balance.

    Raises:
        LedgerInUse: another process writes to it.
        ValueError: it is a real one, of somebody's workspace, or a run of it is unfinished.
    """
    return anyio.run(_append_slowly, path, seconds)


async def _append_slowly(path: Path, seconds: float) -> int:
    async with Ledger.open(path, command="load", actor="ann@migration") as ledger:
        if await ledger.reader.workspace() != str(WORKSPACE):
            raise ValueError(f"{path} is not one of the ledgers made here: nobody made up goes into it")
        if (left := await unfinished(ledger.reader)) is not None:
            raise ValueError(f"{path}: run {left.run_id} is unfinished")
        before = ledger.head.position
        mapping = await ledger.reader.scalar("SELECT payload_hash FROM event WHERE type = 'MappingConfirmed'")
        ledger.run_id = new_run_id()
        steps = await Steps.of(ledger, before, mapping)
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async with anyio.create_task_group() as tasks:
                told = anyio.Event()
                tasks.start_soon(_tell, signals, told)
                await _load(ledger, steps, told, monotonic() + seconds)
                tasks.cancel_scope.cancel()
        return ledger.head.position - before


async def _tell(signals: object, told: anyio.Event) -> None:
    async for _ in signals:  # type: ignore[attr-defined]
        told.set()


async def _load(ledger: Ledger, steps: Steps, told: anyio.Event, until: float) -> None:
    file = File(name=f"contacts_live_{ledger.head.position}.csv", kind="contacts", rows=1_000_000,
                exported_at="2026-05-01T02:01:00+00:00")  # fmt: skip
    settings = {"folder": "/srv/live", "automations": "leave", "beside": False}
    started = RunStarted(
        command="load", settings=settings, policies=POLICIES, mapping_hash=steps.mapping_hash, files=(file.seen,)
    )
    await ledger.append([started])
    event, header = file.registered(COLUMNS)
    await ledger.append([event], [header])
    first = _NEW_PEOPLE + ledger.head.position * 10
    for line in count(2, BATCH):
        begun = monotonic()
        await _load_batch(steps, file, first, line)
        if told.is_set() or monotonic() >= until:
            break
        with anyio.move_on_after(max(begun + PACE_S - monotonic(), 0)):
            await told.wait()
    rows = line - 2 + BATCH
    read = ExportRead(file=file.id, rows=rows, extracted=rows - steps.held, held=steps.held, set_aside=0, unchanged=0)
    await ledger.append([read])
    await ledger.append([RunCompleted(counts={"created": rows - steps.held}, undone=steps.held)])


async def _load_batch(steps: Steps, file: File, first: int, line: int) -> None:
    people = [person(steps.seed, first + line + at, 0) for at in range(BATCH)]
    await steps.extract_rows(file, line, people)
    made = ((one, f"{file.id}:{line + at}") for at, one in enumerate(people))
    await steps.create("person", await steps.make_people(made))
