"""delta: later exports held against what was moved; what Kartra changed is changed in Twenty, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra import Export
from commands import reporting
from commands.automations import HOW
from commands.checks.fit import check_fit
from commands.comparing import Compared, Counted, compare
from commands.counting import throwaway, to_write
from commands.errors import UNDONE, UnfinishedRun, WrongUse
from commands.extract import exports_in, exports_of_run, files_seen
from commands.load import NOTHING_SAID, Said
from commands.loading import EVERYTHING, Job, Loaded, checked, move, tell_left
from commands.mapping import mapping_of_run, signed_mapping
from commands.objects import in_order, written_objects
from commands.options import Options, destination
from commands.policies import Policies, policies_of, policy_options
from commands.portions import portion_of
from commands.reporting import Reporter
from commands.running import run
from commands.session import (
    Outcome,
    Working,
    bind_workspace,
    check_workspace,
    reach_twenty,
    refuse_unfinished,
    run_of,
    writing,
)
from commands.transform import transform
from commands.updating.foreseeing import Foreseen, foresee
from ledger import work
from ledger.events import RunStarted
from ledger.projections import holds, runs
from ledger.projections.runs import Run

KINDS = ("contacts", "transactions", "subscriptions", "bookings", "affiliates")
"""Kinds of files that can be said to be complete."""


_COLUMNS = ("created", "updated", "adopted", "removed", "held", "rejected")
"""What became of records, as it is printed."""


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """What a delta came to: the files compared, and all that was written since."""

    compared: Compared
    loaded: Loaded

    @property
    def undone(self) -> int:
        """Rows and records that are left for a person. What is gone in Kartra, and what became obsolete, is told."""
        return self.loaded.undone - self.loaded.obsolete


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What a delta would come to: records to create, and what is not as it should be, by object."""

    compared: Compared
    create: dict[str, int]
    change: dict[str, Foreseen]
    obsolete: dict[str, int]
    open_holds: int


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
    files = files_seen(found)
    async with writing(options, "delta") as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None:
            same_files = {seen.sha256 for seen in unfinished.files} == {seen.sha256 for seen in files}
            if unfinished.command != "delta" or not same_files or complete_before(unfinished) != complete:
                raise UnfinishedRun(unfinished.run_id, unfinished.command)
            return await go_on_with_delta(working, unfinished, how=how)
        if await ledger.reader.workspace() is None:
            raise WrongUse(f"{options.ledger} holds no load yet that a delta could be held against; `load` first")
        key = await checked(working, beside=True)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        check_fit(signed.config, twenty.model, ())
        policies = policies_of(signed.config, said)
        _refuse_unsure(policies, complete)
        started = RunStarted(
            command="delta",
            settings={"folder": str(folder), "automations": how, "complete": ",".join(sorted(complete)) or None},
            policies=policies.said,
            mapping_hash=signed.payload.hash,
            files=files,
        )
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            job = Job(working=working, signed=signed, key=key, policies=policies, how=how, changes=True)
            return await _compare_and_move(job, outcome, found.exports, complete, resumed=False)


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
        )
        return await _compare_and_move(job, outcome, exports, complete_before(interrupted), resumed=True)


def complete_before(run_before: Run) -> frozenset[str]:
    """The kinds that a run was told are complete."""
    told = run_before.settings.get("complete")
    return frozenset(str(told).split(",")) if told else frozenset()


def _refuse_unsure(policies: Policies, complete: frozenset[str]) -> None:
    # What is missing from a part of the account is not gone: to delete it wants the word that it is no part.
    if any(name.endswith(".gone") and way == "delete" for name, way in policies.said.items()) and not complete:
        raise WrongUse("gone = delete needs --complete KIND: what a part of the account does not have is not gone")


async def _compare_and_move(
    job: Job, outcome: Outcome, exports: Sequence[Export], complete: frozenset[str], *, resumed: bool
) -> Delta:
    ledger = job.working.ledger
    compared = await compare(ledger, exports, complete, job.working.reporter)
    loaded = await move(job, outcome, compared.rows, resumed=resumed)
    done = Delta(compared=compared, loaded=loaded)
    outcome.undone = done.undone
    return msgspec.structs.replace(done, loaded=msgspec.structs.replace(loaded, head=ledger.head))


