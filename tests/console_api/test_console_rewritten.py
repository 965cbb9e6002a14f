"""A ledger that is written anew, or replaced, while the console has it open."""

import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from adapters.console.errors import NotCounted, Rewriting
from adapters.console.opened import OpenLedger
from adapters.console.pool import Turn
from ledger.events import RunStarted
from ledger.lock import writer_lock
from ledger.reader import Reader
from ledger.store import Ledger
from tests.console_api.world import DUA, Shown, copied, rows_of, showing
from tests.journey.world import CLI

pytestmark = pytest.mark.anyio

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def own(history: Path, tmp_path: Path) -> Path:
    """A ledger of the test's own."""
    return copied(history, tmp_path).options.ledger


@pytest.fixture
def slow_proving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recomputations that hold a moment of the ledger until they are stopped."""
    code = "import sqlite3, sys, time, json\n" + "\n".join(
        (
            "ledger = json.loads(sys.stdin.readline())['ledger']",
            "c = sqlite3.connect(f'file:{ledger}?mode=ro', uri=True, isolation_level=None)",
            "c.execute('BEGIN')",
            "c.execute('SELECT count(*) FROM event').fetchone()",
            """print(json.dumps({"part": "chain", "position": 1}), flush=True)""",
            "time.sleep(60)",
        )
    )
    monkeypatch.setattr("adapters.console.proof._COMMAND", ("-c", code))


@pytest.fixture
def console(own: Path, tmp_path: Path) -> Iterator[Shown]:
    """A console over it."""
    with showing(own, tokens=tmp_path / "console.toml") as shown:
        yield shown


@pytest.mark.usefixtures("slow_proving")
def test_a_person_is_erased_beside_a_recomputation(console: Shown) -> None:
    """The recomputation gives way and says so; the command ends well; pages come all the while."""
    texts: list[str] = []

    def recompute() -> None:
        with httpx.Client(base_url=console.url, timeout=30) as client:
            texts.append(client.get("/ledgers/ledger/verify/run").text)

    watching = threading.Thread(target=recompute)
    watching.start()
    time.sleep(1)
    done = subprocess.run(
        [CLI, "erase", "--email", DUA["email"], "--yes", "--ledger", str(console.ledger)],
        capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip
    watching.join(20)
    assert done.returncode == 0, done.stderr
    assert "stopped: the ledger is being rewritten; ask again" in texts[0]
    assert console.client.get("/ledgers/ledger").status_code == 200
    left = rows_of(console.ledger, "SELECT count(*) FROM payload JOIN event ON payload.hash = payload_hash "
                                   "WHERE type = 'PayloadErased'")  # fmt: skip
    assert left == [(0,)]


def test_nothing_long_begins_while_the_file_is_written_anew(console: Shown) -> None:
    """A recomputation says so, a plan says so; a page comes; afterwards both are made."""
    with writer_lock(console.ledger, "erase"):
        assert "is being rewritten" in console.client.get("/ledgers/ledger/verify/run").text
        assert console.failure("/api/v1/ledgers/ledger/rollback-plan", 503)["code"] == "rewriting"
        assert console.client.get("/ledgers/ledger").status_code == 200
        assert console.client.get("/ledgers/ledger/rollback-plan").status_code == 200
    assert "is being rewritten" not in console.client.get("/ledgers/ledger/verify/run").text
    until = time.monotonic() + 10
    while console.client.get("/api/v1/ledgers/ledger/rollback-plan").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)


async def test_a_count_under_way_gives_way(own: Path) -> None:
    """It is stopped in the middle of a query, and nobody takes that for an error."""
    opened = OpenLedger("ledger", own)

    async def forever(reader: Reader) -> None:
        await reader.rows(ENDLESS)

    async with opened.at_work():
        slow = opened.plan("forever", forever)
        head = opened.latest.head if opened.latest else None
        assert head is not None
        assert await slow.get(head) is None
        assert slow.is_busy
        with writer_lock(own, "erase"):
            until = time.monotonic() + 5
            while slow.is_busy:
                assert time.monotonic() < until
                await anyio.sleep(0.05)
            assert await slow.get(head) is None
        with pytest.raises(Rewriting), writer_lock(own, "close"):
            async with opened.counting(Turn()):
                pass


async def test_plans_are_made_one_at_a_time_and_few_wait(own: Path) -> None:
    """The ninth that waits is told to ask again; what was asked first goes on."""
    opened = OpenLedger("ledger", own)
    at_once = most = 0
    released = anyio.Event()

    async def counted(reader: Reader) -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await released.wait()
        at_once -= 1
        return (await reader.head()).position

    async with opened.at_work():
        assert opened.latest is not None
        head = opened.latest.head
        plans = [opened.plan(number, counted) for number in range(8)]
        for one in plans:
            await one.get(head)
        with pytest.raises(NotCounted):
            opened.plan(8, counted)
        released.set()
        until = time.monotonic() + 10
        while any(one.is_busy for one in plans):
            assert time.monotonic() < until
            await anyio.sleep(0.05)
        assert most == 1
        kept = await opened.plan(8, counted).get(head)
        assert kept is not None
        assert kept.head == head


async def test_another_ledger_under_the_name_is_told_as_what_it_is(console: Shown, tmp_path: Path) -> None:
    """Its events are counted from the first one, its books are its own, and nothing is said of the one before."""
    console.client.get("/ledgers/ledger/verify/run")
    _ready(console)
    other = tmp_path / "other.db"
    async with Ledger.open(other, command="load") as ledger:
        await ledger.append([RunStarted(command="load")])
        run = ledger.run_id
    for beside in console.ledger.parent.glob("ledger.db-*"):
        beside.unlink()
    other.replace(console.ledger)
    [only] = console.api("/runs")["items"]
    assert (only["run_id"], only["events"]) == (run, 2)
    overview = _ready(console)
    assert overview["position"] == 2
    assert sum(overview["stages"].values()) == 2
    assert overview["books"]["records"] == []


async def test_another_history_in_the_same_file_is_told_as_what_it_is(console: Shown, tmp_path: Path) -> None:
    """Put into it by SQLite's own backup, the file is the same one for the system, and not for its readers."""
    _ready(console)
    other = tmp_path / "other.db"
    async with Ledger.open(other, command="load") as ledger:
        await ledger.append([RunStarted(command="load")])
    with closing(sqlite3.connect(other)) as there, closing(sqlite3.connect(console.ledger)) as here:
        there.backup(here)
    until = time.monotonic() + 10
    while console.api()["position"] != 2 or len(console.api("/runs")["items"]) != 1:
        assert time.monotonic() < until
        await anyio.sleep(0.05)
    assert sum(console.api()["stages"].values()) == 2


def _ready(console: Shown) -> dict[str, Any]:
    until = time.monotonic() + 10
    while (told := console.api())["books"] is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    found: dict[str, Any] = told
    return found
