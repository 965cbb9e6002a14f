"""demo: the whole story on made-up exports and the embedded Twenty: load, kill, resume, verify, roll back, prove."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
import msgspec
import rich_click as click

from adapters.kartra.sample import write_sample
from adapters.sandbox.dump import dump
from commands import reporting
from commands.errors import CommandError, WrongUse
from commands.load import Loaded
from commands.options import Options, general
from commands.resume import resume
from commands.rollback import roll_back
from commands.running import run
from ledger.errors import LedgerMissing
from ledger.reader import Reader
from ledger.verifying import verify

_CLI = (sys.executable, "-c", "from commands.main import main; main()")
_SLOW_MS = 80
"""How long the embedded Twenty takes for a call here: about what a real one takes, so that there is a half-way."""


class DemoFailed(CommandError):
    """Something the demo promises did not hold: a defect."""

    code = "demo_failed"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo saw."""

    contacts: int
    people: int
    companies: int
    held: int
    written_when_killed: int
    written_after_resume: int
    events_verified: int
    traces_removed: int
    as_before: bool


class Demo:
    """One telling of the story, in a folder of its own."""

    def __init__(self, folder: Path, contacts: int, seed: int, say: Callable[[str], None]) -> None:
        self._exports = folder / "exports"
        self._database = folder / "sandbox.db"
        self._key_file = folder / "key"
        self._contacts = contacts
        self._seed = seed
        self._say = say
        self._options = Options()
        self._options.ledger = folder / "ledger.db"
        self._options.api_key_file = self._key_file

    async def tell(self) -> Told:
        """Load, kill, resume, verify, roll back, compare; every number is read from Twenty or the ledger."""
        sample = await anyio.to_thread.run_sync(write_sample, self._exports, self._contacts, self._seed)
        rows = sum(count for _, count in sample.files)
        self._say(
            f"1. {len(sample.files)} Kartra exports of {self._contacts} contacts: {rows} rows, some of them awkward"
        )
        async with self._twenty():
            before = await anyio.to_thread.run_sync(dump, self._database)
            killed = await self._load_and_kill(sample.people)
            loaded = await self._resume(sample.people)
            found = await verify(self._options.ledger)
            self._say(
                f"4. verify: {found.events} events, {found.payloads} bodies, the chain is whole; head {found.head}"
            )
            traces = await self._roll_back()
            after = await anyio.to_thread.run_sync(dump, self._database)
        if before != after:
            raise DemoFailed("the embedded Twenty is not as it was before the load; please report this")
        lines = len(before.splitlines())
        self._say(f"6. the database of the embedded Twenty, dumped before and after: {lines} lines, not one differs")
        return Told(
            contacts=self._contacts,
            people=sample.people,
            companies=sample.companies,
            held=loaded.open_holds,
            written_when_killed=killed,
            written_after_resume=sum(loaded.written.created.values()),
            events_verified=found.events,
            traces_removed=traces,
            as_before=True,
        )

    @asynccontextmanager
    async def _twenty(self) -> AsyncIterator[None]:
        """The embedded Twenty as a process of its own, which outlives the load that is killed."""
        key = secrets.token_hex(16)
        self._key_file.touch(mode=0o600)
        self._key_file.write_text(key, encoding="utf-8")
        command = [*_CLI, "sandbox", "serve", "--port", "0", "--db", str(self._database), "--fault", f"slow={_SLOW_MS}"]
        environment = {**os.environ, "SANDBOX_API_KEY": key}
        async with await anyio.open_process(command, env=environment, stderr=None) as process:
            try:
                self._options.twenty_url = await _url(process)
                yield
            finally:
                process.terminate()

    async def _load_and_kill(self, people: int) -> int:
        """Start a load as a process of its own and kill it when about half of the people are written."""
        command = [*_CLI, "--ledger", str(self._options.ledger), "--twenty-url", str(self._options.twenty_url)]
        command += ["--api-key-file", str(self._key_file), "load", str(self._exports)]
        command += ["--accept-defaults", "--automations", "leave"]
        async with await anyio.open_process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while (written := await self._written()) < people // 2:
                if process.returncode is not None:
                    raise DemoFailed(
                        f"the load ended with {process.returncode} before it could be killed; run it again"
                    )
                await anyio.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        self._say(f"2. a load, in a process of its own, was killed (SIGKILL) with {written} of {people} people written")
        return written

    async def _written(self) -> int:
        try:
            async with Reader.open(self._options.ledger) as reader:
                statement = "SELECT count(*) FROM record WHERE object = 'person' AND state = 'written'"
                return int(await reader.scalar(statement))
        except LedgerMissing:
            return 0

    async def _resume(self, people: int) -> Loaded:
        """Go on, and count what Twenty holds: every person once."""
        loaded = await resume(self._options, None)
        if not isinstance(loaded, Loaded):
            raise DemoFailed("there was nothing to resume; please report this")
        counted = {one.object: one.created for one in loaded.books.records}
        if counted.get("person") != people:
            raise DemoFailed(f"{counted.get('person')} people are written, {people} should be; please report this")
        self._say(
            f"3. resume wrote the other {sum(loaded.written.created.values())} records: {counted['person']} people and"
            f" {counted['company']} companies, each once; {loaded.open_holds} rows wait for a person (`holds`)"
        )
        return loaded

    async def _roll_back(self) -> int:
        done = await roll_back(self._options, None, patience_s=60, force=False)
        if not done.proof.exact:
            raise DemoFailed("the rollback is not exact; please report this")
        asked, traces = sum(done.proof.asked.values()), done.traces["runs"] + done.traces["timeline"]
        self._say(
            f"5. rollback: {sum(done.destroyed.values())} records and {traces} traces taken back; of {asked} ids asked"
            " for afterwards, none answered"
        )
        return traces


async def _url(process: anyio.abc.Process) -> str:
    if process.stdout is None:
        raise DemoFailed("the embedded Twenty has no output; please report this")
    line = (await process.stdout.receive()).decode()
    return line.split()[-1]


def _make_empty(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise WrongUse(f"{out} is not empty; name a new folder")
    except OSError as refusal:
        raise WrongUse(f"{out} cannot be written ({refusal.strerror}); name another folder") from refusal


async def demo(out: Path | None, contacts: int, seed: int, say: Callable[[str], None]) -> Told:
    """Tell the story in `out`, or in a temporary folder that goes afterwards."""
    folder = out or Path(tempfile.mkdtemp(prefix="kartra-to-twenty-"))
    if out is not None:
        _make_empty(out)
    try:
        return await Demo(folder, contacts, seed, say).tell()
    finally:
        if out is None:
            shutil.rmtree(folder)


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path), help="Keep ledger, exports and sandbox in this new folder.")
@click.option("--contacts", type=click.IntRange(200), default=1000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@general
@click.pass_obj
def command(options: Options, out: Path | None, contacts: int, seed: int) -> None:
    """The whole story on made-up exports: load, kill, resume, verify, roll back, prove.

    Example:  kartra-to-twenty demo --contacts 300
    """
    say = (lambda text: click.echo(text, err=True)) if options.as_json else reporting.line
    told = run(options, lambda: demo(out, contacts, seed, say))
    if options.as_json:
        reporting.document(told)
