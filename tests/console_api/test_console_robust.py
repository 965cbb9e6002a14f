"""What takes too long, fails aside, or is gone: it ends, it is told, and the console goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from structlog.testing import capture_logs

from adapters.console import opened as opened_module
from adapters.console import pool, proof
from adapters.console.access.tokens import add, revoke
from adapters.console.errors import Refused, TooLong
from adapters.console.opened import OpenLedger
from adapters.console.pool import Turn
from ledger.errors import LedgerDamaged
from ledger.events import RunResumed
from ledger.reader import Reader
from ledger.store import Ledger
from tests.console_api.world import Shown, copied, rows_of, showing

pytestmark = pytest.mark.anyio

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
SECRET = "ann.private@x.example"


@pytest.fixture
def own(history: Path, tmp_path: Path) -> Path:
    """A ledger of the test's own."""
    return copied(history, tmp_path).options.ledger


def test_what_takes_too_long_is_told(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 and a sentence, as data and as a page; then the connection does for the next one."""

    async def endless(reader: Reader, *_: Any) -> None:
        await reader.rows(ENDLESS)

    monkeypatch.setattr(opened_module, "PAGE_S", 0.3)
    with monkeypatch.context() as patch:
        patch.setattr("adapters.console.api.list_files", endless)
        patch.setattr("adapters.console.pages.browsing.list_files", endless)
        for _ in range(6):
            assert shown.failure("/api/v1/ledgers/ledger/files", 503)["code"] == "too_long"
        page = shown.client.get("/ledgers/ledger/files")
        assert (page.status_code, "takes too long" in page.text) == (503, True)
    assert shown.client.get("/ledgers/ledger/files").status_code == 200


async def test_who_waits_for_a_connection_too_long_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody waits behind who waits for ever."""
    monkeypatch.setattr(pool, "_QUEUE_S", 0.2)
    many = pool.Pool(own)

    async def hold() -> None:
        async with many.reading(Turn()) as reader:
            await reader.head()
            await anyio.sleep(1)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(hold)
        await anyio.sleep(0.1)
        with pytest.raises(TooLong):
            async with many.reading(Turn(5)):
                pass
    await many.close()


async def test_errors_aside_end_nothing(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told in the log by kind and place, never by its text; what is asked next is answered."""
    opened = OpenLedger("ledger", own)

    async def broken(*_: Any) -> None:
        raise RuntimeError(SECRET)

    async def refused(*_: Any) -> None:
        raise Refused("no such scope")

    with capture_logs() as logs:
        async with opened.at_work():
            assert opened.latest is not None
            head = opened.latest.head
            opened.aside(broken)
            slow = opened.plan("broken", broken)
            told: list[type[Exception]] = []

            async def ask() -> None:
                try:
                    await slow.get(head)
                except RuntimeError as error:
                    told.append(type(error))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                tasks.start_soon(ask)
            assert told == [RuntimeError] * 2
            with pytest.raises(Refused):
                await opened.plan("refused", refused).get(head)
            monkeypatch.setattr(proof, "_COMMAND", ("-c", f"print('{SECRET}')"))
            steps = [step async for step in opened.proof.follow(None)]
            assert [one.code for one in steps] == ["stopped"]
            monkeypatch.setattr(OpenLedger, "_look", broken)
            await anyio.sleep(2.2)
            async with opened.reading() as reader:
                assert await reader.head() == head
    assert SECRET not in json.dumps(logs, default=str)
    said = [one["event"] for one in logs if one["log_level"] == "error"]
    assert sorted(said) == [
        "a count failed", "a ledger cannot be followed", "a recomputation failed", "work aside failed",
    ]  # fmt: skip


def test_a_ledger_that_cannot_be_read_is_called_by_its_word(own: Path, tmp_path: Path) -> None:
    """Its path is told to nobody who reads; and once it can be read again, it is."""
    with showing(own, tokens=tmp_path / "console.toml") as shown:
        away = own.rename(tmp_path / "away.db")
        message = shown.failure("/api/v1/ledgers/ledger/files", 503)["message"]
        assert str(tmp_path) not in message
        assert "ledger" in message
        assert str(tmp_path) not in shown.client.get("/ledgers/ledger").text
        away.rename(own)
        assert shown.client.get("/api/v1/ledgers/ledger/files").status_code == 200
    there = OpenLedger("word", own)
    assert str(own.parent) not in there.named(str(LedgerDamaged(own.with_name("ledger.db-wal"), str(own.parent))))


async def test_runs_are_counted_as_of_the_answer(own: Path, tmp_path: Path) -> None:
    """An event that came just before is counted, without waiting for the next look at the ledger."""
    with showing(own, tokens=tmp_path / "console.toml") as shown:
        for _ in range(3):
            async with Ledger.open(own, command="test") as ledger:
                await ledger.append([RunResumed()])
            [(events,)] = rows_of(own, "SELECT count(*) FROM event WHERE run_id IN (SELECT run_id FROM run)")
            assert sum(one["events"] for one in shown.api("/runs", limit=500)["items"]) == events


@pytest.fixture
def told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A recomputation that writes down how it was begun, and waits."""
    seen = tmp_path / "seen.json"
    code = (
        "import json, os, sys, time\n"
        f"there = open({str(seen)!r}, 'w')\n"
        "told = {'args': sys.argv, 'env': dict(os.environ), 'pid': os.getpid(), 'asked': sys.stdin.readline()}\n"
        "json.dump(told, there)\n"
        "there.close()\n"
        "print(json.dumps({'part': 'chain', 'position': 1}), flush=True)\n"
        "sys.stdin.read()\n"
    )
    monkeypatch.setattr(proof, "_COMMAND", ("-c", code))
    monkeypatch.setenv("TWENTY_API_KEY", SECRET)
    return seen


async def test_a_recomputation_knows_no_more_than_it_needs(own: Path, told_apart: Path) -> None:
    """No key of ours is in its environment, and neither ledger nor head on its command line."""
    opened = OpenLedger("ledger", own)
    async with opened.at_work():
        assert opened.latest is not None
        steps = opened.proof.follow(opened.latest.head)
        assert (await anext(steps)).part == "chain"
        seen = json.loads(told_apart.read_text())
        opened.proof.stop()
        assert (await anext(steps)).code == "stopped"
    assert set(seen["env"]) <= {"PATH", "LANG", "LC_CTYPE"}
    assert str(own) not in str(seen["args"])
    assert json.loads(seen["asked"])["ledger"] == str(own)
    assert not Path(f"/proc/{seen['pid']}").exists()


def test_a_recomputation_ends_with_the_console(own: Path) -> None:
    """Killed outright, the console leaves no process that reads the ledger on; and nothing is printed."""
    code = (
        "import subprocess, sys, time\n"
        "from adapters.console.proof import Asked\n"
        "import msgspec, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-I', '-c', "
        "'import adapters.console.proving as p, time; p.verify = lambda *a, **k: time.sleep(60); p._main()'], "
        "stdin=subprocess.PIPE)\n"
        f"child.stdin.write(msgspec.json.encode(Asked(ledger={str(own)!r}, expect=None)) + b'\\n')\n"
        "child.stdin.flush()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout is not None
        child = int(one.stdout.readline())
        time.sleep(1.5)
        assert Path(f"/proc/{child}").exists()
        os.kill(one.pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while _runs(child):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert one.communicate()[1] == ""


def _runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("path", ["/ledgers/ledger/live", "/ledgers/ledger/verify/run"])
def test_a_stream_ends_when_its_token_is_revoked(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """At its next step, over a real connection."""
    code = (
        "import sys, time\n"
        "for _ in range(40):\n"
        '    print(\'{"part": "chain", "position": 1}\', flush=True)\n'
        "    time.sleep(.2)"
    )
    monkeypatch.setattr(proof, "_COMMAND", ("-c", code))
    monkeypatch.setattr("adapters.console.live._QUIET_S", 0.2)
    tokens = tmp_path / "console.toml"
    secret = add(tokens, "ann")
    with (
        showing(own, tokens=tokens, login=True) as shown,
        httpx.Client(base_url=shown.url, headers={"Authorization": f"Bearer {secret}"}, timeout=10) as client,
        client.stream("GET", path) as answer,
    ):
        parts = answer.iter_bytes()
        next(parts)
        revoke(tokens, "ann")
        began = time.monotonic()
        with pytest.raises(httpx.RemoteProtocolError):
            for _ in parts:
                pass
        assert time.monotonic() - began < 3