async def rehearse_delta(
    options: Options, folder: Path, *, complete: frozenset[str], accept_defaults: bool, said: Said
) -> Rehearsal:
    """Do all of a delta that leaves no trace, neither in Twenty nor in the ledger.

    Raises:
        UnfinishedRun: a run has to be resumed or rolled back first.
    """
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    async with throwaway(options.ledger) as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        await refuse_unfinished(ledger.reader)
        await check_workspace(ledger.reader, twenty)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        policies = policies_of(signed.config, said)
        _refuse_unsure(policies, complete)
        started = RunStarted(command="delta", mapping_hash=signed.payload.hash, files=files_seen(found))
        await ledger.append([started], signed.payloads)
        compared = await compare(ledger, found.exports, complete, reporter)
        files = [export.file for export in await runs.exports_of(ledger.reader, ledger.run_id)]
        await transform(ledger, signed.config, signed.payload.hash, reporter, files)
        names = await written_objects(ledger.reader)
        return Rehearsal(
            compared=compared,
            create=await to_write(ledger.reader, await portion_of(ledger.reader, EVERYTHING)),
            change={name: await foresee(working, name, policies) for name in names if name in twenty.model.objects},
            obsolete={name: await work.count_in_state(ledger.reader, name, "obsolete") for name in names},
            open_holds=await holds.open_count(ledger.reader),
        )


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
        context.exit(UNDONE if tried.open_holds else 0)
    done = run(
        options,
        lambda: delta(options, folder, complete=kinds, accept_defaults=accept_defaults, how=how, said=policies),
    )
    tell_delta(options, done)
    context.exit(UNDONE if done.undone else 0)


def tell_delta(options: Options, done: Delta) -> None:
    """Print what a delta came to."""
    loaded = done.loaded
    if options.as_json:
        told = msgspec.to_builtins(loaded)
        reporting.document({"compared": done.compared, **told, "undone": done.undone, "head": str(loaded.head)})
        return
    _tell_compared(done.compared)
    written = loaded.written
    names = in_order({name: None for part in msgspec.structs.astuple(written) for name in part})
    table = [(name, *(getattr(written, part).get(name, 0) for part in _COLUMNS)) for name in names]
    if table:
        reporting.table(["object", *_COLUMNS], table, right=frozenset(range(1, 7)))
    if loaded.obsolete:
        reporting.line(f"no longer made of Kartra's rows, and left as they are in Twenty: {loaded.obsolete}")
    if done.undone:
        tell_left(done.undone, loaded.open_holds)
    reporting.line(f"run {loaded.run}, head {loaded.head}")


def tell_rehearsal(options: Options, tried: Rehearsal) -> None:
    """Print what a delta would come to."""
    if options.as_json:
        reporting.document(tried)
        return
    _tell_compared(tried.compared)
    nothing = Foreseen()
    table = []
    for name in in_order({**tried.create, **tried.change}):
        one = tried.change.get(name, nothing)
        row = (name, tried.create.get(name, 0), one.update, one.settled, one.conflicts, one.not_there)
        if any(row[1:]):
            table.append(row)
    if table:
        reporting.table(
            ["object", "create", "update", "as it is", "conflicts", "not there"], table, right=frozenset(range(1, 6))
        )
    reporting.line("nothing was sent, and the ledger is as it was")


def _tell_compared(compared: Compared) -> None:
    rows = compared.rows
    reporting.line(
        f"rows: {rows.rows} read = {rows.extracted} new or changed + {rows.unchanged} unchanged + {rows.held} held"
        f" + {rows.set_aside} set aside"
    )
    table = [(kind, *msgspec.structs.astuple(one)) for kind, one in compared.kinds.items()]
    if table:
        reporting.table(["kind", *Counted.__struct_fields__], table, right=frozenset(range(1, 6)))
