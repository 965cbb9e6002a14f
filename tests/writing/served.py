"""The embedded Twenty over HTTP, and what stands in the ledger whenever a batch comes to it."""

import json
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import NamedTuple

import anyio
import uvicorn

from tests.journey.world import Journey

BATCH = 5


class Moment(NamedTuple):
    """A batch in Twenty's hands: its records, how many the ledger intends, and how many batches have no outcome yet."""

    stage: str
    ids: tuple[str, ...]
    intended: int
    open_batches: int


class Watch:
    """Looks into the ledger file whenever a batch of people has come, and whenever it is in Twenty."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self.moments: list[Moment] = []
        journey.settings["on_request"] = self.look

    def look(self, stage: str, body: bytes) -> None:
        """Note a moment."""
        call = json.loads(body)
        if not call["query"].startswith("mutation($d:[PersonCreateInput!]!)"):
            return
        ids = tuple(row["id"] for row in call["variables"]["d"])
        with closing(sqlite3.connect(self._journey.options.ledger)) as connection:
            [intended] = connection.execute(
                """SELECT count(*) FROM record
                   WHERE state = 'intended' AND twenty_id IN (SELECT value FROM json_each(?))""",
                [json.dumps(ids)],
            ).fetchone()
            [batches] = connection.execute(
                "SELECT count(DISTINCT intent) FROM record WHERE state = 'intended'"
            ).fetchone()
        self.moments.append(Moment(stage, ids, intended, batches))

    @property
    def arrived(self) -> list[Moment]:
        """The moments at which a batch came."""
        return [one for one in self.moments if one.stage == "before"]


@asynccontextmanager
async def served(journey: Journey) -> AsyncIterator[None]:
    """Serve the journey's Twenty, as its settings are now, while the block runs."""
    app = journey.embedded(journey.options)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))  # type: ignore[arg-type]
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        journey.options.twenty_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listening])
            try:
                yield
            finally:
                server.should_exit = True
    app.close()
