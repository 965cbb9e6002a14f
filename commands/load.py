"""load: extract, transform, schema and write in one run, each step going on where it stands."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra import Export
from commands import reporting
from commands.automations import HOW, quiet
from commands.errors import UNDONE, BooksDoNotBalance, UnfinishedRun
from commands.extract import Extracted, exports_in, exports_of_run, extract, files_seen
from commands.mapping import SignedMapping, mapping_of_run, signed_mapping
from commands.objects import ORDER
from commands.options import Options, destination
from commands.preflight import before_writing
from commands.reporting import Reporter
from commands.running import run
from commands.schema import apply, plan_of
from commands.session import Outcome, Working, bind_workspace, reach_twenty, run_of, writing
from commands.transform import Transformed, transform
from commands.write import Written, write
from ledger.books import Books, books
from ledger.events import RunStarted
from ledger.projections import holds, runs
from ledger.projections.runs import Run
from ledger.reader import Head


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load came to."""

    run: str
    resumed: bool
    rows: Extracted
    transformed: Transformed
    schema: dict[str, int]
    written: Written
    books: Books
    open_holds: int
    calls: dict[str, int]
    head: Head

    @property
    def undone(self) -> int:
        """Rows and records that are left for a person, as the ledger counts them."""
        rejected = sum(one.rejected for one in self.books.records)
        return self.open_holds + rejected + self.changed + self.unlinked

    @property
    def unlinked(self) -> int:
        """Records that go without a relation of theirs, since its target is not in Twenty."""
        return sum(one.unlinked for one in self.books.records)

    @property
    def changed(self) -> int:
        """Records whose rows changed since they were written; a first load never updates what Twenty holds."""
        return sum(one.changed for one in self.books.records)


async def load(options: Options, folder: Path, *, accept_defaults: bool, how: str | None, beside: bool) -> Loaded:
    """Load a folder's exports; an interrupted load of the same files is gone on with."""
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    files = files_seen(found)
    async with writing(options, "load") as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        unfinished = await runs.unfinished(ledger.reader)
        if unfinished is not None:
            same_files = {seen.sha256 for seen in unfinished.files} == {seen.sha256 for seen in files}
            if unfinished.command != "load" or not same_files:
                raise UnfinishedRun(unfinished.run_id, unfinished.command)
            return await go_on(working, unfinished, how=how)
        await before_writing(ledger, twenty, ORDER, beside=beside)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        started = RunStarted(
            command="load",
            settings={"folder": str(folder), "automations": how, "beside": beside},
            mapping_hash=signed.payload.hash,
            files=files,
        )
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            loaded = await _stages(working, outcome, found.exports, signed, how=how, resumed=False)
        return msgspec.structs.replace(loaded, head=ledger.head)


async def go_on(working: Working, interrupted: Run, *, how: str | None) -> Loaded:
    """Go on with a load under its own run id, with the mapping and the files it began with."""
    ledger = working.ledger
    await before_writing(ledger, working.twenty, ORDER, beside=bool(interrupted.settings.get("beside")))
    ledger.run_id = interrupted.run_id
    exports = await exports_of_run(ledger, interrupted.run_id)
    signed = await mapping_of_run(ledger, interrupted.mapping_hash or "")
    said = how or interrupted.settings.get("automations")
    async with run_of(ledger, None, resumes=interrupted.run_id) as outcome:
        await bind_workspace(ledger, working.twenty)
        decided = None if said is None else str(said)
        loaded = await _stages(working, outcome, exports, signed, how=decided, resumed=True)
    return msgspec.structs.replace(loaded, head=ledger.head)


async def _stages(
    working: Working,
    outcome: Outcome,
    exports: Sequence[Export],
    signed: SignedMapping,
    *,
    how: str | None,
    resumed: bool,
) -> Loaded:
    ledger = working.ledger
    rows = await extract(ledger, exports, working.reporter)
    read = await runs.exports_of(ledger.reader, ledger.run_id)
    files = [export.file for export in read]
    made = await transform(ledger, signed.config, signed.payload.hash, working.reporter, files)
    async with quiet(working, ORDER, how):
        schema = await apply(working, await plan_of(ledger, signed.config))
        written = await write(working)
    loaded = await _sum_up(working, rows, made, schema, written, resumed=resumed)
    outcome.counts = {name: sum(part.values()) for name, part in msgspec.structs.asdict(written).items()}
    outcome.undone = loaded.undone
    return loaded


async def _sum_up(
    working: Working, rows: Extracted, made: Transformed, schema: dict[str, int], written: Written, *, resumed: bool
) -> Loaded:
    reader = working.ledger.reader
    balance = await books(reader)
    if not balance.balanced:
        raise BooksDoNotBalance(balance.imbalances)
    return Loaded(
        run=working.ledger.run_id,
        resumed=resumed,
        rows=rows,
        transformed=made,
        schema=schema,
        written=written,
        books=balance,
        open_holds=await holds.open_count(reader),
        calls=dict(working.twenty.client.calls),
        head=working.ledger.head,
    )


@click.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@click.option("--automations", "how", type=HOW, help="What to do with automations that would fire.")
@click.option("--beside", is_flag=True, help="Write beside another ledger's records.")
@destination
@click.pass_context
def command(context: click.Context, folder: Path, accept_defaults: bool, how: str | None, beside: bool) -> None:
    """Read exports, make records of them, write them to Twenty.

    FOLDER holds Kartra's CSV exports. Whatever stops it, `resume` (or the same command) goes on: no row twice, no row
    lost.

    Example:  kartra-to-twenty --sandbox load exports --accept-defaults --automations leave
    """
    options: Options = context.obj
    loaded = run(options, lambda: load(options, folder, accept_defaults=accept_defaults, how=how, beside=beside))
    tell(options, loaded)
    context.exit(UNDONE if loaded.undone else 0)


def tell(options: Options, loaded: Loaded) -> None:
    """Print what a load came to."""
    if options.as_json:
        reporting.document({**msgspec.to_builtins(loaded), "undone": loaded.undone, "head": str(loaded.head)})
        return
    rows = loaded.books.rows
    reporting.line(
        f"rows: {rows.read} read = {rows.transformed} people + {rows.merged} merged + {rows.held} held"
        f" + {rows.set_aside} set aside + {rows.waiting} waiting"
    )
    table = [
        (one.object, one.transformed, one.created, one.pending, one.held, one.rejected) for one in loaded.books.records
    ]
    numbers = frozenset(range(1, 6))
    reporting.table(["object", "made", "written", "pending", "held", "rejected"], table, right=numbers)
    if loaded.changed:
        reporting.line(f"changed in Kartra since they were written, and left as they are in Twenty: {loaded.changed}")
    if loaded.unlinked:
        reporting.line(f"without a company of theirs, since it is not in Twenty: {loaded.unlinked}")
    if loaded.undone:
        reporting.line(f"left for a person: {loaded.undone} (`kartra-to-twenty holds` lists them)")
    reporting.line(f"run {loaded.run}, head {loaded.head}")
