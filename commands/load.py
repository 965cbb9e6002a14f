"""load: extract, transform, schema and write in one run, each step going on where it stands."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from commands.automations import HOW
from commands.checks.fit import check_fit
from commands.errors import UNDONE, UnfinishedRun
from commands.extract import exports_in, exports_of_run, extract, files_seen
from commands.loading import EVERYTHING, Job, Loaded, checked, move, tell
from commands.mapping import mapping_of_run, signed_mapping
from commands.options import Options, destination
from commands.policies import Policies, policies_of, policy_options
from commands.portions import Asked, asked_before
from commands.rehearsal import rehearse, tell_rehearsal
from commands.reporting import Reporter
from commands.running import run
from commands.session import Working, bind_workspace, reach_twenty, run_of, writing
from ledger.events import RunStarted
from ledger.projections import runs
from ledger.projections.runs import Run

Said = Mapping[str, Sequence[str]]
NOTHING_SAID: Said = {}


async def load(
    options: Options,
    folder: Path,
    *,
    accept_defaults: bool,
    how: str | None,
    beside: bool,
    asked: Asked = EVERYTHING,
    said: Said = NOTHING_SAID,
) -> Loaded:
    """Load a folder's exports, or what is asked for of them; an interrupted load of the same files is gone on with.

    `said` are policies that are not to be as the mapping has them: policy → `[OBJECT=]WAY` ….
    """
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    files = files_seen(found)
    async with writing(options, "load") as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None:
            same_files = {seen.sha256 for seen in unfinished.files} == {seen.sha256 for seen in files}
            if unfinished.command != "load" or not same_files or asked_before(unfinished.settings) != asked:
                raise UnfinishedRun(unfinished.run_id, unfinished.command)
            return await go_on(working, unfinished, how=how)
        key = await checked(working, beside=beside)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        check_fit(signed.config, twenty.model, asked.only)
        policies = policies_of(signed.config, said)
        started = RunStarted(
            command="load",
            settings={"folder": str(folder), "automations": how, "beside": beside, **asked.settings},
            policies=policies.said,
            mapping_hash=signed.payload.hash,
            files=files,
        )
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            job = Job(working=working, signed=signed, key=key, policies=policies, asked=asked, how=how)
            rows = await extract(ledger, found.exports, reporter)
            loaded = await move(job, outcome, rows, resumed=False)
        return msgspec.structs.replace(loaded, head=ledger.head)


async def go_on(working: Working, interrupted: Run, *, how: str | None) -> Loaded:
    """Go on with a load under its own run id, with the mapping, the files and the portion it began with."""
    ledger = working.ledger
    beside = bool(interrupted.settings.get("beside"))
    key = await checked(working, beside=beside)
    ledger.run_id = interrupted.run_id
    exports = await exports_of_run(ledger, interrupted.run_id)
    signed = await mapping_of_run(ledger, interrupted.mapping_hash or "")
    said = how or interrupted.settings.get("automations")
    async with run_of(ledger, None, resumes=interrupted.run_id) as outcome:
        await bind_workspace(ledger, working.twenty)
        job = Job(
            working=working,
            signed=signed,
            key=key,
            policies=Policies(interrupted.policies),
            asked=asked_before(interrupted.settings),
            how=None if said is None else str(said),
        )
        rows = await extract(ledger, exports, working.reporter)
        loaded = await move(job, outcome, rows, resumed=True)
    return msgspec.structs.replace(loaded, head=ledger.head)


@click.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@click.option("--automations", "how", type=HOW, help="What to do with automations that would fire.")
@click.option("--beside", is_flag=True, help="Write beside another ledger's records.")
@click.option(
    "--sample",
    metavar="N",
    type=click.IntRange(1),
    help="Write only N people, every kind of them, with what is theirs.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample.")
@click.option("--only", metavar="OBJECT", multiple=True, help="Write only this object, and those it points at.")
@click.option("--dry-run", is_flag=True, help="All but writing: nothing is sent, and the ledger stays as it is.")
@policy_options("existing", "adoption", "deleted")
@destination
@click.pass_context
def command(
    context: click.Context,
    /,
    folder: Path,
    accept_defaults: bool,
    how: str | None,
    beside: bool,
    sample: int | None,
    seed: int,
    only: tuple[str, ...],
    dry_run: bool,
    **policies: tuple[str, ...],
) -> None:
    """Read exports, make records of them, write them to Twenty.

    FOLDER holds Kartra's exports. Whatever stops it, `resume` (or the same command) goes on: no row twice, no row lost.
    A sample, or some objects, can be written first; the load of the whole goes on from there.

    Example:  kartra-to-twenty --sandbox load exports --accept-defaults --automations leave
    """
    options: Options = context.obj
    asked = Asked(sample=sample, seed=seed if sample else 0, only=only)
    if dry_run:
        tried = run(options, lambda: rehearse(options, folder, asked, accept_defaults=accept_defaults, beside=beside))
        tell_rehearsal(options, tried)
        context.exit(UNDONE if tried.undone else 0)
    loaded = run(
        options,
        lambda: load(
            options, folder, accept_defaults=accept_defaults, how=how, beside=beside, asked=asked, said=policies
        ),
    )
    tell(options, loaded)
    context.exit(UNDONE if loaded.undone else 0)
