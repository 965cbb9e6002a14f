"""How fast a ledger is proven: chain and bodies recomputed, and the projections folded anew from every event.

uv run python -m tests.bench verify [--ledger FILE] [--events 300000] [--rounds 3]
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import anyio
import click

from ledger import folding, recomputing, refolding, verifying
from tests.bench.ledgers import build
from tests.bench.measures import Row, Spread, table

CHAIN = 200_000
REFOLD = 50_000


def measure(given: Path | None = None, events: int = 300_000, rounds: int = 3) -> list[Row]:
    """Prove a ledger, or one made of so many events, a few times."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = given or Path(folder) / "bench.db"
        count = build(path, events) if given is None else _events(path)
        chain = Spread.of(count / _clocked(lambda: _recompute(path)) for _ in range(rounds))
        refold = Spread.of(count / _refold(path) for _ in range(rounds))
        alone = Spread.of(count / _clocked(lambda: _fold(path, refolding.ALL)) for _ in range(rounds))
    command = f"uv run python -m tests.bench verify --events {events}"
    return [
        Row(
            target=8,
            what=f"events a second, chain and bodies recomputed, {os.cpu_count()} processes; of {count:,} events",
            reach=f"≥ {CHAIN:,}",
            measured=chain.told(",.0f"),
            holds=chain.median >= CHAIN,
            command=command,
        ),
        Row(
            target=8,
            what="events a second folded anew, records beside all others",
            reach=f"≥ {REFOLD:,}",
            measured=f"{refold.told(',.0f')}; in one process {alone.told(',.0f')}",
            holds=refold.median >= REFOLD,
            command=command,
        ),
    ]


def _events(path: Path) -> int:
    with closing(verifying._connect(path)) as connection:
        return int(connection.execute("SELECT max(position) FROM event").fetchone()[0])


def _clocked(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _recompute(path: Path) -> None:
    """Chain and bodies as `verify` proves them: by as many processes as there are cores, their start included."""
    with closing(verifying._connect(path)) as connection:
        parts = [part for part in recomputing.parts(connection) if part.kind != "file"]
    recomputing.raise_first(anyio.run(verifying._prove_apart, path, parts, lambda _step, _position: None))


def _refold(path: Path) -> float:
    """Records in a process of their own, all others here, as `verify` folds them; the comparisons are not counted."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, closing(verifying._connect(path)) as connection:
        pool.submit(_ready).result()
        begun = time.perf_counter()
        records = pool.submit(_fold, path, refolding.APART)
        _fold_into(connection, refolding.BESIDE)
        records.result()
        return time.perf_counter() - begun


def _ready() -> None:
    """Nothing: a process that answers has started."""


def _fold(path: Path, tables: frozenset[str]) -> None:
    with closing(verifying._connect(path)) as connection:
        _fold_into(connection, tables)


def _fold_into(connection: sqlite3.Connection, tables: frozenset[str]) -> None:
    refolding.prepare(connection)
    refolding.make(connection, tables)
    if tables == refolding.ALL:
        folding.refold(connection)
    else:
        folding.refold_some(connection, tables, read_all=tables != refolding.APART)


@click.command("verify")
@click.option("--ledger", "given", type=click.Path(path_type=Path, exists=True), help="One that is there.")
@click.option("--events", type=click.IntRange(1000), default=300_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def command(given: Path | None, events: int, rounds: int) -> None:
    """Prove a ledger: chain and bodies, then all projections from zero."""
    click.echo(table(measure(given, events, rounds)))
