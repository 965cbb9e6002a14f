"""A small ledger that real commands made, and a real server that shows it."""

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from adapters.console.access import access_to
from adapters.console.serve import serve
from commands import session
from commands.compensation import waiting
from commands.compensation.scope import Wanted
from commands.reconcile import reconcile
from commands.showing import settings_of
from tests.delta.accounts import export
from tests.journey.world import Journey

CONTACTS = 24
_SLOW_S = 30.0

DUA = {
    "id": "901", "email": "dua@kartra.example", "first_name": "Dúa", "last_name": "Örtegaß", "phone": "+4930901877",
    "company": "", "city": "Smyrnadorf", "score": "3",
}  # fmt: skip
"""A person whose name has letters that ASCII does not know."""
PERCENT = {**DUA, "id": "902", "email": "percent@kartra.example", "first_name": "100%", "last_name": r"a_b\c",
           "phone": "+4930901878"}  # fmt: skip
PLAIN = {**DUA, "id": "903", "email": "plain@kartra.example", "first_name": "100x", "last_name": "axbyc",
         "phone": "+4930901879"}  # fmt: skip
HELD = {**DUA, "id": "904", "email": "nobody at all", "first_name": "Heldegard", "last_name": "Wartezeit",
        "phone": "+4930901880"}  # fmt: skip
OWN = (DUA, PERCENT, PLAIN, HELD)
"""Contacts beside those of the sample."""


async def make(folder: Path) -> Journey:
    """A whole history: a sample loaded, a delta, a comparison with Twenty, and part of it taken back."""
    journey = Journey(folder)
    journey.settings["timeline_delay_s"] = 0.05
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_embedded", journey.embedded)
        patch.setattr(waiting, "POLL_S", 0.05)
        await journey.load(journey.sample(CONTACTS, everything=True), "pause")
        await journey.delta(export(journey, 20, OWN))
        await journey.delta(export(journey, 21, [{**one, "score": "9"} for one in OWN]))
        await reconcile(journey.options, None, 1, (), None)
        [(run,)] = journey.ledger_rows("SELECT run_id FROM event WHERE type = 'RecordUpdated' GROUP BY run_id")
        await journey.roll_back(run)
        await journey.roll_back(wanted=Wanted(objects=("kartraAffiliate",)))
    return journey


def made_once(base: Path) -> Path:
    """The folder of a history made once for every worker of a test run: copy from it, and never write to it."""
    folder = base / "console-history"
    with (base / "console-history.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with start_blocking_portal() as portal:
                portal.call(make, folder)
            (folder / "done").touch()
    return folder


def copied(folder: Path, to: Path) -> Journey:
    """A history of one's own, to go on with."""
    for name in ("ledger.db", "sandbox.db"):
        shutil.copy(folder / name, to / name)
    journey = Journey(to)
    journey.settings["timeline_delay_s"] = 0.05
    return journey


def rows_of(ledger: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Read a ledger as any SQLite client would."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        return connection.execute(statement, values).fetchall()


class Shown:
    """A console that runs: its client, and the ledgers it shows."""

    def __init__(self, port: int, ledgers: tuple[Path, ...]) -> None:
        self.port = port
        self.ledgers = ledgers
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=_SLOW_S)

    @property
    def ledger(self) -> Path:
        """The first of the ledgers."""
        return self.ledgers[0]

    def api(self, path: str = "", slug: str = "ledger", **query: Any) -> Any:
        """What the API answers about a ledger."""
        answer = self.client.get(f"/api/v1/ledgers/{slug}{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, walked page by page."""
        items: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.api(path, **query, **cursor)
            items += page["items"]
            if page["next"] is None:
                return items
            assert page["items"]
            cursor = {"cursor": page["next"]}

    def failure(self, path: str, status: int, **query: Any) -> dict[str, str]:
        """What the API says in refusing something."""
        answer = self.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        error: dict[str, str] = json.loads(answer.text)["error"]
        assert set(error) == {"code", "message"}
        return error


@contextmanager
def showing(*ledgers: Path, tokens: Path, mask: bool = False, login: bool = False) -> Iterator[Shown]:
    """A console over some ledgers, behind a real socket and its guard."""
    settings = settings_of(ledgers, mask=mask, twenty_url=None)
    access = access_to(tokens, host="127.0.0.1", login=login)
    with start_blocking_portal() as portal:
        began, port = portal.start_task(_serve, settings, access)
        shown = Shown(port, ledgers)
        try:
            yield shown
        finally:
            shown.client.close()
            began.cancel()


async def _serve(settings: Any, access: Any, *, task_status: Any) -> None:
    await serve(settings, access, host="127.0.0.1", port=0, on_ready=task_status.started)
