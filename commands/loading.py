"""A load at work: from rows in the ledger to records in Twenty, and what it came to."""

from collections.abc import Set as AbstractSet

import msgspec

from adapters.twenty import KnownKey
from commands import reporting
from commands.automations import quiet
from commands.checks.before_load import check_before_load, check_time
from commands.compensation.kept import Kept
from commands.counting import to_write
from commands.errors import BooksDoNotBalance
from commands.extract import Extracted
from commands.making.prepared import Prepared, prepare
from commands.mapping import SignedMapping
from commands.modelling import NOTHING_MADE, apply
from commands.objects import STANDARD
from commands.options import Options
from commands.policies import Policies
from commands.portions import Asked, Portion, portion_of
from commands.present import stands
from commands.schema import plan_of
from commands.session import Outcome, Working
from commands.tallies import tell_records, tell_rows
from commands.transform import Transformed, transform
from commands.updating.removing import Departed, Judged, remove_departed
from commands.write import Written, write
from ledger.books import Books, books
from ledger.erasing import obsolete_for_good
from ledger.projections import holds, runs
from ledger.reader import Head

EVERYTHING = Asked()


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load came to; `kept` are records that left Kartra and stay in Twenty, and why.

    `erased` are obsolete records of people who were erased, left for nobody.
    """

    run: str
    resumed: bool
    partial: bool
    rows: Extracted
    transformed: Transformed
    schema: dict[str, int]
    written: Written
    books: Books
    open_holds: int
    erased: int
    calls: dict[str, int]
    head: Head
    kept: tuple[Kept, ...] = ()

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
        return sum(one.changed for one in self.books.records) + self.obsolete

    @property
    def obsolete(self) -> int:
        """Records that are not made of Kartra's rows any more, and that somebody can still do something about."""
        return sum(one.obsolete for one in self.books.records) - self.erased


async def checked(working: Working, *, beside: bool) -> KnownKey:
    """Refuse what a load would be refused half-way, say what is doubtful; answers the key."""
    report, key = await check_before_load(working.ledger, working.twenty, STANDARD, beside=beside)
    for check in report.checks:
        if check.status == "warning":
            working.reporter.say(f"warning: {check.name}: {check.what}; {check.next}")
    return key


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a load or a delta was told: the mapping, the key it has, what is asked for, and the policies.

    `complete` are the kinds whose files hold all there is of them.
    """

    working: Working
    signed: SignedMapping
    key: KnownKey
    policies: Policies
    asked: Asked = EVERYTHING
    how: str | None = None
    changes: bool = False
    complete: frozenset[str] = frozenset()


async def move(
    job: Job, outcome: Outcome, rows: Extracted, *, resumed: bool, again: AbstractSet[str] = frozenset()
) -> Loaded:
    """Transform, schema, write, of the rows that the run's files brought; each stage goes on where it stands.

    A load that was writing goes on writing: it costs what is left, and not what is done. `again` are streams whose rows
    are as they were and whose records are not in Twenty.
    """
    working, reader = job.working, job.working.ledger.reader
    made, prepared = (Transformed(), None) if resumed and await _is_writing(job) else await _make(job, again)
    portion = await portion_of(reader, job.asked)
    check_time(job.key, await to_write(reader, portion))
    async with quiet(working, portion.objects, job.how):
        schema = await _model(job, portion, prepared) if prepared else dict(NOTHING_MADE)
        written = await write(working, portion, job.policies, changes=job.changes)
        departed = await _departed(job)
        written = msgspec.structs.replace(written, removed=departed.removed)
    partial = job.asked != EVERYTHING
    loaded = await _sum_up(working, rows, made, schema, written, resumed=resumed, partial=partial)
    loaded = msgspec.structs.replace(loaded, kept=departed.kept)
    outcome.counts = {name: sum(part.values()) for name, part in msgspec.structs.asdict(written).items()}
    outcome.undone = loaded.undone
    return loaded


async def _is_writing(job: Job) -> bool:
    """Whether all that a load does before it writes is done, and Twenty's data model is as it left it."""
    if job.changes or not await runs.began_to_write(job.working.ledger.reader, job.working.ledger.run_id):
        return False
    return await stands(job.working)


async def _make(job: Job, again: AbstractSet[str]) -> tuple[Transformed, Prepared]:
    ledger, signed = job.working.ledger, job.signed
    files = [export.file for export in await runs.exports_of(ledger.reader, ledger.run_id)]
    prepared = await prepare(ledger, signed.config)
    made = await transform(ledger, signed.config, signed.payload.hash, job.working.reporter, files, prepared, again)
    return made, prepared


async def _model(job: Job, portion: Portion, prepared: Prepared) -> dict[str, int]:
    wanted = await plan_of(job.working.ledger, job.signed.config, prepared)
    return await apply(job.working, wanted.only(portion.objects))


async def _departed(job: Job) -> Departed:
    """Take out what left Kartra, which only a delta can tell."""
    if not job.changes:
        return Departed()
    return await remove_departed(
        job.working, Judged(config=job.signed.config, policies=job.policies, complete=job.complete)
    )


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
        erased=await obsolete_for_good(reader),
        calls=dict(working.twenty.client.calls),
        head=working.ledger.head,
    )


def tell(options: Options, loaded: Loaded) -> None:
    """Print what a load came to."""
    if options.as_json:
        reporting.document({**msgspec.to_builtins(loaded), "undone": loaded.undone, "head": str(loaded.head)})
        return
    tell_rows(loaded.books.rows)
    tell_records(loaded.books.records)
    tell_waiting(loaded, loaded.changed)
    if loaded.undone:
        tell_left(loaded.undone, loaded.open_holds)
    reporting.line(f"run {loaded.run}, head {loaded.head}")


def tell_waiting(loaded: Loaded, changed: int) -> None:
    """Print what is left for a person and is no hold: records not written, `changed` ones, and those not all linked."""
    if loaded.pending:
        why = "the load of the whole goes on with them" if loaded.partial else "they wait for records not in Twenty"
        reporting.line(f"not written yet: {loaded.pending}; {why}")
    if changed:
        reporting.line(f"changed since they were written, and left as they are in Twenty: {changed}")
    if loaded.unlinked:
        reporting.line(f"without a relation of theirs, since what it points at is not in Twenty: {loaded.unlinked}")


def tell_left(undone: int, open_holds: int) -> None:
    """Print how much is left for a person, and how much of it waits where he can decide about it."""
    listed = f" (`holds` lists {open_holds} rows and records)" if open_holds else ""
    reporting.line(f"left for a person: {undone}{listed}")
