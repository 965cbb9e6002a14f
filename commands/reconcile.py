"""reconcile: hold Twenty against the ledger, record by record, and keep what was found as an event."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from adapters.reports.files import write_text
from commands import reporting
from commands.errors import UNDONE, WrongUse
from commands.objects import in_order
from commands.options import Options, destination
from commands.reconciling.doubles import doubled
from commands.reconciling.finding import KINDS, Compared, Unlike, compare_object, model_missing
from commands.reconciling.sheet import spot_check
from commands.reporting import Reporter
from commands.running import run
from commands.session import Working, check_workspace, reach_twenty, refuse_unfinished, run_of, writing
from ledger import work
from ledger.books import Books, books
from ledger.events import ReconciliationMade, RunStarted
from ledger.hashing import Head, seal

_LISTED = 20


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """What a reconciliation came to: records compared by object, those whose body was erased, and what is unlike."""

    run: str
    compared: dict[str, int]
    erased: int
    unlike: tuple[Unlike, ...]
    books: Books
    head: Head

    @property
    def differences(self) -> int:
        """Everything that does not agree."""
        return len(self.unlike) + len(self.books.imbalances)

    @property
    def document(self) -> dict[str, Any]:
        """All of it, as JSON and the event's body have it."""
        return {
            "compared": self.compared,
            "erased": self.erased,
            "kinds": dict(Counter(one.kind for one in self.unlike)),
            "imbalances": list(self.books.imbalances),
            "unlike": msgspec.to_builtins(self.unlike),
        }


async def reconcile(
    options: Options, sample: int | None, seed: int, objects: tuple[str, ...], report: Path | None
) -> Reconciled:
    """Read all records of ours (or a seeded sample an object) back and compare them; nothing is changed in Twenty.

    Raises:
        WrongUse: an object has no records of ours, or the report cannot be written.
        UnfinishedRun: a run waits to be gone on with; what it left half-way would look like a difference.
    """
    async with writing(options, "reconcile") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        await refuse_unfinished(ledger.reader)
        known = await work.objects(ledger.reader)
        if unknown := set(objects) - set(known):
            raise WrongUse(f"no records of {', '.join(sorted(unknown))} in the ledger; it has {', '.join(known)}")
        working = Working(ledger, twenty, Reporter())
        settings = {"sample": sample, "seed": seed, "objects": ",".join(objects) or None}
        async with run_of(ledger, RunStarted(command="reconcile", settings=settings)) as outcome:
            compared = {name: await _compare(working, name, sample, seed) for name in objects or known}
            done = await _sum_up(working, compared)
            if report is not None:
                await _write(working, compared, done, seed, report)
            body = seal(f"reconciliation:{ledger.run_id}", done.document)
            event = ReconciliationMade(
                compared=sum(done.compared.values()),
                differences=done.differences,
                erased=done.erased,
                payload_hash=body.hash,
            )
            await ledger.append([event], [body])
            outcome.counts, outcome.undone = dict(done.compared), done.differences
        return msgspec.structs.replace(done, head=ledger.head)


async def _compare(working: Working, object_name: str, sample: int | None, seed: int) -> list[Compared]:
    with working.reporter.phase(f"= {object_name}", None) as advance:
        found: list[Compared] = []
        async for page in compare_object(working, object_name, sample, seed):
            found += page
            advance(len(page))
    return found


async def _sum_up(working: Working, compared: dict[str, list[Compared]]) -> Reconciled:
    unlike = [each for some in compared.values() for one in some for each in one.unlike]
    for name, some in compared.items():
        unlike += await doubled(working, name, some)
    return Reconciled(
        run=working.ledger.run_id,
        compared={name: sum(one.expected is not None for one in some) for name, some in compared.items()},
        erased=sum(one.expected is None for some in compared.values() for one in some),
        unlike=(*await model_missing(working), *unlike),
        books=await books(working.ledger.reader),
        head=working.ledger.head,
    )


async def _write(
    working: Working, compared: dict[str, list[Compared]], done: Reconciled, seed: int, folder: Path
) -> None:
    try:
        write_text(folder / "reconcile.json", msgspec.json.format(msgspec.json.encode(done.document)).decode())
        await spot_check(working.ledger.reader, compared, seed, folder)
    except OSError as refusal:
        raise WrongUse(f"{folder} cannot be written ({refusal.strerror}); name another one with --report") from refusal


@click.command("reconcile")
@click.option("--sample", metavar="N", type=click.IntRange(1), help="Only N records of each object.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample, and which spot check.")
@click.option("--object", "objects", metavar="OBJECT", multiple=True, help="Only records of this object.")
@click.option(
    "--report",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write reconcile.json, and 25 records an object to check by eye (CSV, HTML), there.",
)
@destination
@click.pass_context
def command(
    context: click.Context, /, sample: int | None, seed: int, objects: tuple[str, ...], report: Path | None
) -> None:
    """Read every record back from Twenty and hold it against what was written.

    Books, fields, relations, the bin, doubles and the data model; nothing is changed. Exit 3 when anything differs.

    Example:  kartra-to-twenty --sandbox reconcile --report var/reconcile
    """
    options: Options = context.obj
    done = run(options, lambda: reconcile(options, sample, seed, objects, report))
    if options.as_json:
        reporting.document({"run": done.run, **done.document, "head": str(done.head)})
    else:
        _tell(done)
    context.exit(UNDONE if done.differences else 0)


def _tell(done: Reconciled) -> None:
    wrong = Counter(one.object for one in done.unlike)
    table = [(name, done.compared.get(name, 0), wrong[name]) for name in in_order({**done.compared, **wrong})]
    reporting.table(["object", "compared", "unlike"], table, right=frozenset({1, 2}))
    for imbalance in done.books.imbalances:
        reporting.line(f"books: {imbalance}")
    for kind, count in Counter(one.kind for one in done.unlike).items():
        reporting.line(f"{kind}: {count} ({KINDS[kind]})")
    rows = [(one.object, one.id[-12:], one.kind, one.path, one.source[-16:]) for one in done.unlike[:_LISTED]]
    if rows:
        reporting.table(["object", "record", "kind", "field", "source"], rows)
    if len(done.unlike) > _LISTED:
        reporting.line(f"{len(done.unlike) - _LISTED} more: --json lists them, --report DIR writes them down")
    if done.erased:
        reporting.line(f"not compared, since their bodies were erased: {done.erased}")
    reporting.line(f"{_verdict(done)}; run {done.run}, head {done.head}")


def _verdict(done: Reconciled) -> str:
    if done.differences:
        return f"{done.differences} differences"
    if not any(done.compared.values()):
        why = "what was written was erased" if done.erased else "nothing of ours is to be in Twenty"
        return f"nothing was compared: {why}"
    return "Twenty holds what was written" + (", of what could be compared" if done.erased else "")
