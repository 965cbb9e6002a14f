"""Another process that works on a ledger; tests start it as `python child.py WHAT PATH`, and talk with it by lines.

`hold` takes the lock and keeps it until its input ends. `die` forks, for each file name read, a process that appends to
it until killed. `fill` appends until its files may not grow any more, and then, when they may, once again.
"""

import os
import resource
import sys
import tempfile
from pathlib import Path

import anyio

from ledger.errors import LedgerError
from ledger.events import RowExtracted
from ledger.hashing import Payload, seal
from ledger.store import Ledger


def tell(*words: object) -> None:
    """One line, written at once and whole."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def three(ledger: Ledger, size: int) -> tuple[list[RowExtracted], list[Payload]]:
    """Three rows, and their bodies of a size."""
    start = ledger.head.position
    bodies = [seal(f"contact:{start}.{n}", "x" * size) for n in range(3)]
    rows = [
        RowExtracted(source_key=f"contact:{start}.{n}", source_ref=f"f1:{start + n}", payload_hash=body.hash)
        for n, body in enumerate(bodies)
    ]
    return rows, bodies


async def append_three(ledger: Ledger, size: int) -> None:
    """Append three rows with bodies of a size, and acknowledge the head they lead to."""
    await ledger.append(*three(ledger, size))
    tell("appended", ledger.head)


async def hold(path: Path) -> None:
    """Keep the ledger open until there is no more input."""
    async with Ledger.open(path, command="load exports"):
        tell("holding", os.getpid())
        await anyio.to_thread.run_sync(sys.stdin.read)


async def append_once(path: Path) -> None:
    """Append a single time; nobody is told."""
    async with Ledger.open(path, command="warm") as ledger:
        await ledger.append(*three(ledger, 300))


async def append_for_ever(path: Path) -> None:
    """Append until killed."""
    async with Ledger.open(path, command="load exports") as ledger:
        while True:
            await append_three(ledger, 300)


def die(folder: Path) -> None:
    """For each file name read, fork a process that appends to it until somebody kills it, and say when it is dead."""
    # Whatever is slow the first time is done before the forks, so that their moments are those of a writer at work.
    with tempfile.TemporaryDirectory() as warm:
        anyio.run(append_once, Path(warm) / "warm.db")
    for name in sys.stdin:
        pid = os.fork()
        if pid == 0:
            tell("pid", os.getpid())
            anyio.run(append_for_ever, folder / name.strip())
        _, status = os.waitpid(pid, 0)
        tell("dead", os.waitstatus_to_exitcode(status))


async def fill(path: Path) -> None:
    """Append into a file that may not grow beyond 400 KiB; then give it room."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with Ledger.open(path, command="load exports") as ledger:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400 * 1024, hard))
        for _ in range(2):
            try:
                while True:
                    await append_three(ledger, 20_000)
            except LedgerError as error:
                tell("refused", error.code, ledger.head)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        await append_three(ledger, 20_000)


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "die":
        die(where)
    else:
        anyio.run({"hold": hold, "fill": fill}[what], where)
