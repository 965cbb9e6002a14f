"""rollback: take out of Twenty what was written, exactly; what a person touched since is kept and named."""

from pathlib import Path

import msgspec
import rich_click as click

from adapters.twenty import Ids
from commands.automations import put_back_after
from commands.compensation.automated import take_automated
from commands.compensation.change_traces import remove_change_traces
from commands.compensation.deciding import decide, record_kept
from commands.compensation.departures import revivals
from commands.compensation.destroying import destroy_all
from commands.compensation.forcing import forced
from commands.compensation.foreseeing import foresee
from commands.compensation.leaving import Leaving
from commands.compensation.loosening import record_loose
from commands.compensation.losing import by_force, note_losses
from commands.compensation.outcome import Foreseen, RolledBack
from commands.compensation.proof import prove
from commands.compensation.report import refuse_report, write_report
from commands.compensation.restoring import restore_all
from commands.compensation.returning import return_displaced, to_return
from commands.compensation.reviving import revive_departed
from commands.compensation.scope import (
    Plan,
    Wanted,
    backwards,
    counted,
    plan,
    scope_before,
    scope_of,
    settings_of,
    writing_runs,
)
from commands.compensation.telling import tell_plan, tell_rollback
from commands.compensation.traces import note_traces, remove_traces
from commands.compensation.unmaking import remove_schema
from commands.compensation.waiting import SWEEP, Awaited, wait_for_traces, wait_for_unknown
from commands.errors import UNDONE, UnfinishedRun, WrongUse
from commands.options import Options, destination
from commands.present import present
from commands.reading import reading
from commands.reporting import Reporter
from commands.running import run
from commands.session import Outcome, Working, check_workspace, reach_twenty, run_of, writing
from commands.updating.displacing import look_at_displaced
from commands.updating.settling import CHANGING, settle_changes
from ledger import standing, work
from ledger.events import RunStarted
from ledger.projections import changes, runs
from ledger.projections.compensations import compensations
from ledger.projections.runs import Run
from ledger.reader import Reader
from ledger.scopes import Scope

PATIENCE_S = 600
EVERYTHING = Wanted()


class Manner(msgspec.Struct, frozen=True):
    """How a rollback goes about it: also what was edited or is pointed at, and into the bin only."""

    force: bool = False
    soft: bool = False


async def preview(options: Options, wanted: Wanted, *, force: bool = False, soft: bool = False) -> Plan:
    """What would be taken back, by the ledger alone."""
    async with reading(options) as reader:
        return await planned(reader, await scope_of(reader, wanted), force=force, soft=soft)


async def planned(reader: Reader, scope: Scope, *, force: bool, soft: bool) -> Plan:
    """What the ledger would have taken back, and what would come back."""
    coming = await revivals(reader, scope, beforehand=True)
    return msgspec.structs.replace(
        await plan(reader, scope, force=force, soft=soft),
        returning=counted(await to_return(reader, scope)),
        reviving=counted(coming.again),
        superseded=counted(coming.later),
    )


async def check(options: Options, wanted: Wanted, *, force: bool, soft: bool = False) -> Foreseen:
    """What would be taken back, and what would be kept, by reading Twenty; nothing is changed or recorded."""
    async with writing(options, "rollback --check") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        scope = await scope_of(ledger.reader, wanted)
        working = Working(ledger, twenty, Reporter())
        planning = await planned(ledger.reader, scope, force=force, soft=soft)
        return await foresee(working, scope, planning, force=force, soft=soft)


async def roll_back(
    options: Options, wanted: Wanted = EVERYTHING, *, patience_s: float, force: bool, soft: bool = False
) -> RolledBack:
    """Take the scope out of Twenty; a rollback that was interrupted is gone on with."""
    async with writing(options, "rollback") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        scope = await scope_of(ledger.reader, wanted)
        working = Working(ledger, twenty, Reporter())
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None and unfinished.command == "rollback":
            if scope_before(unfinished.settings) != scope:
                raise UnfinishedRun(unfinished.run_id, "rollback")
            _refuse_other_manner(unfinished, Manner(force, soft))
            return await go_on_rolling_back(working, unfinished, patience_s=patience_s)
        settings = {**settings_of(scope), "force": force, "soft": soft}
        async with run_of(ledger, RunStarted(command="rollback", settings=settings)) as outcome:
            done = await _steps(working, scope, outcome, Manner(force, soft), patience_s)
        return msgspec.structs.replace(done, head=ledger.head)


