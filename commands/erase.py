"""erase: a privacy request; everything the ledger holds of one person goes, and the proof stays."""

from collections.abc import Sequence

import anyio
import msgspec
import rich_click as click

from commands import reporting
from commands.erasing.person import Traced, trace
from commands.options import Options, general
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


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a person, and whether it was taken away."""

    traced: Traced
    done: bool


async def preview(options: Options, email: str) -> Erased:
    """What would go. Nothing is changed."""
    async with reading(options) as reader:
        return Erased(traced=await trace(reader, email), done=False)


async def erase(options: Options, email: str) -> Erased:
    """Take a person out of the ledger: first the events that say so, in one append, then the bodies and their bytes.

    Stopped in between, the same command goes on: what is on record as erased is taken away then.

    Raises:
        WrongUse: nobody in the ledger has this e-mail.
        UnfinishedRun: a run waits to be gone on with, which may hold the person.
    """
    async with writing(options, "erase") as ledger:
        await refuse_unfinished(ledger.reader)
        traced = await trace(ledger.reader, email)
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
        return Erased(traced=traced, done=True)


@click.command("erase")
@click.option("--email", required=True, metavar="E-MAIL", help="Whose it is; the ledger keeps a digest of it alone.")
@click.option("--yes", is_flag=True, help="Do it; without, only show what would go.")
@general
@click.pass_obj
def command(options: Options, email: str, yes: bool) -> None:
    """Take one person out of the ledger, for good; preview unless --yes.

    Her rows, records, errors and reports go, and the file is written anew; chain and history stay whole. Rows of hers
    in later exports are held as `erased`. Records in Twenty and files outside are named, not touched.

    Example:  kartra-to-twenty erase --email ann@acme.example
    """
    done = run(options, lambda: erase(options, email) if yes else preview(options, email))
    if options.as_json:
        reporting.document({"done": done.done, **msgspec.to_builtins(done.traced)})
        return
    traced = done.traced
    words = "gone" if done.done else "would go"
    reporting.line(f"{words}: {len(traced.bodies)} bodies of {len(traced.streams)} streams; "
                   f"{len(traced.unsent)} records not sent, {len(traced.holds)} holds")  # fmt: skip
    if traced.left:
        reporting.line(f"left: {traced.left} mappings quote the e-mail; edit the mapping and confirm it")
    _tell_outside(traced)
    if not done.done:
        reporting.line("nothing was changed; --yes does it")


def _tell_outside(traced: Traced) -> None:
    if traced.in_twenty:
        reporting.line("in Twenty still; `rollback --record ID` first, or delete them there:")
        _list([f"{name} {id_}" for name, id_, _ in traced.in_twenty])
    reporting.line("files outside the ledger that may hold the person: reports, backups, the sandbox's database, and")
    _list(traced.files)


def _list(lines: Sequence[str]) -> None:
    for line in lines:
        reporting.line(f"  {line}")
