"""What the program adds to the calls of a load: its write beside a bare httpx script that sends the same bytes.

uv run python -m tests.bench overhead [--records 10000]
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import click
import httpx
import msgspec

from adapters.kartra.sample import write_sample
from adapters.twenty import TwentyClient
from commands.main import main as run_cli
from ledger.events import RecordCreated
from ledger.store import Draft, Ledger
from tests.bench.measures import Row, Spread, clocked, table
from tests.bench.processes import ROOT
from tests.bench.stub import KEY, Stubbed, stubbed

REACH = 1.10
_AFTER_S = 0.1


class Written(msgspec.Struct, frozen=True):
    """When the first create of a load left, and when the outcome of the last was durable, in seconds."""

    first: float
    last: float


class _Watch:
    """Notes both moments in the process of a load."""

    def __init__(self) -> None:
        self.first = self.last = 0.0

    def begin(self) -> None:
        """Listen from now on."""
        append, write = Ledger.append, TwentyClient.write

        async def appended(ledger: Ledger, drafts: Iterable[Any], payloads: Iterable[Any] = ()) -> list[int]:
            some = list(drafts)
            positions = await append(ledger, some, payloads)
            if some and isinstance(some[0], Draft) and isinstance(some[0].event, RecordCreated):
                self.last = monotonic()
            return positions

        async def sent(client: TwentyClient, document: str, variables: Any, *, kind: str) -> Any:
            self.first = self.first or (monotonic() if kind == "create" else 0.0)
            return await write(client, document, variables, kind=kind)

        Ledger.append, TwentyClient.write = appended, sent  # type: ignore[method-assign]


def load_watched(told: str) -> None:
    """Be the program, and say in a file when it wrote."""
    watch = _Watch()
    watch.begin()
    try:
        run_cli()
    finally:
        Path(told).write_bytes(msgspec.json.encode(Written(watch.first, watch.last)))


def send_bare(url: str, bodies: Sequence[bytes]) -> float:
    """Send batches one after the other, keep nothing; seconds from the first leaving to the last answered."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        began = monotonic()
        for body in bodies:
            client.post("/graphql", content=body).raise_for_status()
        return monotonic() - began


def run(*arguments: str, env: dict[str, str], told: Path) -> float:
    """Run the program to its end; seconds of the whole. It may leave rows for a person (exit code 3)."""
    code = f"from tests.bench.overhead import load_watched; load_watched({str(told)!r})"
    began = monotonic()
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=env, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise click.ClickException(done.stderr)
    return monotonic() - began


class _Bench:
    """Loads of the same files into the same stub, each into a ledger of its own, and the bare script in turn."""

    def __init__(self, folder: Path, stub: Stubbed, env: dict[str, str]) -> None:
        self._folder, self._stub = folder, stub
        self._env = {**env, **stub.env}
        self._loads = 0
        self.whole: list[float] = []

    def load(self) -> float:
        """Seconds that a load wrote."""
        self._loads += 1
        folder = self._folder / str(self._loads)
        folder.mkdir()
        arguments = ["load", str(self._folder / "exports"), "--accept-defaults", "--automations", "leave"]
        arguments += ["--ledger", str(folder / "ledger.db")]
        self.whole.append(run(*arguments, env=self._env, told=folder / "told"))
        written = msgspec.json.decode((folder / "told").read_bytes(), type=Written)
        return written.last - written.first

    def bare(self, bodies: Sequence[bytes]) -> float:
        """Seconds that a bare script of a process of its own sends them."""
        sent = self._folder / "sent"
        sent.write_bytes(msgspec.msgpack.encode(list(bodies)))
        code = (
            "import sys, msgspec; from tests.bench.overhead import send_bare;"
            "print(send_bare(sys.argv[1], msgspec.msgpack.decode(open(sys.argv[2], 'rb').read())))"
        )
        command = [sys.executable, "-c", code, self._stub.url, str(sent)]
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def measure(records: int = 10_000, rounds: int = 3) -> list[Row]:
    """Loads of so many contacts, and the bare script, in turn; the first load, which makes the fields, is left out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder / "exports", records, 1, dirty=False)
        with stubbed(folder / "stub", _AFTER_S, keeps=True) as stub:
            bench = _Bench(folder, stub, dict(os.environ))
            bench.load()
            before = len(stub.bodies)
            pairs = []
            for _ in range(rounds):
                with clocked() as clock:
                    ours = bench.load()
                bodies = stub.bodies[before:]
                theirs = bench.bare(bodies)
                before = len(stub.bodies)
                click.echo(
                    f"{len(bodies)} calls: load {ours:.3f} s ({clock.cpu:.1f} s of CPU in all), bare {theirs:.3f} s"
                )
                pairs.append((ours, theirs))
    ours, theirs = (Spread.of(some).told(".3f", " s") for some in zip(*pairs, strict=True))
    click.echo(f"write: {ours}; bare: {theirs}; the whole command: {Spread.of(bench.whole[1:]).told('.1f', ' s')}")
    ratio = Spread.of(ours / theirs for ours, theirs in pairs)
    calls = f"{len(bodies)} creates of {_AFTER_S * 1000:.0f} ms, without a pace"
    return [
        Row(
            target=2,
            what=f"write of {records:,} contacts ({calls}) by a bare httpx script's",
            reach=f"≤ {REACH:.2f} ×",
            measured=ratio.told(".3f", " ×"),
            holds=ratio.median <= REACH,
            command=f"uv run python -m tests.bench overhead --records {records}",
        )
    ]


@click.command("overhead")
@click.option("--records", type=click.IntRange(200), default=10_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def command(records: int, rounds: int) -> None:
    """Time the write of a load against a stub that takes 100 ms a create, beside a bare script."""
    click.echo(table(measure(records, rounds)))
