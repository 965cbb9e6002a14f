"""load: extract, transform, schema and write in one run, each step going on where it stands."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra import Export
from adapters.twenty import KnownKey
from commands import reporting
from commands.automations import HOW, quiet
from commands.checks.before_load import check_before_load, check_time
from commands.checks.fit import check_fit
from commands.counting import to_write
from commands.errors import UNDONE, BooksDoNotBalance, UnfinishedRun
from commands.extract import Extracted, exports_in, exports_of_run, extract, files_seen
from commands.making.prepared import prepare
from commands.mapping import SignedMapping, mapping_of_run, signed_mapping
from commands.modelling import apply
from commands.objects import STANDARD, in_order
from commands.options import Options, destination
from commands.portions import Asked, asked_before, portion_of
from commands.rehearsal import rehearse, tell_rehearsal
from commands.reporting import Reporter
from commands.running import run
from commands.schema import plan_of
from commands.session import Outcome, Working, bind_workspace, reach_twenty, run_of, writing
from commands.transform import Transformed, transform
from commands.write import Written, write
from ledger.books import Books, books
from ledger.events import RunStarted
from ledger.projections import holds, runs
from ledger.projections.runs import Run
from ledger.reader import Head

EVERYTHING = Asked()


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load came to."""

    run: str
    resumed: bool
    partial: bool
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
        return self.open_holds + rejected + self.changed + self.unlinked + (0 if self.partial else self.pending)

    @property
    def pending(self) -> int:
        """Records not written: outside of what was asked for, or waiting for one that is held."""
        return sum(one.pending for one in self.books.records)

    @property
    def unlinked(self) -> int:
        """Records that go without a relation of theirs, since its target is not in Twenty."""
        return sum(one.unlinked for one in self.books.records)

    @property
    def changed(self) -> int:
        """Records whose rows changed since they were written; a first load never updates what Twenty holds."""
        return sum(one.changed + one.obsolete for one in self.books.records)


async def load(
    options: Options,
    folder: Path,
    *,
    accept_defaults: bool,
    how: str | None,
    beside: bool,
    asked: Asked = EVERYTHING,
) -> Loaded:
    """Load a folder's exports, or what is asked for of them; an interrupted load of the same files is gone on with."""
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
        key = await _checked(working, beside=beside)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        check_fit(signed.config, twenty.model, asked.only)
        started = RunStarted(
            command="load",
            settings={"folder": str(folder), "automations": how, "beside": beside, **asked.settings},
            mapping_hash=signed.payload.hash,
            files=files,
        )
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            await bind_workspace(ledger, twenty)
            job = _Load(working, signed, key, asked, how=how)
            loaded = await job.run(outcome, found.exports, resumed=False)
        return msgspec.structs.replace(loaded, head=ledger.head)


async def go_on(working: Working, interrupted: Run, *, how: str | None) -> Loaded:
    """Go on with a load under its own run id, with the mapping, the files and the portion it began with."""
    ledger = working.ledger
    beside = bool(interrupted.settings.get("beside"))
    key = await _checked(working, beside=beside)
    ledger.run_id = interrupted.run_id
    exports = await exports_of_run(ledger, interrupted.run_id)
    signed = await mapping_of_run(ledger, interrupted.mapping_hash or "")
    said = how or interrupted.settings.get("automations")
    async with run_of(ledger, None, resumes=interrupted.run_id) as outcome:
        await bind_workspace(ledger, working.twenty)
        decided = None if said is None else str(said)
        job = _Load(working, signed, key, asked_before(interrupted.settings), how=decided)
        loaded = await job.run(outcome, exports, resumed=True)
    return msgspec.structs.replace(loaded, head=ledger.head)


async def _checked(working: Working, *, beside: bool) -> KnownKey:
    """Refuse what a load would be refused half-way, say what is doubtful; answers the key."""
    report, key = await check_before_load(working.ledger, working.twenty, STANDARD, beside=beside)
    for check in report.checks:
        if check.status == "warning":
            working.reporter.say(f"warning: {check.name}: {check.what}; {check.next}")
    return key


