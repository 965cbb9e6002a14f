"""One migration to be killed: exports, a ledger, and an embedded Twenty as a process of its own."""

import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from adapters.sandbox.dump import dump
from adapters.sandbox.engine import Sandbox
from adapters.sandbox.settings import SandboxSettings
from ledger.errors import LedgerBlank, LedgerMissing
from ledger.reader import check_header
from tests.crash.processes import Command, Ended, Zygote
from tests.crash.zygote import Start

KEY = "crash-key"
RATE = "100000/60"
DONE, REFUSED, UNDONE, UNREACHABLE, UNWRITABLE, INTERRUPTED, KILLED = 0, 2, 3, 5, 8, 130, -signal.SIGKILL

_PATIENCE = 30.0
_TRIGGER = re.compile(r'^INSERT INTO "workflowAutomatedTrigger" .*$', re.MULTILINE)


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration begins with: made-up exports and what must come of them, and a new workspace.

    `born` is the workspace as it was made. With `ledger` the migration begins as that ledger and `database` stand.
    """

    exports: Path
    truth: dict[str, Any]
    born: Path
    database: Path
    ledger: Path | None = None

    @property
    def people(self) -> dict[str, str | None]:
        """E-mail → key of the company."""
        return {one["email"]: one["company"] for one in self.truth["people"]}

    @property
    def companies(self) -> set[str]:
        """The companies' keys."""
        return {one["key"] for one in self.truth["companies"]}

    @property
    def others(self) -> list[list[tuple[str | None, ...]]]:
        """Transactions, subscriptions, affiliates, tasks and notes: what tells each, and the e-mail of its person."""
        truth = self.truth
        return [
            [(one["fields"]["kartraTransactionId"], one["person"], one["company"]) for one in truth["opportunities"]],
            [(one["fields"]["kartraId"], one["person"]) for one in truth["subscriptions"]],
            [(one["fields"]["username"], one["person"]) for one in truth["affiliates"]],
            [(one["fields"]["title"], one["fields"]["dueAt"], one["person"]) for one in truth["tasks"]],
            [(one["fields"]["bodyV2"]["markdown"], one["person"]) for one in truth["notes"]],
        ]


class Migration:
    """A folder with a ledger and a workspace, and the commands that work on them."""

    def __init__(self, folder: Path, template: Template, zygote: Zygote, how: str = "pause") -> None:
        folder.mkdir()
        self.ledger = folder / "ledger.db"
        self.database = folder / "sandbox.db"
        self.template = template
        self.how = how
        self._folder = folder
        self._zygote = zygote
        self._started = 0
        self._port = 0
        self._server: Command | None = None
        shutil.copy(template.database, self.database)
        if template.ledger is not None:
            shutil.copy(template.ledger, self.ledger)

    # --- Twenty ------------------------------------------------------------------------------------------------------

    @contextmanager
    def twenty(self, *faults: str, seed: int = 0) -> Iterator[None]:
        """The embedded Twenty, serving while the block runs, with faults on request (`drop-after=0.2`)."""
        self.start_twenty(*faults, seed=seed)
        try:
            yield
        finally:
            self.stop_twenty(signal.SIGTERM)

    def start_twenty(self, *faults: str, seed: int = 0) -> None:
        """Serve, on the port served on before if there was one."""
        args = ["sandbox", "serve", "--db", str(self.database), "--api-key", KEY, "--rate-limit", RATE]
        args += ["--port", str(self._port), "--seed", str(seed)]
        self._server = self._start([*args, *(word for fault in faults for word in ("--fault", fault))])
        until = time.monotonic() + _PATIENCE
        while not (said := self._server.output.read_text() if self._server.output.exists() else "").endswith("\n"):
            assert time.monotonic() < until, "the embedded Twenty does not serve"
            time.sleep(0.005)
        self._port = int(said.rpartition(":")[2])

    def stop_twenty(self, number: int) -> None:
        """End the serving by a signal."""
        assert self._server is not None
        self._server.signal(number)
        self._zygote.wait(self._server)

    @property
    def url(self) -> str:
        """Where Twenty serves."""
        return f"http://127.0.0.1:{self._port}"

    # --- commands ----------------------------------------------------------------------------------------------------

    def run(self, *args: str, **start: Any) -> Ended:
        """Run a command to its end."""
        return self.wait(self.start(*args, **start))

    def start(self, *args: str, **start: Any) -> Command:
        """Start a command on this ledger and this Twenty."""
        return self._start(["--ledger", str(self.ledger), *args], **start)

    def wait(self, command: Command) -> Ended:
        """Wait for a command's end."""
        return self._zygote.wait(command)

    def load(self, exports: Path | None = None, **start: Any) -> Command:
        """Start a load."""
        folder = str(exports or self.template.exports)
        return self.start("load", folder, "--accept-defaults", "--automations", self.how, **start)

    def go_on(self, most: int = 1) -> Ended:
        """Resume a load, or begin it again where it is not on record yet; again while Twenty fails, `most` times."""
        for _ in range(most):
            ended = self.run("resume")
            if not self._is_begun:
                assert ended.out == "nothing to resume\n" or ended.code == REFUSED, ended.err
                ended = self.wait(self.load())
            if ended.code != UNREACHABLE:
                break
        return ended

    @property
    def _is_begun(self) -> bool:
        """Whether a run is on record; the ledger may not be made yet, or its making was cut short."""
        try:
            check_header(self.ledger)
        except (LedgerMissing, LedgerBlank):
            return False
        return bool(self.asked("SELECT 1 FROM run"))

    def _start(self, args: Sequence[str], **start: Any) -> Command:
        self._started += 1
        output = self._folder / f"{self._started:03}.out"
        env = {"TWENTY_URL": self.url, "TWENTY_API_KEY": KEY}
        return self._zygote.start(Start(args=list(args), env=env, output=str(output), **start))

    # --- what is there ----------------------------------------------------------------------------------------------

    def dump(self) -> str:
        """Twenty's whole database as text, its queue worked off; not while it serves."""
        sandbox = Sandbox(SandboxSettings(db=str(self.database)))
        sandbox.settle()
        sandbox.close()
        return dump(self.database)

    def query(self, database: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a database, read by a plain client."""
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def asked(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        return self.query(self.ledger, statement, *values)

    def told(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of Twenty's database."""
        return self.query(self.database, statement, *values)


def without_trigger(text: str) -> str:
    """A dump without the paused trigger's own row: what of it cannot be put back is compared by itself."""
    return _TRIGGER.sub("", text)
