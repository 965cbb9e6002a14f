"""What takes long is counted aside; what is wrong with a ledger is told while it is so, and no longer."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from adapters.console.opened import OpenLedger
from adapters.console.slow import Slow
from ledger.errors import LedgerDamaged
from ledger.events import RunResumed
from ledger.reader import Head, Reader
from ledger.store import Ledger
from tests.console_api.world import Shown, copied, showing

pytestmark = pytest.mark.anyio

LATER = Head(10**6, "0" * 64)


class Counting:
    """A count that ends when it is let, and of which we know how often it is made."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_once = 0
        self.go = anyio.Event()
        self.error: Exception | None = None

    async def __call__(self, reader: Reader) -> int:
        """Count the events."""
        self.begun += 1
        self.at_once += 1
        assert self.at_once == 1
        await self.go.wait()
        self.at_once -= 1
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return (await reader.head()).position


async def test_a_count_is_made_once_and_the_older_one_is_told_meanwhile(history: Path, tmp_path: Path) -> None:
    """However many ask: the first wait a tenth of a second; later ones have the older count, with its head."""
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    counting = Counting()
    slow: Slow[int] = Slow(opened, counting)
    async with opened.at_work():
        async with opened.reading() as reader:
            head = await reader.head()
        answers: list[Any] = []

        async def ask() -> None:
            answers.append(await slow.get(head))

        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(ask)
        assert time.monotonic() - began < 2
        assert (answers, counting.begun) == ([None] * 5, 1)
        counting.go.set()
        await anyio.sleep(0.2)
        kept = await slow.get(head)
        assert kept is not None
        assert (kept.head, kept.value, counting.begun) == (head, head.position, 1)
        counting.go = anyio.Event()
        async with Ledger.open(opened.path, command="test") as ledger:
            await ledger.append([RunResumed()])
            later = ledger.head
        slow._not_before = 0.0
        assert await slow.get(later) == kept
        counting.go.set()
        await anyio.sleep(0.2)
        newer = await slow.get(later)
        assert newer is not None
        assert (newer.head, newer.value, counting.begun) == (later, later.position, 2)


async def test_an_error_is_told_once_and_the_next_ask_counts_again(history: Path, tmp_path: Path) -> None:
    """It is no answer for good."""
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    counting = Counting()
    counting.go.set()
    counting.error = LedgerDamaged(opened.path, "a page is gone")
    slow: Slow[int] = Slow(opened, counting)
    async with opened.at_work():
        with pytest.raises(LedgerDamaged):
            await slow.get(LATER)
        slow._not_before = 0.0
        assert await slow.get(LATER) is not None


@pytest.fixture
def own(history: Path, tmp_path: Path) -> Iterator[Shown]:
    """A console over a ledger of one's own."""
    with showing(copied(history, tmp_path).options.ledger, tokens=tmp_path / "console.toml") as console:
        yield console


RUNS = "/api/v1/ledgers/ledger/runs"


def test_a_ledger_that_was_taken_away_is_told_until_it_is_back(own: Shown) -> None:
    """Without it, 503 and a sentence, on pages too; put back, it is shown as if nothing had been."""
    before = own.client.get(RUNS).json()
    away = own.ledger.with_name("away.db")
    own.ledger.rename(away)
    assert own.failure(RUNS, 503)["code"] == "ledger_missing"
    page = own.client.get("/ledgers/ledger/runs")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (503, "text/html")
    away.rename(own.ledger)
    assert own.client.get(RUNS).json() == before


def test_another_ledger_in_its_place_is_shown(own: Shown, tmp_path: Path) -> None:
    """A backup that was put back: what is told is the new file's, not what was kept of the old."""
    head = own.api()["head"]
    backup = Path(shutil.copy(own.ledger, tmp_path / "backup.db"))

    async def grow() -> None:
        async with Ledger.open(backup, command="test") as ledger:
            await ledger.append([RunResumed()])

    anyio.run(grow)
    backup.replace(own.ledger)
    told = own.api()["head"]
    assert told != head
    assert int(told.partition(":")[0]) == int(head.partition(":")[0]) + 1


def test_a_damaged_ledger_is_told_until_it_is_whole(own: Shown, tmp_path: Path) -> None:
    """Bytes that are no database: 503, one sentence; the whole file back, all is well."""
    whole = Path(shutil.copy(own.ledger, tmp_path / "whole.db"))
    broken = tmp_path / "broken.db"
    broken.write_bytes(whole.read_bytes()[:100] + b"\x5a" * 200_000)
    broken.replace(own.ledger)
    for path in ("", "/runs", "/records", "/events", "/holds", "/integrity"):
        failure = own.failure(f"/api/v1/ledgers/ledger{path}", 503)
        assert failure["code"] in ("ledger_damaged", "not_a_ledger")
        assert "\n" not in failure["message"]
    whole.replace(own.ledger)
    assert own.client.get(RUNS).status_code == 200


def test_whoever_watches_does_not_hold_up_the_end(history: Path, tmp_path: Path) -> None:
    """A console with open streams of news ends within three seconds."""
    seen: list[str] = []

    def watch(url: str, began: threading.Event) -> None:
        try:
            with httpx.stream("GET", f"{url}/ledgers/ledger/live", timeout=20) as stream:
                for text in stream.iter_text():
                    seen.append(text)
                    began.set()
        except httpx.HTTPError:
            began.set()

    with showing(history / "ledger.db", tokens=tmp_path / "console.toml") as shown:
        began = [threading.Event() for _ in range(3)]
        watchers = [threading.Thread(target=watch, args=(shown.url, one)) for one in began]
        for one in watchers:
            one.start()
        assert all(one.wait(10) for one in began)
        ending = time.monotonic()
    assert time.monotonic() - ending < 3
    for one in watchers:
        one.join(5)
        assert not one.is_alive()
    assert "position" in "".join(seen)
