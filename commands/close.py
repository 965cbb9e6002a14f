"""close: sign the migration off, on record; with --purge the personal data goes, and the proof outlives it."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from commands import reporting
from commands.erasing.outside import files_read
from commands.errors import UNDONE, StandsAgainst, WrongUse
from commands.options import WORDS, Options, general
from commands.reading import reading
from commands.reporting import Reporter
from commands.running import run
from commands.session import run_of, writing
from commands.unmoved import in_words, unmoved
from ledger.books import books
from ledger.erasing import rewrite
from ledger.events import Event, MigrationClosed, PayloadErased, RunCompleted, RunStarted
from ledger.hashing import Head, seal
from ledger.projections import automations, holds, runs
from ledger.projections.runs import Run
from ledger.reader import Reader
from ledger.signoff import (
    Reconciliation,
    bodies_to_erase,
    changes_since,
    count_bodies,
    last_reconciliation,
    signed_off,
)
from ledger.store import Ledger

_ERASED_AN_APPEND = 5_000


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed off: `against` is what speaks against it, `unlike` what speaks against it unless a reason is said.

    So does what is `unmoved`, each with its number. `purged` counts the bodies that went, or would go; `files` are
    exports outside the ledger. `begun` is the purge that was interrupted, which this would go on with.
    """

    done: bool
    against: tuple[str, ...]
    unlike: tuple[str, ...]
    unmoved: dict[str, int]
    reconciliation: Reconciliation | None
    open_holds: int
    purged: int
    files: tuple[str, ...]
    head: Head
    begun: Run | None = None

    def reasons(self, anyway: str | None) -> tuple[str, ...]:
        """What still speaks against it, once it is said why it is to be done anyway."""
        return self.against if anyway else (*self.against, *self.unlike, *in_words(self.unmoved))


async def preview(options: Options, *, purges: bool) -> Closing:
    """What would be signed off, and what speaks against it. Nothing is changed.

    Raises:
        WrongUse: the bodies are gone already, and nothing was done since.
    """
    async with reading(options) as reader:
        return await _closing(reader, purges=purges)


async def close(options: Options, anyway: str | None, *, purges: bool) -> Closing:
    """Sign the migration off; a purge that was interrupted is gone on with.

    Raises:
        StandsAgainst: a run is unfinished, an automation is paused, or (unless `anyway` says why) Twenty was not
            compared with the ledger since the last record was written, or was found to differ, or not all is moved.
        WrongUse: the bodies are gone already, and nothing was done since.
    """
    async with writing(options, "close") as ledger:
        found = await _closing(ledger.reader, purges=purges)
        if found.begun is not None:
            async with run_of(ledger, None, resumes=found.begun.run_id) as outcome:
                outcome.counts = {"bodies": await purge(ledger, options.ledger, Reporter())}
        elif reasons := found.reasons(anyway):
            raise StandsAgainst(reasons)
        else:
            await _sign(ledger, options.ledger, found, anyway, purges=purges)
        return msgspec.structs.replace(found, done=True, head=ledger.head)


async def _closing(reader: Reader, *, purges: bool) -> Closing:
    compared, begun = await last_reconciliation(reader), await runs.unfinished(reader)
    goes_on = purges and begun is not None and begun.command == "close"
    if begun is None:
        await _refuse_again(reader, purges=purges)
    return Closing(
        done=False,
        begun=begun if goes_on else None,
        against=() if goes_on else tuple(await _against(reader, begun)),
        unlike=() if goes_on else tuple(await _unlike(reader, compared)),
        unmoved={} if goes_on else unmoved(await books(reader)),
        reconciliation=compared,
        open_holds=await holds.open_count(reader),
        purged=await count_bodies(reader) if purges else 0,
        files=await files_read(reader),
        head=await reader.head(),
    )


async def _refuse_again(reader: Reader, *, purges: bool) -> None:
    """Behind a purge there is something to sign only once something was done, or there are bodies again to erase."""
    signed = await signed_off(reader)
    if signed is None or not signed.purged or await changes_since(reader, signed.position):
        return
    if not purges or not await bodies_to_erase(reader, signed.payload_hash, "", 1):
        raise WrongUse(
            f"closed and purged by {signed.actor} on {signed.recorded_at[:10]}, at {signed.head}; nothing was done"
            " since, so there is nothing to sign"
        )


async def _against(reader: Reader, begun: Run | None) -> list[str]:
    paused = await automations.not_active(reader)
    against = [] if begun is None else [f"run {begun.run_id} ({begun.command}) is unfinished; `resume` goes on with it"]
    if paused:
        named = ", ".join(one.twenty_id for one in paused)
        against.append(f"paused automations ({named}); `automations restore` puts them back")
    return against