def _manner_of(run_before: Run) -> Manner:
    return Manner(bool(run_before.settings.get("force")), bool(run_before.settings.get("soft")))


def _refuse_other_manner(unfinished: Run, manner: Manner) -> None:
    begun = _manner_of(unfinished)
    for name in Manner.__struct_fields__:
        if getattr(begun, name) != getattr(manner, name):
            said = "with" if getattr(begun, name) else "without"
            raise WrongUse(f"the rollback to go on with was begun {said} --{name}; say it the same, or `resume`")


async def go_on_rolling_back(working: Working, interrupted: Run, *, patience_s: float = PATIENCE_S) -> RolledBack:
    """Go on with a rollback under its own run id: the steps find what is left to do."""
    scope = scope_before(interrupted.settings)
    async with run_of(working.ledger, None, resumes=interrupted.run_id) as outcome:
        done = await _steps(working, scope, outcome, _manner_of(interrupted), patience_s)
    return msgspec.structs.replace(done, head=working.ledger.head)


async def _steps(working: Working, scope: Scope, outcome: Outcome, manner: Manner, patience_s: float) -> RolledBack:
    force, reader = manner.force, working.ledger.reader
    async with put_back_after(working):
        unknown = await wait_for_unknown(working, scope, patience_s)
        unknown = await look_at_displaced(working, patience_s) or unknown
        await settle_changes(working)
        marks = await writing_runs(reader, scope)
        awaited = await wait_for_traces(working, await _targets(working, scope), marks, patience_s)
        # First what stays gets back what it held: it may have been made to point at what goes.
        restored = await restore_all(working, await _restorable(working), scope, force=force)
        decision = await decide(working, scope, force=force)
        await take_automated(working, decision)
        await record_kept(working, decision)
        await note_losses(working, decision.losses)
        await note_traces(working, decision, marks, whole=scope.covers_runs)
        destroyed = await destroy_all(working, decision, force=force, soft=manner.soft)
        await record_loose(working)
        timeline, trace_runs = await remove_traces(working)
        # Now that nothing of ours holds their values, what we destroyed comes back.
        returned = await return_displaced(working, scope, patience_s)
        remade = await revive_departed(working, scope)
        more_timeline, more_runs = await remove_change_traces(working, patience_s)
        leaving = Leaving(binned=await _binned(working))
        stays = await remove_schema(working, scope, leaving, force=force)
    proof = await prove(working, scope, unknown, _may_still_come(awaited), stays)
    done = RolledBack(
        run=working.ledger.run_id,
        destroyed=destroyed,
        already_gone={
            name: len(decision.gone.get(name, ())) + restored.gone.get(name, 0)
            for name in {**decision.gone, **restored.gone}
        },
        restored={name: count for name, count in restored.restored.items() if count},
        returned=returned,
        remade=remade,
        superseded=counted((await revivals(reader, scope, beforehand=False)).later),
        restored_in_part={name: count for name, count in restored.in_part.items() if count},
        traces={"timeline": timeline + more_timeline, "runs": trace_runs + more_runs},
        fields_kept=[one.name for one in stays if one.why == "in_use"],
        fields_in_bin=proof.schema_binned,
        forced=[*await forced(reader, working.ledger.run_id), *by_force(proof.lost)],
        proof=proof,
        calls=dict(working.twenty.client.calls),
        head=working.ledger.head,
    )
    counts = {"destroyed": sum(destroyed.values()), "restored": sum(restored.restored.values())}
    outcome.counts, outcome.undone = {**counts, "kept": len(proof.kept)}, done.undone
    return done


