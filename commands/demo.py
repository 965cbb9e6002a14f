"""demo: the whole story on made-up exports and the embedded Twenty, from the audit to the proof of the rollback."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import msgspec
import rich_click as click

from adapters.kartra.sample import write_sample
from adapters.kartra.sample.later import write_later_contacts
from adapters.sandbox.dump import dump
from commands import reporting
from commands.errors import UNDONE, CommandError, WrongUse
from commands.loading import Loaded
from commands.objects import in_order
from commands.options import Options, general
from commands.resume import resume
from commands.rollback import roll_back
from commands.running import run
from ledger.errors import LedgerMissing
from ledger.reader import Reader
from ledger.verifying import verify

_CLI = (sys.executable, "-c", "from commands.main import main; main()")
_SAMPLED = 100
_LATER_POINTS = 4_321
_LATER_CONTACTS = 40
_SLOW_MS = 80
"""How long the embedded Twenty takes for a call here: about what a real one takes, so that there is a half-way."""


class DemoFailed(CommandError):
    """Something the demo promises did not hold: a defect."""

    code = "demo_failed"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo saw; `records` counts what Twenty held of each object when all was written."""

    contacts: int
    rows: int
    sampled: int
    records: dict[str, int]
    held: int
    sequences: int
    written_when_killed: int
    written_after_resume: int
    changed: int
    compared: int
    events_verified: int
    traces_removed: int
    as_before: bool


class Demo:
    """One telling of the story, in a folder of its own."""

    def __init__(self, folder: Path, contacts: int, seed: int, say: Callable[[str], None]) -> None:
        self._folder = folder
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
        """Tell it from the audit to the comparison of both dumps; every number is read, none is known."""
        write = partial(write_sample, self._exports, self._contacts, self._seed, everything=True)
        sample = await anyio.to_thread.run_sync(write)
        rows = sum(count for _, count in sample.files)
        self._say(f"{len(sample.files)} Kartra exports of {self._contacts} contacts: {rows} rows, some awkward")
        await self._audit()
        async with self._twenty():
            before = await anyio.to_thread.run_sync(dump, self._database)
            await self._plan()
            sampled = await self._load_sample()
            killed = await self._load_and_kill(sample.people)
            loaded = await self._resume(sample.people)
            changed = await self._delta()
            compared = await self._reconcile()
            sequences = await self._inventory()
            found = await verify(self._options.ledger)
            self._say(f"verify: {found.events} events, {found.payloads} bodies, the chain is whole; head {found.head}")
            traces = await self._roll_back()
            after = await anyio.to_thread.run_sync(dump, self._database)
        if before != after:
            raise DemoFailed("the embedded Twenty is not as it was before the load; please report this")
        lines = len(before.splitlines())
        self._say(f"the database of the embedded Twenty, dumped before and after: {lines} lines, not one differs")
        return Told(
            contacts=self._contacts,
            rows=rows,
            sampled=sampled,
            records={one.object: one.created for one in loaded.books.records},
            held=loaded.open_holds,
            sequences=sequences,
            written_when_killed=killed,
            written_after_resume=sum(loaded.written.created.values()),
            changed=changed,
            compared=compared,
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

    async def _audit(self) -> None:
        found = await self._command("audit", str(self._exports), "--out", str(self._folder / "audit"))
        self._say(
            f"audit: {found['contacts']['clean']} clean contacts; what migrates, and what cannot, is in audit.html"
        )

    async def _plan(self) -> None:
        await self._command("plan", str(self._exports))
        await self._command("confirm", "--yes")
        self._say("plan: mapping.toml is proposed from the files and signed; no record moves under an unsigned one")

    async def _load_sample(self) -> int:
        loaded = await self._command(*self._load, "--sample", str(_SAMPLED))
        written = loaded["written"]["created"]
        self._say(
            f"load --sample: {written['person']} people of every kind, and what is theirs:"
            f" {sum(written.values())} records"
        )
        return int(written["person"])

    async def _inventory(self) -> int:
        found = await self._command("inventory", "--out", str(self._folder / "inventory"))
        sequences = len(found["sequences"])
        self._say(f"inventory: {sequences} sequences to be rebuilt by hand, as forms to fill in")
        return sequences

    @property
    def _load(self) -> tuple[str, ...]:
        return ("load", str(self._exports), "--automations", "leave")

    def _line(self, *arguments: str) -> list[str]:
        """A command line on the demo's own ledger, mapping and Twenty."""
        line = [*_CLI, "--json", "--ledger", str(self._options.ledger)]
        if arguments[0] in ("plan", "confirm", "load", "delta"):
            line += ["--mapping", str(self._folder / "mapping.toml")]
        if self._options.twenty_url and arguments[0] in ("plan", "load", "delta", "reconcile"):
            line += ["--twenty-url", self._options.twenty_url, "--api-key-file", str(self._key_file)]
        return [*line, *arguments]

    async def _command(self, *arguments: str) -> Any:
        """Run a command as an operator would, and read the document it prints."""
        done = await anyio.run_process(self._line(*arguments), check=False)
        if done.returncode not in (0, UNDONE):
            raise DemoFailed(f"{arguments[0]} ended with {done.returncode}: {done.stderr.decode().strip()}")
        return msgspec.json.decode(done.stdout)

    async def _load_and_kill(self, people: int) -> int:
        """Start a load as a process of its own and kill it when about half of the people are written."""
        command = self._line(*self._load)
        async with await anyio.open_process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while (written := await self._written()) < people // 2:
                if process.returncode is not None:
                    raise DemoFailed(
                        f"the load ended with {process.returncode} before it could be killed; run it again"
                    )
                await anyio.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        self._say(f"load: killed (SIGKILL) with {written} of {people} people written")
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
            f"resume: wrote the other {sum(loaded.written.created.values())}, each once;"
            f" {loaded.open_holds} rows wait for a person"
        )
        self._say("  " + ", ".join(f"{counted[name]} {name}" for name in in_order(counted)))
        return loaded

    async def _delta(self) -> int:
        """Kartra went on: a later contacts export, in which some have other points."""
        later = self._folder / "later"
        await anyio.to_thread.run_sync(write_later_contacts, self._exports, later, _LATER_POINTS, _LATER_CONTACTS)
        found = await self._command("delta", str(later), "--automations", "leave")
        changed = int(found["written"]["updated"]["person"])
        self._say(f"delta: {changed} contacts have other points in a later export; nothing else was sent")
        return changed

    async def _reconcile(self) -> int:
        found = await self._command("reconcile")
        compared = sum(found["compared"].values())
        if found["unlike"] or found["imbalances"]:
            raise DemoFailed("Twenty does not hold what was written; please report this")
        self._say(f"reconcile: {compared} records read back, field by field; not one differs")
        return int(compared)

    async def _roll_back(self) -> int:
        done = await roll_back(self._options, patience_s=60, force=False)
        if not done.proof.exact:
            raise DemoFailed("the rollback is not exact; please report this")
        asked, traces = sum(done.proof.asked.values()), done.traces["runs"] + done.traces["timeline"]
        self._say(
            f"rollback: {sum(done.destroyed.values())} records and {traces} traces taken back; of {asked} ids asked"
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
    """The whole story on made-up exports: audit, load, kill, resume, delta, reconcile, roll back.

    Example:  kartra-to-twenty demo --contacts 300
    """
    say = (lambda text: click.echo(text, err=True)) if options.as_json else reporting.line
    told = run(options, lambda: demo(out, contacts, seed, say))
    if options.as_json:
        reporting.document(told)
