"""What the benchmark of a delta runs, each in a process of its own that says what it took.

python tests/bench/delta_parts.py stage LEDGER FOLDER      scan, comparison, appends: a delta without Twenty
python tests/bench/delta_parts.py floor EARLIER LATER      read, hash and look up each row
python tests/bench/delta_parts.py csv-diff EARLIER LATER   the package csv-diff, by the column `id`
"""

import csv
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """CPU and wall seconds of the work, CPU seconds of the whole process, its peak in bytes, and what was found."""

    cpu: float
    wall: float
    process: float
    peak: int
    changed: int


def peak() -> int:
    """The most memory this process ever held, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def floor(earlier: Path, later: Path) -> Callable[[], int]:
    """The least that anybody can do who goes by rows: each is read, hashed and looked up."""
    known = dict.fromkeys(_hashes(earlier))
    return lambda: sum(said not in known for said in _hashes(later))


def _hashes(path: Path) -> Iterator[bytes]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield sha256("\x1f".join(row).encode()).digest()


def stage(ledger: Path, folder: Path) -> Callable[[], int]:
    """A delta's own work up to the last event of its rows."""

    def work() -> int:
        # What a command loads is its process's start, and counted.
        import anyio

        from commands.comparing import compare
        from commands.extract import exports_in, files_seen
        from commands.logs import configure
        from commands.reporting import Reporter
        from commands.running import collect_seldom
        from ledger.events import RunStarted
        from ledger.store import Ledger

        configure(0)
        collect_seldom()

        async def run() -> int:
            found = exports_in(folder, Reporter())
            async with Ledger.open(ledger, command="delta") as opened:
                await opened.append([RunStarted(command="delta", files=files_seen(found))])
                compared, _ = await compare(opened, found.exports, frozenset(), Reporter())
            return compared.kinds["contacts"].changed

        return anyio.run(run)

    return work


def csv_diff(earlier: Path, later: Path) -> Callable[[], int]:
    """What another program takes that tells rows apart by a key."""

    def work() -> int:
        from csv_diff import compare, load_csv  # type: ignore[import-not-found]

        files = [path.open(encoding="utf-8", newline="") for path in (earlier, later)]
        return len(compare(*(load_csv(file, key="id") for file in files))["changed"])

    return work


_PARTS = {"stage": stage, "floor": floor, "csv-diff": csv_diff}


def main(part: str, one: str, other: str) -> None:
    """Run a part; prints what it took as JSON."""
    work = _PARTS[part](Path(one), Path(other))
    cpu, wall = time.process_time(), time.perf_counter()
    changed = work()
    took = Took(
        cpu=time.process_time() - cpu,
        wall=time.perf_counter() - wall,
        process=time.process_time(),
        peak=peak(),
        changed=changed,
    )
    sys.stdout.write(msgspec.json.encode(took).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