async def _unlike(reader: Reader, compared: Reconciliation | None) -> list[str]:
    if compared is None:
        return ["Twenty was never compared with the ledger as a whole; `reconcile` does it"]
    since = await changes_since(reader, compared.position)
    unlike = [f"changes made in Twenty since the last `reconcile`: {since}; run it again"] if since else []
    if compared.differences:
        unlike.append(f"the last `reconcile` found {compared.differences} differences")
    return unlike


async def _sign(ledger: Ledger, path: Path, found: Closing, anyway: str | None, *, purges: bool) -> None:
    why = [seal(f"close:{ledger.run_id}", {"why": anyway})] if anyway else []
    signature = MigrationClosed(
        head=str(ledger.head),
        reconciled=not found.unlike,
        purged=purges,
        payload_hash=why[0].hash if why else None,
    )
    started = RunStarted(command="close", settings={"purge": purges})
    if not purges:
        events: Sequence[Event] = [started, signature, RunCompleted(counts={})]
        await ledger.append(events, why)
        return
    async with run_of(ledger, started, tuple(why), signature=[signature]) as outcome:
        outcome.counts = {"bodies": await purge(ledger, path, Reporter())}


async def purge(ledger: Ledger, path: Path, reporter: Reporter) -> int:
    """Erase every body but the reason of the sign-off: by events first, then their bytes; answers how many went."""
    signed = await signed_off(ledger.reader)
    kept = signed.payload_hash if signed else None
    erased, after = 0, ""
    with reporter.phase("purge", await count_bodies(ledger.reader)) as advance:
        while some := await bodies_to_erase(ledger.reader, kept, after, _ERASED_AN_APPEND):
            await ledger.append(PayloadErased(payload_hash=one) for one in some)
            erased, after = erased + len(some), some[-1]
            advance(len(some))
    await anyio.to_thread.run_sync(rewrite, path)
    return erased


@click.command("close")
@click.option("--purge", "purges", is_flag=True, help="Erase every body: rows, payloads, before-images, reports.")
@click.option(
    "--anyway", metavar="WHY", type=WORDS, help="Sign off although not compared, unlike or not all moved; kept."
)
@click.option("--yes", is_flag=True, help="Do it; without, only show what would be signed off.")
@general
@click.pass_context
def command(context: click.Context, /, purges: bool, anyway: str | None, yes: bool) -> None:
    """Sign the migration off: who, at which head, compared with what result; preview unless --yes.

    No run may be unfinished and no automation paused, Twenty has to be as the last `reconcile` found it, and all that
    is not held has to be moved. With --purge every body leaves the ledger, and with them all personal data but what
    names of files say: history, verify and rollback go on, load and delta do not. Changes that a delta made cannot be
    undone then, since what stood there before is gone.

    Example:  kartra-to-twenty close --purge
    """
    options: Options = context.obj
    work = (lambda: close(options, anyway, purges=purges)) if yes else (lambda: preview(options, purges=purges))
    done = run(options, work)
    reasons = () if done.done else done.reasons(anyway)
    if options.as_json:
        reporting.document({**msgspec.to_builtins(done), "head": str(done.head)})
    else:
        _tell(done, reasons)
    context.exit(UNDONE if reasons else 0)


def _tell(done: Closing, reasons: Sequence[str]) -> None:
    compared = done.reconciliation
    if compared is not None:
        erased = f", {compared.erased} erased and not compared" if compared.erased else ""
        reporting.line(
            f"compared: {compared.compared} records in run {compared.run}, {compared.differences} unlike{erased}"
        )
    if done.open_holds:
        reporting.line(f"left: {done.open_holds} holds, whose rows stay unmoved; `holds` lists them")
    if done.begun is not None and not done.done:
        reporting.line(f"begun: run {done.begun.run_id} signed it off and was interrupted; --yes, or `resume`, goes on")
    for one in reasons:
        reporting.line(f"against it: {one}")
    if done.purged:
        reporting.line(f"{'gone' if done.done else 'would go'}: {done.purged} bodies; outside the ledger these stay:")
        for path in done.files:
            reporting.line(f"  {path}")
    reporting.line(_last_line(done, reasons))


def _last_line(done: Closing, reasons: Sequence[str]) -> str:
    if done.done:
        return f"signed off; head {done.head}"
    if not reasons:
        return "nothing was changed; --yes does it"
    in_spite = "" if done.against else ", or sign it off in spite of it: --anyway WHY --yes"
    return f"nothing was changed; settle that first{in_spite}"
