"""resume: go on with the run that was interrupted or failed. With nothing to go on with it says so, and is done."""

from collections.abc import Awaitable, Callable

import anyio
import rich_click as click

from commands import reporting
from commands.automations import HOW, quiet, restore
from commands.close import purge
from commands.comparing.outcome import Delta
from commands.comparing.telling import tell_delta
from commands.compensation.outcome import RolledBack
from commands.compensation.telling import tell_rollback
from commands.delta import go_on_with_delta
from commands.errors import UNDONE, WrongUse
from commands.extract import exports_of_run, extract
from commands.load import go_on
from commands.loading import Loaded, tell
from commands.mapping import mapping_of_run
from commands.modelling import apply
from commands.options import Options, destination
from commands.policies import Policies
from commands.portions import asked_before, portion_of
from commands.reporting import Reporter
from commands.rollback import go_on_rolling_back
from commands.running import run
from commands.schema import plan_of, plan_of_files
from commands.session import Outcome, Working, bind_workspace, check_workspace, reach_twenty, run_of, writing
from commands.transform import transform
from commands.write import write
from ledger.erasing import rewrite
from ledger.projections import runs
from ledger.projections.runs import Run
from ledger.store import Ledger

OFFLINE = frozenset({"extract", "transform", "close", "erase"})
"""Commands that can be gone on with without Twenty."""


async def resume(options: Options, how: str | None) -> Loaded | Delta | RolledBack | Run | None:
    """Go on with the newest run that has no good end; answers None where there is none."""
    async with writing(options, "resume") as ledger:
        interrupted = await runs.unfinished(ledger.reader)
        if interrupted is None:
            return None
        if interrupted.command in OFFLINE:
            return await _go_on_offline(options, ledger, interrupted)
        async with reach_twenty(options) as twenty:
            await check_workspace(ledger.reader, twenty)
            working = Working(ledger, twenty, Reporter())
            return await _go_on(working, interrupted, how)


async def _go_on(working: Working, interrupted: Run, how: str | None) -> Loaded | Delta | RolledBack | Run:
    if interrupted.command == "load":
        return await go_on(working, interrupted, how=how)
    if interrupted.command == "delta":
        return await go_on_with_delta(working, interrupted, how=how)
    if interrupted.command == "rollback":
        return await go_on_rolling_back(working, interrupted)
    step = _STEPS.get(interrupted.command)
    if step is None:
        raise WrongUse(f"run {interrupted.run_id} ({interrupted.command}) cannot be gone on with; run it again")
    async with run_of(working.ledger, None, resumes=interrupted.run_id) as outcome:
        await bind_workspace(working.ledger, working.twenty)
        await step(working, interrupted, outcome, how)
    return await runs.find_run(working.ledger.reader, interrupted.run_id) or interrupted


async def _go_on_offline(options: Options, ledger: Ledger, interrupted: Run) -> Run:
    exports = await exports_of_run(ledger, interrupted.run_id)
    async with run_of(ledger, None, resumes=interrupted.run_id) as outcome:
        if interrupted.command == "extract":
            outcome.undone = (await extract(ledger, exports, Reporter())).held
        elif interrupted.command == "erase":
            outcome.counts = {"bodies": await anyio.to_thread.run_sync(rewrite, options.ledger)}
        elif interrupted.command == "close":
            outcome.counts = {"bodies": await purge(ledger, options.ledger, Reporter())}
        else:
            signed = await mapping_of_run(ledger, interrupted.mapping_hash or "")
            done = await transform(ledger, signed.config, signed.payload.hash, Reporter())
            outcome.counts, outcome.undone = done.counts, done.held
    return await runs.find_run(ledger.reader, interrupted.run_id) or interrupted


async def _write(working: Working, interrupted: Run, outcome: Outcome, how: str | None) -> None:
    said = how or interrupted.settings.get("automations")
    portion = await portion_of(working.ledger.reader, asked_before(interrupted.settings))
    async with quiet(working, portion.objects, None if said is None else str(said)):
        written = await write(working, portion, Policies(interrupted.policies))
    outcome.undone = written.undone


async def _apply_schema(working: Working, interrupted: Run, outcome: Outcome, _how: str | None) -> None:
    signed = await mapping_of_run(working.ledger, interrupted.mapping_hash or "")
    exports = await exports_of_run(working.ledger, interrupted.run_id)
    wanted = await plan_of_files(working.ledger, signed.config, exports) if exports else None
    outcome.counts = await apply(working, wanted or await plan_of(working.ledger, signed.config))


async def _restore(working: Working, _interrupted: Run, outcome: Outcome, _how: str | None) -> None:
    outcome.counts = {"restored": len(await restore(working.ledger, working.twenty, working.reporter))}


_STEPS: dict[str, Callable[[Working, Run, Outcome, str | None], Awaitable[None]]] = {
    "write": _write,
    "schema apply": _apply_schema,
    "automations restore": _restore,
}


@click.command("resume")
@click.option("--automations", "how", type=HOW, help="What to do with automations, if the run had not been told.")
@destination
@click.pass_context
def command(context: click.Context, how: str | None) -> None:
    """Go on with the run that was interrupted or failed: nothing twice, nothing lost.

    Example:  kartra-to-twenty --sandbox resume
    """
    options: Options = context.obj
    done = run(options, lambda: resume(options, how))
    match done:
        case None:
            _say(options, "nothing to resume", resumed=False)
        case Loaded():
            tell(options, done)
        case Delta():
            tell_delta(options, done)
        case RolledBack():
            tell_rollback(options, done)
        case Run():
            _say(options, f"run {done.run_id} ({done.command}) is completed")
    context.exit(UNDONE if done is not None and done.undone else 0)


def _say(options: Options, text: str, *, resumed: bool = True) -> None:
    if options.as_json:
        reporting.document({"resumed": text if resumed else None})
    else:
        reporting.line(text)
