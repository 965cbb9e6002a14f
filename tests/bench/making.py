"""What it costs to make events of a contacts export, without network: CPU time of extract and of transform.

    uv run python -m tests.bench making [--contacts 20000] [--seed 1] [--rounds 3]

A made-up export of thirty columns goes through the use cases themselves into a real ledger's file. `Bare` is the same
with appending and the two validators (phone, e-mail) taken out: what is appended is dropped, and what is validated is
taken as it is. A last round, which is slower by the counting, names what the time goes to.
"""

import logging
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import click
import msgspec
import structlog

from adapters.kartra import scan
from adapters.mapping import load_mapping, phones
from adapters.mapping.remembering import forget
from adapters.mapping.values import Parsed
from commands.extract import extract
from commands.reporting import Reporter
from commands.running import collect_seldom
from commands.transform import transform
from ledger.events import MappingConfirmed
from ledger.hashing import seal
from ledger.store import Ledger
from tests.bench import contacts
from tests.bench.costs import counted, replaced
from tests.bench.measures import Row, Spread, clocked, table

COMMAND = "uv run python -m tests.bench making"
ALL_IN = 5_000
BARE = 10_000
LARGEST = 3
NAMED = {
    "reading CSV": ["adapters.kartra.csv_rows:csv_rows"],
    "validating e-mail": ["adapters.mapping.emails:normalise_email"],
    "validating phones": ["adapters.mapping.phones:_read"],
    "who is who": ["commands.placing:contacts_index"],
    "placing": ["commands.placing:_contact"],
    "sealing": ["ledger.hashing:seal"],
    "appending": ["ledger.store:Ledger.append"],
    "gathering (first pass)": ["commands.making.prepared:prepare"],
    "reading rows back": ["ledger.work:streams_in_order", "ledger.work:cells_in_order"],
    "asking what is known": [
        "ledger.work:records_of",
        "ledger.work:states_of",
        "ledger.projections.holds:open_on_records",
        "ledger.erasing:erased_of",
    ],
    "merging": ["adapters.mapping.merge:merge"],
    "making ready to append": ["commands.extract:_Extraction._append", "commands.making.maker:Maker._append"],
    "mapping": ["adapters.mapping.contacts:person", "adapters.mapping.contacts:note"],
}
"""Names of costs, and the functions they are of."""


class Seconds(msgspec.Struct, frozen=True):
    """CPU seconds of the two halves."""

    extract: float
    transform: float

    @property
    def both(self) -> float:
        """Of the whole."""
        return self.extract + self.transform


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured: seconds all in and bare, round by round, and seconds by the names of costs."""

    contacts: int
    all_in: tuple[Seconds, ...]
    bare: tuple[Seconds, ...]
    costs: dict[str, float]
    costs_bare: dict[str, float]

    def rates(self, rounds: tuple[Seconds, ...]) -> Spread:
        """Contacts a second of CPU time, of extract and transform together."""
        return Spread.of(self.contacts / one.both for one in rounds)


def measure(count: int, seed: int, rounds: int) -> Measured:
    """Make the export, and go through it so often."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    collect_seldom()
    with tempfile.TemporaryDirectory() as scratch:
        folder, path = Path(scratch) / "exports", Path(scratch)
        folder.mkdir()
        contacts.write(folder / contacts.FILE, count, seed)
        anyio.run(_both, folder, path / "read.db", _nothing)
        pairs = [(_round(folder, path / f"{at}.db"), _bare(folder, path / "read.db")) for at in range(rounds)]
        with counted(NAMED, "the rest") as costs:
            _round(folder, path / "costs.db")
        with counted(NAMED, "the rest") as costs_bare:
            _bare(folder, path / "read.db")
    return Measured(
        contacts=count,
        all_in=tuple(one for one, _ in pairs),
        bare=tuple(other for _, other in pairs),
        costs=costs.seconds,
        costs_bare=costs_bare.seconds,
    )


def _round(folder: Path, path: Path) -> Seconds:
    """Both halves into a new ledger."""
    forget()
    return anyio.run(_both, folder, path, _transformed)


