"""How fast a ledger appends: beside a program of plain sqlite3 calls, and beside nothing but `executemany`.

uv run python -m tests.bench appends [--contacts 20000] [--rounds 5]
"""

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import click

from ledger.identifiers import new_run_id
from ledger.store import Ledger
from ledger.tables import EventRow
from tests.bench.load_batches import Batch, load_batches
from tests.bench.measures import Compared, Row, Spread, compare, table
from tests.bench.raw import Plain, append_raw, plain

PROJECTIONS = ("alias", "source_row", "record", "intent")
_RUN = new_run_id()
_ACTOR = "ann@migration"


def measure(contacts: int = 20_000, rounds: int = 5) -> list[Row]:
    """Append what a load of so many contacts appends, in turn by the ledger and by plain calls."""
    batches = load_batches(contacts)
    plainly = plain(batches)
    events = sum(len(batch.events) for batch in batches)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ours, theirs, bare = (Path(folder) / name for name in ("ours.db", "theirs.db", "bare.db"))
        found = compare(lambda: anyio.run(_ledger, ours, batches), lambda: _raw(theirs, plainly), rounds)
        _hold_equal(ours, theirs)
        rows = _event_rows(ours)
        alone = Spread.of(_executemany(bare, rows) for _ in range(rounds))
    return [_told(events, found, alone, contacts)]


def _told(events: int, found: Compared, alone: Spread, contacts: int) -> Row:
    share = found.theirs.median / found.ours.median
    said = (
        f"{events / found.ours.median:,.0f} events/s = {share:.0%} of the plain program"
        f" ({1 / found.ratio.most:.0%}–{1 / found.ratio.least:.0%}), which writes {events / found.theirs.median:,.0f};"
        f" {alone.median / found.ours.median:.0%} of `executemany` into the bare table"
        f" ({events / alone.median:,.0f}); {events} events"
    )
    return Row(
        target=3,
        what="events a second through Ledger.append, batches of 200",
        reach="≥ 50 % of a plain sqlite3 program",
        measured=said,
        holds=share >= 0.5,
        command=f"python -m tests.bench appends --contacts {contacts}",
    )


async def _ledger(path: Path, batches: Sequence[Batch]) -> float:
    await _fresh(path)
    async with Ledger.open(path, command="load", actor=_ACTOR) as ledger:
        ledger.run_id = _RUN
        begun = time.perf_counter()
        for batch in batches:
            await ledger.append(batch.events, batch.payloads)
        return time.perf_counter() - begun


def _raw(path: Path, batches: Sequence[Plain]) -> float:
    anyio.run(_fresh, path)
    begun = time.perf_counter()
    append_raw(path, _RUN, _ACTOR, batches)
    return time.perf_counter() - begun


async def _fresh(path: Path) -> None:
    for ending in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    async with Ledger.open(path, command="load", actor=_ACTOR):
        pass


def _hold_equal(ours: Path, theirs: Path) -> None:
    """Refuse a comparison of two programs that did not write the same."""
    with closing(sqlite3.connect(ours)) as connection:
        connection.execute("ATTACH ? AS theirs", (str(theirs),))
        columns = "position, type, object, source_key, source_ref, twenty_id, payload_hash, data"
        asked = [
            ("event", f"SELECT {columns} FROM {{}}.event WHERE position > 1"),
            ("payload", "SELECT * FROM {}.payload"),
        ]
        asked += [(name, f"SELECT * FROM {{}}.{name}") for name in PROJECTIONS]
        for name, query in asked:
            for one, other in (("main", "theirs"), ("theirs", "main")):
                differing = f"{query.format(one)} EXCEPT {query.format(other)} LIMIT 1"
                if (found := connection.execute(differing).fetchone()) is not None:
                    raise click.ClickException(f"the two wrote different rows of {name}: {found}")


def _event_rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM event ORDER BY position").fetchall()


def _executemany(path: Path, rows: Sequence[tuple[object, ...]], size: int = 200) -> float:
    path.unlink(missing_ok=True)
    names = tuple(EventRow.model_fields)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE event ({', '.join(names)}, PRIMARY KEY (position))")
        statement = f"INSERT INTO event VALUES ({', '.join('?' * len(names))})"
        begun = time.perf_counter()
        for at in range(0, len(rows), size):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows[at : at + size])
            connection.execute("COMMIT")
        return time.perf_counter() - begun


@click.command("appends")
@click.option("--contacts", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def command(contacts: int, rounds: int) -> None:
    """Append beside a program of plain sqlite3 calls."""
    click.echo(table(measure(contacts, rounds)))