class _Load:
    """A load at work: with what it was told, through its stages."""

    def __init__(
        self, working: Working, signed: SignedMapping, key: KnownKey, asked: Asked, *, how: str | None
    ) -> None:
        self._working = working
        self._signed = signed
        self._key = key
        self._asked = asked
        self._how = how

    async def run(self, outcome: Outcome, exports: Sequence[Export], *, resumed: bool) -> Loaded:
        """Extract, transform, schema, write; each stage goes on where it stands."""
        working, reader, signed = self._working, self._working.ledger.reader, self._signed
        rows = await extract(working.ledger, exports, working.reporter)
        files = [export.file for export in await runs.exports_of(reader, working.ledger.run_id)]
        prepared = await prepare(working.ledger, signed.config)
        made = await transform(working.ledger, signed.config, signed.payload.hash, working.reporter, files, prepared)
        portion = await portion_of(reader, self._asked)
        check_time(self._key, await to_write(reader, portion))
        async with quiet(working, portion.objects, self._how):
            wanted = await plan_of(working.ledger, signed.config, prepared)
            schema = await apply(working, wanted.only(portion.objects))
            written = await write(working, portion)
        loaded = await _sum_up(working, rows, made, schema, written, resumed=resumed, partial=self._asked != EVERYTHING)
        outcome.counts = {name: sum(part.values()) for name, part in msgspec.structs.asdict(written).items()}
        outcome.undone = loaded.undone
        return loaded


async def _sum_up(
    working: Working,
    rows: Extracted,
    made: Transformed,
    schema: dict[str, int],
    written: Written,
    *,
    resumed: bool,
    partial: bool,
) -> Loaded:
    reader = working.ledger.reader
    balance = await books(reader)
    if not balance.balanced:
        raise BooksDoNotBalance(balance.imbalances)
    return Loaded(
        run=working.ledger.run_id,
        resumed=resumed,
        partial=partial,
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
@click.option(
    "--sample",
    metavar="N",
    type=click.IntRange(1),
    help="Write only N people, every kind of them, with what is theirs.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample.")
@click.option("--only", metavar="OBJECT", multiple=True, help="Write only this object, and those it points at.")
@click.option("--dry-run", is_flag=True, help="All but writing: nothing is sent, and the ledger stays as it is.")
@destination
@click.pass_context
def command(
    context: click.Context,
    folder: Path,
    accept_defaults: bool,
    how: str | None,
    beside: bool,
    sample: int | None,
    seed: int,
    only: tuple[str, ...],
    dry_run: bool,
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
        lambda: load(options, folder, accept_defaults=accept_defaults, how=how, beside=beside, asked=asked),
    )
    tell(options, loaded)
    context.exit(UNDONE if loaded.undone else 0)


def tell(options: Options, loaded: Loaded) -> None:
    """Print what a load came to."""
    if options.as_json:
        reporting.document({**msgspec.to_builtins(loaded), "undone": loaded.undone, "head": str(loaded.head)})
        return
    rows = loaded.books.rows
    reporting.line(
        f"rows: {rows.read} read = {rows.transformed} moved + {rows.merged} merged + {rows.held} held"
        f" + {rows.set_aside} set aside + {rows.waiting} waiting"
    )
    by_name = {one.object: one for one in loaded.books.records}
    table = [
        (one.object, one.transformed, one.created, one.changed, one.pending, one.held, one.rejected)
        for one in map(by_name.__getitem__, in_order(by_name))
    ]
    numbers = frozenset(range(1, 7))
    reporting.table(["object", "made", "written", "changed", "pending", "held", "rejected"], table, right=numbers)
    if loaded.pending:
        why = "the load of the whole goes on with them" if loaded.partial else "they wait for records not in Twenty"
        reporting.line(f"not written yet: {loaded.pending}; {why}")
    if loaded.changed:
        reporting.line(f"changed since they were written, and left as they are in Twenty: {loaded.changed}")
    if loaded.unlinked:
        reporting.line(f"without a relation of theirs, since what it points at is not in Twenty: {loaded.unlinked}")
    if loaded.undone:
        reporting.line(f"left for a person: {loaded.undone} (`holds` lists {loaded.open_holds} rows and records)")
    reporting.line(f"run {loaded.run}, head {loaded.head}")
