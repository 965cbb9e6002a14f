"""erase: a privacy request; everything the ledger holds of one person goes, and the proof stays."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from commands import reporting
from commands.compensation.scope import Wanted
from commands.erasing.outcome import Erased, Stays
from commands.erasing.outside import Standing
from commands.erasing.person import Trace, Traced, trace
from commands.erasing.telling import tell
from commands.errors import UNDONE, UnfinishedRun
from commands.options import Options, destination
from commands.reading import reading
from commands.rollback import PATIENCE_S, check, roll_back
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from ledger.erasing import rewrite
from ledger.events import (
    Event,
    HoldAbandoned,
    PayloadErased,
    RecordWithdrawn,
    RunStarted,
)
from ledger.hashing import seal
from ledger.projections import runs
from ledger.store import Ledger


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How far a request goes beyond the ledger's bodies of the person herself."""

    in_twenty: bool = False
    companies: bool = False


ONLY_HER = Extent()


async def preview(options: Options, email: str, extent: Extent = ONLY_HER) -> Erased:
    """What would go. Nothing is changed."""
    traced = await _traced(options, email, extent)
    if not (extent.in_twenty and traced.in_twenty):
        return Erased(traced=traced, done=False)
    foreseen = await check(options, _records(traced.in_twenty), force=False)
    stays = _stays(traced, [Stays(object=one.object, id=one.id, why=one.why) for one in foreseen.kept])
    staying = {one.id for one in stays}
    going = Counter(one.object for one in traced.in_twenty if one.id not in staying)
    return Erased(traced=traced, done=False, destroyed=dict(going), stays=stays)


async def erase(options: Options, email: str, extent: Extent = ONLY_HER) -> Erased:
    """Take a person out of the ledger: first the events that say so, in one append, then the bodies and their bytes.

    Where her records are to go from Twenty they are rolled back before, while the ledger can still tell who edited
    them. Stopped in between, `resume` or the same command goes on: what is on record as erased is taken away then.

    Raises:
        WrongUse: nobody in the ledger has this e-mail.
        UnfinishedRun: a run waits to be gone on with, which may hold the person.
    """
    before = await _traced(options, email, extent)
    async with writing(options, "erase") as ledger:
        await go_on_erasing(ledger, options.ledger)
    destroyed: dict[str, int] = {}
    stays: tuple[Stays, ...] = ()
    if extent.in_twenty and before.in_twenty:
        done = await roll_back(options, _records(before.in_twenty), patience_s=PATIENCE_S, force=False)
        destroyed = {name: count for name, count in done.destroyed.items() if count}
        kept = [Stays(object=one.object, id=one.id, why=one.why) for one in done.proof.kept]
        stays = _stays(before, kept)
    async with writing(options, "erase") as ledger:
        await refuse_unfinished(ledger.reader)
        found = await trace(ledger.reader, email, with_companies=extent.companies)
        await _carry_out(ledger, options.ledger, found)
        return Erased(traced=found.traced, done=True, destroyed=destroyed, stays=stays)


async def go_on_erasing(ledger: Ledger, path: Path) -> None:
    """Carry out what an erasure that was stopped has on record: its bodies go, and the file is written anew."""
    begun = await runs.unfinished(ledger.reader)
    if begun is not None and begun.command == "erase":
        async with run_of(ledger, None, resumes=begun.run_id) as outcome:
            outcome.counts = {"bodies": await anyio.to_thread.run_sync(rewrite, path)}


async def _carry_out(ledger: Ledger, path: Path, found: Trace) -> None:
    """Everything is on record, in one append with the beginning of the run, before the first byte goes."""
    traced = found.traced
    why = [seal(f"hold:{one}", {"why": "erased"}) for one in traced.holds]
    events: list[Event] = [
        *found.covered.named(traced.aliases),
        *(HoldAbandoned(hold=one, payload_hash=body.hash) for one, body in zip(traced.holds, why, strict=True)),
        *found.events,
        *(RecordWithdrawn(object=name, source_key=stream) for name, stream in traced.unsent),
        *(PayloadErased(payload_hash=one) for one in traced.bodies),
    ]
    payloads = (*why, *found.payloads)
    async with run_of(ledger, RunStarted(command="erase"), payloads, signature=events) as outcome:
        await anyio.to_thread.run_sync(rewrite, path)
        outcome.counts = {
            "bodies": len(traced.bodies),
            "withdrawn": len(traced.unsent),
            "holds": len(traced.holds),
            "redacted": traced.redacted,
        }
        outcome.undone = traced.untouched


async def _traced(options: Options, email: str, extent: Extent) -> Traced:
    async with reading(options) as reader:
        begun = await runs.unfinished(reader)
        if begun is not None and begun.command != "erase":
            raise UnfinishedRun(begun.run_id, begun.command)
        return (await trace(reader, email, with_companies=extent.companies)).traced


def _records(standing: Sequence[Standing]) -> Wanted:
    return Wanted(records=tuple(one.id for one in standing))


def _stays(traced: Traced, kept: Sequence[Stays]) -> tuple[Stays, ...]:
    """What a rollback keeps, and what it only puts back to what it held before us."""
    named = {one.id for one in kept}
    before_us = [one for one in traced.in_twenty if not one.ours and one.id not in named]
    return (*kept, *(Stays(object=one.object, id=one.id, why="there_before_us") for one in before_us))


@click.command("erase")
@click.option("--email", required=True, metavar="E-MAIL", help="Whose it is; the ledger keeps a digest of it alone.")
@click.option(
    "--also-in-twenty", is_flag=True, help="Destroy her records in Twenty first, but for those people edited."
)
@click.option("--with-companies", is_flag=True, help="Also companies (and tags kept as records) nobody else is of.")
@click.option("--yes", is_flag=True, help="Do it; without, only show what would go.")
@destination
@click.pass_context
def command(context: click.Context, email: str, also_in_twenty: bool, with_companies: bool, yes: bool) -> None:
    """Take one person out of the ledger, for good; preview unless --yes.

    Her rows, records, errors and reports go, and the file is written anew; chain and history stay whole. Other people's
    rows are kept without what names her. Rows of hers in later exports are held as `erased`. Records in Twenty go with
    --also-in-twenty, as a rollback of them; files outside are named, not touched, and so are their names in the ledger.
    The hashes of what went stay: who guesses a short value, a phone number say, can tell by one that it was there.

    Example:  kartra-to-twenty erase --email ann@acme.example

    Example:  kartra-to-twenty --sandbox erase --email ann@acme.example --also-in-twenty --yes
    """
    options: Options = context.obj
    extent = Extent(in_twenty=also_in_twenty, companies=with_companies)
    work = erase if yes else preview
    done = run(options, lambda: work(options, email, extent))
    if options.as_json:
        found = {name: getattr(done, name) for name in ("done", "destroyed", "stays")}
        reporting.document({**msgspec.to_builtins(found), **msgspec.to_builtins(done.traced)})
    else:
        tell(done, also_in_twenty=also_in_twenty)
    context.exit(UNDONE if done.undone else 0)
