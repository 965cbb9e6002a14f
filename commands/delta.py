"""delta: later exports held against what was moved; what Kartra changed is changed in Twenty, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra import Export
from commands.automations import HOW
from commands.checks.fit import check_fit
from commands.comparing import compare
from commands.comparing.judging import refuse_absent, refuse_unsure
from commands.comparing.outcome import Delta
from commands.comparing.rehearsing import rehearse_delta
from commands.comparing.selecting import refuse_older
from commands.comparing.telling import tell_delta, tell_rehearsal
from commands.errors import UNDONE, UnfinishedRun, WrongUse
from commands.extract import exports_in, exports_of_run, files_seen
from commands.load import NOTHING_SAID, Said
from commands.loading import Job, checked, move
from commands.mapping import mapping_of_run, signed_mapping
from commands.options import Options, destination
from commands.policies import Policies, policies_of, policy_options
from commands.reporting import Reporter
from commands.running import run
from commands.session import (
    Outcome,
    Working,
    bind_workspace,
    reach_twenty,
    run_of,
    writing,
)
from ledger.events import RunStarted
from ledger.projections import runs
from ledger.projections.runs import Run
from ledger.store import Ledger

KINDS = ("contacts", "transactions", "subscriptions", "bookings", "affiliates")
"""Kinds of files that can be said to be complete."""


async def delta(
    options: Options,
    folder: Path,
    *,
    complete: frozenset[str] = frozenset(),
    accept_defaults: bool = False,
    how: str | None = None,
    said: Said = NOTHING_SAID,
) -> Delta:
    """Hold a folder's later exports against the ledger; an interrupted delta of the same files is gone on with."""
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    refuse_absent(found.exports, complete)
    files = files_seen(found)
    async with writing(options, "delta") as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None:
            same_files = {seen.sha256 for seen in unfinished.files} == {seen.sha256 for seen in files}
            if unfinished.command != "delta" or not same_files or complete_before(unfinished) != complete:
                raise UnfinishedRun(unfinished.run_id, unfinished.command)
            await _refuse_other_policies(ledger, unfinished, said)
            return await go_on_with_delta(working, unfinished, how=how)
        if await ledger.reader.workspace() is None:
            raise WrongUse(f"{options.ledger} holds no load yet that a delta could be held against; `load` first")
        key = await checked(working, beside=True)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        check_fit(signed.config, twenty.model, ())
        policies = policies_of(signed.config, said)
        refuse_unsure(signed.config, policies, complete)
        await refuse_older(ledger, found.exports, complete)
        started = RunStarted(
            command="delta",
            settings={"folder": str(folder), "automations": how, "complete": ",".join(sorted(complete)) or None},
            policies=policies.said,
            mapping_hash=signed.payload.hash,
            files=files,
        )
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            job = Job(
                working=working,
                signed=signed,
                key=key,
                policies=policies,
                how=how,
                changes=True,
                complete=complete,
            )
            return await _compare_and_move(job, outcome, found.exports, resumed=False)


async def go_on_with_delta(working: Working, interrupted: Run, *, how: str | None) -> Delta:
    """Go on with a delta under its own run id, with the mapping, the files and the policies it began with."""
    ledger = working.ledger
    key = await checked(working, beside=True)
    ledger.run_id = interrupted.run_id
    exports = await exports_of_run(ledger, interrupted.run_id, all_files=True)
    signed = await mapping_of_run(ledger, interrupted.mapping_hash or "")
    told = how or interrupted.settings.get("automations")
    async with run_of(ledger, None, resumes=interrupted.run_id) as outcome:
        await bind_workspace(ledger, working.twenty)
        job = Job(
            working=working,
            signed=signed,
            key=key,
            policies=Policies(interrupted.policies),
            how=None if told is None else str(told),
            changes=True,
            complete=complete_before(interrupted),
        )
        return await _compare_and_move(job, outcome, exports, resumed=True)


async def _refuse_other_policies(ledger: Ledger, unfinished: Run, said: Said) -> None:
    """A run goes on as it began: half of it one way and half another is what nobody asked for."""
    signed = await mapping_of_run(ledger, unfinished.mapping_hash or "")
    now, before = policies_of(signed.config, said).said, unfinished.policies
    if now != before:
        differing = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
        told = ", ".join(f"{name} = {before.get(name, 'as is usual')}" for name in differing)
        raise WrongUse(
            f"run {unfinished.run_id} (delta) began under other policies ({told}); `resume` goes on with it as it"
            " began, `rollback` takes it back"
        )


def complete_before(run_before: Run) -> frozenset[str]:
    """The kinds that a run was told are complete."""
    told = run_before.settings.get("complete")
    return frozenset(str(told).split(",")) if told else frozenset()


async def _compare_and_move(job: Job, outcome: Outcome, exports: Sequence[Export], *, resumed: bool) -> Delta:
    ledger = job.working.ledger
    compared, again = await compare(ledger, exports, job.complete, job.working.reporter)
    loaded = await move(job, outcome, compared.rows, resumed=resumed, again=again)
    compared = msgspec.structs.replace(compared, again=loaded.transformed.again)
    done = Delta(compared=compared, loaded=loaded)
    outcome.undone = done.undone
    return msgspec.structs.replace(done, loaded=msgspec.structs.replace(loaded, head=ledger.head))


@click.command("delta")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--complete",
    metavar="KIND",
    multiple=True,
    type=click.Choice(KINDS),
    help=f"This kind's files hold all of the account's: what they lack is gone. One of {', '.join(KINDS)}.",
)
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@click.option("--automations", "how", type=HOW, help="What to do with automations that would fire.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done: nothing is sent or recorded.")
@policy_options("existing", "adoption", "deleted", "conflict", "gone")
@destination
@click.pass_context
def command(
    context: click.Context,
    /,
    folder: Path,
    complete: tuple[str, ...],
    accept_defaults: bool,
    how: str | None,
    dry_run: bool,
    **policies: tuple[str, ...],
) -> None:
    """Move what changed in Kartra since the load.

    FOLDER holds later exports. Only fields that Kartra changed are sent; where a person changed the same field in
    Twenty, the record waits (or as --conflict says). What is gone from Kartra is told, and deleted with --gone delete.

    Records are read some seconds before they are changed: an edit of the same field in between is overwritten, and a
    record put into the bin in between comes out of it. All else that people do in Twenty meanwhile stays.

    Example:  kartra-to-twenty --sandbox delta exports-june --automations leave
    """
    options: Options = context.obj
    kinds = frozenset(complete)
    if dry_run:
        tried = run(
            options,
            lambda: rehearse_delta(options, folder, complete=kinds, accept_defaults=accept_defaults, said=policies),
        )
        tell_rehearsal(options, tried)
        context.exit(UNDONE if tried.undone else 0)
    done = run(
        options,
        lambda: delta(options, folder, complete=kinds, accept_defaults=accept_defaults, how=how, said=policies),
    )
    tell_delta(options, done)
    context.exit(UNDONE if done.undone else 0)
