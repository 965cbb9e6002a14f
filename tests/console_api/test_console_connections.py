"""The connections of a console: few, kept, and unable to write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from adapters.console.errors import NotFound
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
def made() -> Iterator[list[Any]]:
    """The connections that are made from now on."""
    seen: list[Any] = []

    def connect(connection: Any, _record: object) -> None:
        seen.append(connection)

    event.listen(Engine, "connect", connect)
    yield seen
    event.remove(Engine, "connect", connect)


async def test_a_question_with_no_answer_costs_no_connection(shown: Shown, made: list[Any]) -> None:
    """However many ask for what is not there, those that there are do for them."""
    for number in range(30):
        assert shown.failure(f"/api/v1/ledgers/ledger/runs/{number}", 404)["code"] == "not_found"
    assert len(made) <= 4


async def test_a_connection_is_used_again_after_whatever_went_wrong(
    history: Path, tmp_path: Path, made: list[Any]
) -> None:
    """Only an error of the ledger's own lets go of one; and in the end none is left."""
    opened = OpenLedger("ledger", copied(history, tmp_path).options.ledger)
    async with opened.at_work():
        for error in (NotFound("nothing"), RuntimeError()) * 4:
            with pytest.raises(type(error)):
                async with opened.reading():
                    raise error
        assert len(made) <= 2
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
