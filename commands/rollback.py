"""rollback: take out of Twenty what was written, exactly; what a person touched since is kept and named."""

import msgspec
import rich_click as click

from adapters.twenty import Ids
from commands import reporting
from commands.automations import put_back_after
from commands.compensation.deciding import Decision, decide, record_kept
from commands.compensation.destroying import destroy_all
from commands.compensation.forcing import Forced, forced
from commands.compensation.proof import Proof, prove
from commands.compensation.scope import Plan, Scope, backwards, plan, scope_of, writing_runs
from commands.compensation.traces import note_traces, remove_traces
from commands.compensation.unmaking import remove_schema
from commands.compensation.waiting import SWEEP, Awaited, wait_for_traces, wait_for_unknown
from commands.errors import UNDONE, UnfinishedRun, WrongUse
from commands.options import Options, destination
from commands.present import present
from commands.reporting import Reporter
from commands.running import run
from commands.session import Outcome, Working, check_workspace, reach_twenty, reading, run_of, writing
from ledger import work
from ledger.events import RunStarted
from ledger.projections import runs
from ledger.projections.runs import Run
from ledger.reader import Head

PATIENCE_S = 600


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback came to."""

    run: str
    destroyed: dict[str, int]
    already_gone: dict[str, int]
    traces: dict[str, int]
    fields_kept: list[str]
    forced: list[Forced]
    proof: Proof
    calls: dict[str, int]
    head: Head

    @property
    def undone(self) -> int:
        """Records and elements that stay, or differences found."""
        left = sum(map(len, self.proof.answered.values())) + len(self.fields_kept) + len(self.proof.unexplained)
        return left or (0 if self.proof.exact else 1)


async def preview(options: Options, run_text: str | None) -> Plan:
    """What would be taken back, by the ledger alone."""
    async with reading(options) as reader:
        return await plan(reader, await scope_of(reader, run_text))


async def check(options: Options, run_text: str | None, *, force: bool) -> tuple[Plan, Decision]:
    """What would be taken back, and what would be kept, by reading Twenty; nothing is changed or recorded."""
    async with writing(options, "rollback --check") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        scope = await scope_of(ledger.reader, run_text)
        working = Working(ledger, twenty, Reporter())
        return await plan(ledger.reader, scope), await decide(working, scope, force=force)


async def roll_back(options: Options, run_text: str | None, *, patience_s: float, force: bool) -> RolledBack:
    """Take the scope out of Twenty; a rollback that was interrupted is gone on with."""
    async with writing(options, "rollback") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        scope = await scope_of(ledger.reader, run_text)
        working = Working(ledger, twenty, Reporter())
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None and unfinished.command == "rollback":
            if unfinished.settings.get("run") != scope.run_id:
                raise UnfinishedRun(unfinished.run_id, "rollback")
            if bool(unfinished.settings.get("force")) != force:
                said = "with" if unfinished.settings.get("force") else "without"
                raise WrongUse(f"the rollback to go on with was begun {said} --force; say it the same, or `resume`")
            return await go_on_rolling_back(working, unfinished, patience_s=patience_s)
        settings: dict[str, str | int | bool | None] = {"run": scope.run_id, "force": force}
        async with run_of(ledger, RunStarted(command="rollback", settings=settings)) as outcome:
            done = await _steps(working, scope, outcome, patience_s=patience_s, force=force)
        return msgspec.structs.replace(done, head=ledger.head)


async def go_on_rolling_back(working: Working, interrupted: Run, *, patience_s: float = PATIENCE_S) -> RolledBack:
    """Go on with a rollback under its own run id: the steps find what is left to do."""
    run_id = interrupted.settings.get("run")
    scope = Scope(run_id=None if run_id is None else str(run_id))
    force = bool(interrupted.settings.get("force"))
    async with run_of(working.ledger, None, resumes=interrupted.run_id) as outcome:
        done = await _steps(working, scope, outcome, patience_s=patience_s, force=force)
    return msgspec.structs.replace(done, head=working.ledger.head)


async def _steps(working: Working, scope: Scope, outcome: Outcome, *, patience_s: float, force: bool) -> RolledBack:
    async with put_back_after(working):
        unknown = await wait_for_unknown(working, scope, patience_s)
        marks = await writing_runs(working.ledger.reader, scope)
        awaited = await wait_for_traces(working, await _targets(working, scope), marks, patience_s)
        decision = await decide(working, scope, force=force)
        await record_kept(working, decision)
        await note_traces(working, decision, marks)
        destroyed = await destroy_all(working, decision, force=force)
        timeline, trace_runs = await remove_traces(working)
        fields_kept = await remove_schema(working, scope, force=force)
    proof = await prove(working, scope, unknown, _may_still_come(awaited))
    done = RolledBack(
        run=working.ledger.run_id,
        destroyed=destroyed,
        already_gone={name: len(some) for name, some in decision.gone.items()},
        traces={"timeline": timeline, "runs": trace_runs},
        fields_kept=fields_kept,
        forced=await forced(working.ledger.reader, working.ledger.run_id),
        proof=proof,
        calls=dict(working.twenty.client.calls),
        head=working.ledger.head,
    )
    outcome.counts, outcome.undone = {"destroyed": sum(destroyed.values()), "kept": len(proof.kept)}, done.undone
    return done


async def _targets(working: Working, scope: Scope) -> dict[str, Ids]:
    reader = working.ledger.reader
    ids = {name: await work.written_ids(reader, name, scope.run_id) for name in await backwards(reader)}
    known = await present(working)
    return {target.singular: Ids(some) for name, some in ids.items() if some and (target := known.find(name))}


def _may_still_come(awaited: Awaited) -> list[str]:
    missing = awaited.expected - awaited.timeline
    if awaited.complete or missing <= 0:
        return []
    return [f"{missing} timeline rows had not come after {awaited.waited_s} s; {SWEEP}"]


@click.command("rollback")
@click.option("--run", "run_text", metavar="ID", help="Only what this run wrote (its id, or the end of it).")
@click.option("--yes", is_flag=True, help="Do it; without, only show what would be done.")
@click.option("--check", "checks", is_flag=True, help="Also read Twenty, and name what would be kept.")
@click.option("--force", is_flag=True, help="Take back also what was edited or is pointed at.")
@click.option("--patience", type=click.FloatRange(0), default=PATIENCE_S, show_default=True,
              help="Seconds to wait for Twenty's queue.")  # fmt: skip
@destination
@click.pass_context
def command(
    context: click.Context, run_text: str | None, yes: bool, checks: bool, force: bool, patience: float
) -> None:
    """Take out of Twenty what was written; preview unless --yes.

    What a person edited since, or made to point at a record, is kept and named.

    Example:  kartra-to-twenty rollback
    """
    options: Options = context.obj
    if yes:
        done = run(options, lambda: roll_back(options, run_text, patience_s=patience, force=force))
        tell_rollback(options, done)
        context.exit(UNDONE if done.undone else 0)
    if checks:
        planned, decision = run(options, lambda: check(options, run_text, force=force))
        _tell_plan(options, planned, decision)
    else:
        _tell_plan(options, run(options, lambda: preview(options, run_text)), None)


def _tell_plan(options: Options, planned: Plan, decision: Decision | None) -> None:
    kept = [
        {"object": name, "id": keep.candidate.id, "why": keep.why}
        for name, keeps in (decision.kept if decision else {}).items()
        for keep in keeps
    ]
    if options.as_json:
        reporting.document({"plan": planned, "kept": kept if decision else None})
        return
    reporting.line(f"would take back {planned.scope}:")
    for name, count in sorted(planned.records.items()):
        reporting.line(f"  {count} {name} records")
    reporting.line(f"  {len(planned.objects)} objects, {len(planned.fields)} fields, {len(planned.options)} options")
    for one in kept:
        reporting.line(f"  keeps {one['object']} {one['id']}: {one['why']}")
    reporting.line("nothing was changed; --yes does it" + ("" if decision else ", --check reads Twenty first"))


def tell_rollback(options: Options, done: RolledBack) -> None:
    """Print what a rollback came to."""
    if options.as_json:
        told = msgspec.to_builtins(done)
        reporting.document({**told, "exact": done.proof.exact, "undone": done.undone, "head": str(done.head)})
        return
    for name, count in done.destroyed.items():
        reporting.line(f"taken back: {count} {name}, {done.already_gone[name]} were gone already")
    reporting.line(f"traces removed: {done.traces['timeline']} timeline rows, {done.traces['runs']} workflow runs")
    for one in done.proof.kept:
        reporting.line(f"kept: {one.object} {one.id}: {one.why}")
    for name in done.fields_kept:
        reporting.line(f"kept: {name}: in_use")
    for element in done.forced:
        reporting.line(f"took out with --force: {element.name} ({_others(element.records)}, kept in the ledger)")
    for text in filter(None, [done.proof.could_land, *done.proof.may_still_come]):
        reporting.line(f"may still come: {text}")
    asked = sum(done.proof.asked.values())
    verdict = "exactly as before" if done.proof.exact else "not exactly as before"
    reporting.line(f"proof: {asked} ids asked for, {sum(map(len, done.proof.answered.values()))} answered: {verdict}")
    for text in done.proof.not_restorable if done.proof.exact else ():
        reporting.line(f"cannot be put back by anybody: {text}")
    reporting.line(f"run {done.run}, head {done.head}")


def _others(records: int) -> str:
    return f"{records} record{'' if records == 1 else 's'} of others"