async def _restorable(working: Working) -> list[str]:
    """The objects with changes, or with some whose outcome was not known."""
    reader = working.ledger.reader
    begun = {one.state.object for one in await work.intended(reader) if one.state.action in CHANGING}
    return sorted({*await changes.changed_objects(reader), *begun})


async def _binned(working: Working) -> dict[str, set[str]]:
    """The records that this run put into the bin, by object."""
    found: dict[str, set[str]] = {}
    for one in await compensations(working.ledger.reader, working.ledger.run_id):
        if one.detail == "soft_deleted":
            found.setdefault(one.object, set()).add(one.twenty_id)
    return found


async def _targets(working: Working, scope: Scope) -> dict[str, Ids]:
    reader = working.ledger.reader
    ids = {name: await standing.created_ids(reader, name, scope) for name in await backwards(reader)}
    known = await present(working)
    return {target.singular: Ids(some) for name, some in ids.items() if some and (target := known.find(name))}


def _may_still_come(awaited: Awaited) -> list[str]:
    missing = awaited.expected - awaited.timeline
    if awaited.complete or missing <= 0:
        return []
    return [f"{missing} timeline rows had not come after {awaited.waited_s} s; {SWEEP}"]


@click.command("rollback")
@click.option("--run", "run_text", metavar="ID", help="Only what this run wrote (its id, or the end of it).")
@click.option(
    "--object", "objects", metavar="OBJECT", multiple=True, help="Only records of this object, and its own model."
)
@click.option(
    "--since", metavar="POSITION", type=click.IntRange(0), help="Only what was done after this position (see `head`)."
)
@click.option(
    "--record", "records", metavar="ID", multiple=True, help="Only this record: Twenty's id, or the end of it."
)
@click.option("--yes", is_flag=True, help="Do it; without, only show what would be done.")
@click.option("--check", "checks", is_flag=True, help="Also read Twenty, and name what would be kept.")
@click.option("--force", is_flag=True, help="Take back also what was edited or is pointed at.")
@click.option("--soft", is_flag=True, help="Into Twenty's bin instead of for good: see above.")
@click.option("--patience", type=click.FloatRange(0), default=PATIENCE_S, show_default=True,
              help="Seconds to wait for Twenty's queue.")  # fmt: skip
@click.option("--report", metavar="FILE", type=click.Path(path_type=Path), help="Write the proof there: .md or .json.")
@destination
@click.pass_context
def command(
    context: click.Context,
    /,
    run_text: str | None,
    objects: tuple[str, ...],
    since: int | None,
    records: tuple[str, ...],
    yes: bool,
    checks: bool,
    force: bool,
    soft: bool,
    patience: float,
    report: Path | None,
) -> None:
    """Take out of Twenty what was written; preview unless --yes.

    Records we made are destroyed, changes of others' records are undone field by field. What a person edited since, or
    made to point at a record, is kept and named.

    With --force it goes too: Twenty loses what people typed into it, and what points at it (others' ties, and ours)
    goes with it or points at nothing. With --soft, fields and options stay too until the bin is emptied, after 14 days
    unless the workspace says other; until then its records block their e-mails.

    Example:  kartra-to-twenty rollback

    Example:  kartra-to-twenty --sandbox rollback --since 52 --yes --report proof.md
    """
    options: Options = context.obj
    wanted = Wanted(run=run_text, since=since, objects=objects, records=records)
    if report is not None:
        if not yes:
            raise WrongUse("--report writes down what was taken back: say --yes too, or leave it out")
        refuse_report(report)
    if yes:
        done = run(options, lambda: roll_back(options, wanted, patience_s=patience, force=force, soft=soft))
        tell_rollback(options, done)
        if report is not None:
            write_report(report, done)
        context.exit(UNDONE if done.undone else 0)
    if checks:
        foreseen = run(options, lambda: check(options, wanted, force=force, soft=soft))
        tell_plan(options, foreseen.plan, foreseen)
    else:
        tell_plan(options, run(options, lambda: preview(options, wanted, force=force, soft=soft)), None)
