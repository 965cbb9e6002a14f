"""Reading that is ended before its end, and readers that stay current."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from ledger import connections, erasing
from ledger.errors import ReadStopped
from ledger.events import RunCompleted, RunResumed, RunStarted
from ledger.lock import Holder
from ledger.projections.runs import at_work
from ledger.reader import Reader
from ledger.store import Ledger

pytestmark = pytest.mark.anyio

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def after(seconds: float) -> Callable[[], bool]:
    """No, and after some time yes."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


async def test_an_endless_query_ends_when_it_is_to(story: Path) -> None:
    """In the middle of it; then no other one begins, in a snapshot either, and with a new word all go on."""
    async with Reader.open(story) as reader:
        await reader.end_when(after(0.2))
        with anyio.fail_after(5):
            with pytest.raises(ReadStopped):
                async with reader.snapshot() as seen:
                    await seen.rows(ENDLESS)
            with pytest.raises(ReadStopped):
                await reader.head()
            with pytest.raises(ReadStopped):
                async with reader.snapshot() as seen:
                    await seen.head()
        await reader.end_when(lambda: False)
        assert (await reader.head()).position == 9


def test_a_file_is_rewritten_though_one_reader_comes_after_another(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is tried to be emptied several times."""
    monkeypatch.setattr(erasing, "_PATIENCE_MS", 200)
    reading = sqlite3.connect(story, isolation_level=None, check_same_thread=False)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM event").fetchone()
    ending = threading.Timer(0.4, reading.close)
    ending.start()
    assert erasing.rewrite(story) == 0
    ending.join()
    wal = story.with_name(story.name + "-wal")
    assert not wal.exists() or wal.stat().st_size == 0


@pytest.mark.parametrize(
    ("media", "writable", "logged", "said"),
    [
        (True, False, False, ("ro-immutable", False)),
        (True, True, False, ("ro-immutable", False)),
        (False, True, False, ("ro", False)),
        (False, False, True, ("ro", False)),
        (False, False, False, ("ro-immutable", True)),
    ],
)
def test_only_what_cannot_change_is_taken_to_be_fixed(
    story: Path, monkeypatch: pytest.MonkeyPatch, media: bool, writable: bool, logged: bool, said: tuple[str, bool]
) -> None:
    """On read-only media; in a folder of another's only for a moment, where there is no log to go by."""
    monkeypatch.setattr(connections, "_on_read_only_media", lambda _path: media)
    monkeypatch.setattr(connections.os, "access", lambda *_: writable)
    for ending in ("-wal", "-shm"):
        beside = story.with_name(story.name + ending)
        beside.unlink(missing_ok=True)
        if logged:
            beside.touch()
    uri = connections.read_uri(story)
    assert ("ro-immutable" if "immutable=1" in uri else "ro", connections.is_fleeting(story)) == said
    assert "mode=ro" in uri


async def test_the_run_at_work_is_the_newest_one_and_its_holders(path: Path) -> None:
    """Not one that was interrupted before, whatever else holds the lock by now."""
    async with Ledger.open(path, command="load") as ledger:
        await ledger.append([RunStarted(command="load")])
        load = ledger.run_id
    holders = [None, *(Holder(1, "here", name) for name in ("load", "resume", "status", ""))]
    async with Reader.open(path) as reader:
        assert [await at_work(reader, one) for one in holders] == [None, load, load, None, None]
    async with Ledger.open(path, command="verify") as ledger:
        await ledger.append([RunStarted(command="verify")])
        verify = ledger.run_id
        assert await at_work(ledger.reader, Holder(1, "here", "load")) is None
        assert await at_work(ledger.reader, Holder(1, "here", "verify")) == verify
        await ledger.append([RunCompleted(counts={})])
        assert await at_work(ledger.reader, Holder(1, "here", "verify")) is None
        ledger.run_id = load
        await ledger.append([RunResumed()])
        assert await at_work(ledger.reader, Holder(1, "here", "resume")) == load