def _bare(folder: Path, read: Path) -> Seconds:
    """Both halves without appending and validators: the rows that transform reads stand in a ledger made before."""
    empty = read.with_name("empty.db")
    empty.unlink(missing_ok=True)
    with _without_validators(), _without_appending():
        begun = anyio.run(_both, folder, empty, _nothing)
        return Seconds(begun.extract, anyio.run(_alone, read))


async def _both(folder: Path, path: Path, then: Callable[[Ledger], Awaitable[float]]) -> Seconds:
    async with Ledger.open(path, command="load") as ledger:
        with clocked() as clock:
            await extract(ledger, scan(folder).exports, Reporter())
        return Seconds(clock.cpu, await then(ledger))


async def _nothing(_ledger: Ledger) -> float:
    return 0


async def _alone(path: Path) -> float:
    async with Ledger.open(path, command="load") as ledger:
        return await _transformed(ledger)


async def _transformed(ledger: Ledger) -> float:
    config = load_mapping(None)
    mapping = seal("mapping", config.text)
    await ledger.append([MappingConfirmed(payload_hash=mapping.hash, default=True)], [mapping])
    with clocked() as clock:
        await transform(ledger, config, mapping.hash, Reporter())
    return clock.cpu


@contextmanager
def _without_appending() -> Iterator[None]:
    """Whatever is appended is dropped."""

    async def drop(_self: Ledger, _drafts: object, _payloads: object = ()) -> list[int]:
        return []

    with replaced({"ledger.store:Ledger.append": lambda _: drop}):
        yield


@contextmanager
def _without_validators() -> Iterator[None]:
    """Phones and e-mails are taken as they are written."""

    def written(text: str, _dial_code: str | None, country: str | None) -> object:
        return Parsed(phones._Parts(text, country or "", "+1"))

    forget()
    with replaced(
        {
            "adapters.mapping.emails:_refusal": lambda _: lambda _address: None,
            "adapters.mapping.phones:_read": lambda _: written,
        }
    ):
        yield
    forget()


def rows(measured: Measured) -> list[Row]:
    """The lines of the table."""
    told = [("all in", measured.all_in, ALL_IN), ("without appending and validators", measured.bare, BARE)]
    rates = [(what, measured.rates(rounds), reach) for what, rounds, reach in told]
    return [
        Row(
            target=4,
            what=f"{measured.contacts:,} contacts of 30 columns, CSV to events, {what}",
            reach=f"≥ {reach:,} contacts/s of CPU time",
            measured=spread.told(",.0f", "/s"),
            holds=spread.median >= reach,
            command=COMMAND,
        )
        for what, spread, reach in rates
    ]


def tell(measured: Measured) -> None:
    """Print what was measured."""
    for name, rounds in (("all in", measured.all_in), ("bare", measured.bare)):
        click.echo(f"{name}: {measured.rates(rounds).told(',.0f')} contacts/s of CPU time")
        for part in ("extract", "transform", "both"):
            micros = Spread.of(getattr(one, part) / measured.contacts * 1e6 for one in rounds)
            click.echo(f"  {part:10} {micros.told('.0f', ' µs')} a contact")
    for name, costs in (("all in", measured.costs), ("bare", measured.costs_bare)):
        click.echo(f"what it goes to, {name} (counted: slower than it is)")
        found = sorted(costs.items(), key=lambda one: -one[1])
        for cost, seconds in found:
            share = seconds / sum(costs.values())
            click.echo(f"  {cost:24} {seconds / measured.contacts * 1e6:6.1f} µs {share:5.0%}")
        click.echo(f"  the three largest: {', '.join(cost for cost, _ in found[:LARGEST])}")


@click.command("making")
@click.option("--contacts", "count", type=click.IntRange(10), default=20_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def command(count: int, seed: int, rounds: int) -> None:
    """CSV to events: contacts a second of CPU time, and what it goes to."""
    measured = measure(count, seed, rounds)
    tell(measured)
    click.echo(table(rows(measured)))
