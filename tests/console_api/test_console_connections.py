"""The connections of a console: few, kept, and unable to write."""

from pathlib import Path
from typing import Any

import aiosqlite
import anyio
import msgspec
import pytest

from adapters.console.errors import NotFound
from adapters.console.live import _news
from adapters.console.opened import OpenLedger
from ledger.connections import _OPEN
from ledger.errors import LedgerUnwritable
from tests.console_api.world import Shown, copied

pytestmark = pytest.mark.anyio


def connections(ledger: Path) -> int:
    """How many connections this process has to a ledger."""
    there = ledger.stat()
    return _OPEN[there.st_dev, there.st_ino]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The connections that are made from now on, by what they open."""
    seen: list[str] = []
    connect = aiosqlite.connect

    def counting(database: str, **settings: Any) -> aiosqlite.Connection:
        seen.append(database)
        return connect(database, **settings)

    monkeypatch.setattr(aiosqlite, "connect", counting)
    return seen


async def test_a_question_with_no_answer_costs_no_connection(shown: Shown, made: list[str]) -> None:
    """However many ask for what is not there, those that there are do for them."""
    for number in range(30):
        assert shown.failure(f"/api/v1/ledgers/ledger/runs/{number}", 404)["code"] == "not_found"
    assert len(made) <= 4


async def test_a_connection_is_used_again_after_whatever_went_wrong(
    history: Path, tmp_path: Path, made: list[str]
) -> None:
    """Only an error of the ledger's own lets go of one; and in the end none is left."""
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    async with opened.at_work():
        for error in (NotFound("nothing"), RuntimeError()) * 4:
            with pytest.raises(type(error)):
                async with opened.reading():
                    raise error
        assert 1 <= len(made) <= 2
        with pytest.raises(LedgerUnwritable):
            async with opened.reading():
                raise LedgerUnwritable(opened.path, "the disk is gone")
        assert connections(opened.path) <= 1
    assert connections(opened.path) == 0


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO meta VALUES ('a', 'b')", "DELETE FROM record", "DROP TABLE hold", "CREATE TABLE mine (a)",
     "PRAGMA user_version = 9", "UPDATE run SET actor = 'x'"],
)  # fmt: skip
async def test_no_connection_can_write(history: Path, statement: str) -> None:
    """SQLite itself refuses: the file is opened for reading."""
    opened = OpenLedger("ledger", history / "ledger.db")
    async with opened.at_work(), opened.reading() as reader:
        with pytest.raises(LedgerUnwritable):
            await reader.rows(statement)


async def test_a_connection_that_could_grow_stale_is_not_kept(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes the file for unchanging, in a folder of another's, is let go behind each page."""
    monkeypatch.setattr("adapters.console.pool.is_fleeting", lambda _path: True)
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    async with opened.at_work():
        for _ in range(3):
            async with opened.reading() as reader:
                await reader.head()
                assert connections(opened.path) >= 1
        monkeypatch.setattr(opened, "_look", anyio.sleep_forever)
        await anyio.sleep(1.2)
        assert connections(opened.path) == 0


async def test_news_that_comes_while_news_is_sent_is_not_missed(history: Path, tmp_path: Path) -> None:
    """What changed meanwhile is told at once, not when the line would have been quiet for long; all share one look."""
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    async with opened.at_work():
        assert opened.latest is not None
        streams = [_news(opened) for _ in range(3)]
        for one in streams:
            await anext(one)
        opened.latest = msgspec.structs.replace(opened.latest, counted=7)
        opened.changed.set()
        opened.changed = anyio.Event()
        with anyio.fail_after(2):
            for one in streams:
                assert b'"position":7' in (await anext(one)).encode()
        for one in streams:
            await one.aclose()
