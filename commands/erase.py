"""erase: a privacy request; everything the ledger holds of one person goes, and the proof stays."""

from collections import Counter
from collections.abc import Sequence

import anyio
import msgspec
import rich_click as click

from commands import reporting
from commands.compensation.scope import Wanted
from commands.erasing.outside import Standing
from commands.erasing.person import Traced, trace
from commands.errors import UNDONE
from commands.options import Options, destination
from commands.rollback import PATIENCE_S, check, roll_back
from commands.running import run
from commands.session import reading, refuse_unfinished, writing
from ledger.erasing import rewrite
from ledger.events import (
    Event,
    HoldAbandoned,
    IdentityErased,
    PayloadErased,
    RecordWithdrawn,
    RunCompleted,
    RunStarted,
)
from ledger.hashing import seal


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """A record of hers that stays in Twenty though it was asked to go, and why."""

    object: str
    id: str
    why: str


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How far a request goes beyond the ledger's bodies of the person herself."""

    in_twenty: bool = False
    companies: bool = False


ONLY_HER = Extent()


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a person, and whether it was taken away.

    `destroyed` counts her records taken out of Twenty (or that would be), `stays` names those that had to be left;
    both are empty unless that was asked for.
    """

    traced: Traced
    done: bool
    destroyed: dict[str, int] = {}
    stays: tuple[Stays, ...] = ()


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
    them. Stopped in between, the same command goes on: what is on record as erased is taken away then.

    Raises:
        WrongUse: nobody in the ledger has this e-mail.
        UnfinishedRun: a run waits to be gone on with, which may hold the person.
    """
    before = await _traced(options, email, extent)
    destroyed: dict[str, int] = {}
    stays: tuple[Stays, ...] = ()
    if extent.in_twenty and before.in_twenty:
        done = await roll_back(options, _records(before.in_twenty), patience_s=PATIENCE_S, force=False)
        destroyed = {name: count for name, count in done.destroyed.items() if count}
        kept = [Stays(object=one.object, id=one.id, why=one.why) for one in done.proof.kept]
        stays = _stays(before, kept)
    async with writing(options, "erase") as ledger:
        await refuse_unfinished(ledger.reader)
        traced = await trace(ledger.reader, email, with_companies=extent.companies)
        why = [seal(f"hold:{one}", {"why": "erased"}) for one in traced.holds]
        events: list[Event] = [
            *(IdentityErased(alias=alias) for alias in traced.aliases),
            *(HoldAbandoned(hold=one, payload_hash=body.hash) for one, body in zip(traced.holds, why, strict=True)),
            *(RecordWithdrawn(object=name, source_key=stream) for name, stream in traced.unsent),
            *(PayloadErased(payload_hash=one) for one in traced.bodies),
        ]
        counts = {"bodies": len(traced.bodies), "withdrawn": len(traced.unsent), "holds": len(traced.holds)}
        await ledger.append([RunStarted(command="erase"), *events, RunCompleted(counts=counts)], why)
        await anyio.to_thread.run_sync(rewrite, options.ledger)
        return Erased(traced=traced, done=True, destroyed=destroyed, stays=stays)


async def _traced(options: Options, email: str, extent: Extent) -> Traced:
    async with reading(options) as reader:
        await refuse_unfinished(reader)
        return await trace(reader, email, with_companies=extent.companies)


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
@click.option("--with-companies", is_flag=True, help="Also companies that nobody else is of: one may bear her name.")
@click.option("--yes", is_flag=True, help="Do it; without, only show what would go.")
@destination
@click.pass_context
def command(context: click.Context, email: str, also_in_twenty: bool, with_companies: bool, yes: bool) -> None:
    """Take one person out of the ledger, for good; preview unless --yes.

    Her rows, records, errors and reports go, and the file is written anew; chain and history stay whole. Rows of hers
    in later exports are held as `erased`. Records in Twenty go with --also-in-twenty, as a rollback of them; files
    outside are named, not touched.

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
        _tell(done, also_in_twenty)
    context.exit(UNDONE if done.stays else 0)


def _tell(done: Erased, also_in_twenty: bool) -> None:
    traced = done.traced
    words = "gone" if done.done else "would go"
    reporting.line(f"{words}: {len(traced.bodies)} bodies of {len(traced.streams)} streams; "
                   f"{len(traced.unsent)} records not sent, {len(traced.holds)} holds")  # fmt: skip
    for name, count in done.destroyed.items():
        reporting.line(f"{words}, in Twenty: {count} {name}")
    _list("stays in Twenty, to be looked at there:", [f"{one.object} {one.id}: {one.why}" for one in done.stays])
    if not also_in_twenty:
        there = [f"{one.object} {one.id}" for one in traced.in_twenty]
        _list("in Twenty still; --also-in-twenty, while the ledger knows what it wrote:", there)
    if traced.left:
        reporting.line(f"left: {traced.left} mappings quote the e-mail; edit the mapping and confirm it")
    alone = [f"{one.object} {one.id}" for one in traced.companies]
    _list("left: companies nobody else is of, which --with-companies takes too:", alone)
    rows = [f"{one.path} ({one.rows} rows of hers)" for one in traced.files]
    _list("files outside the ledger that may hold her: reports, backups, the sandbox's database, and", rows)
    if not done.done:
        reporting.line("nothing was changed; --yes does it")


def _list(heading: str, lines: Sequence[str]) -> None:
    if lines:
        reporting.line(heading)
    for line in lines:
        reporting.line(f"  {line}")
