"""A load tried out: everything but writing, on a copy of the ledger that is thrown away; of Twenty it only reads."""

from collections import Counter
from pathlib import Path

import anyio
import msgspec

from commands import reporting
from commands.checks.before_load import check_before_load, check_time
from commands.checks.fit import check_fit
from commands.checks.report import Check
from commands.collisions import hold_collisions
from commands.counting import throwaway, to_write
from commands.errors import UnfinishedRun
from commands.estimating import Estimate, estimate, estimate_document, words_of
from commands.extract import Extracted, exports_in, extract
from commands.making.prepared import prepare
from commands.mapping import signed_mapping
from commands.objects import STANDARD
from commands.options import Options
from commands.planning.model import Element, compared
from commands.portions import Asked, portion_of
from commands.reporting import Reporter
from commands.schema import plan_of
from commands.session import Working, reach_twenty
from commands.tallies import tell_rows
from commands.transform import Transformed, transform
from ledger.books import Books, books
from ledger.events import MappingConfirmed
from ledger.projections import holds, runs


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a load would come to: `write` counts records by object, `collide` those that Twenty holds already."""

    rows: Extracted
    transformed: Transformed
    books: Books
    write: dict[str, int]
    collide: dict[str, int]
    schema: tuple[Element, ...]
    checks: tuple[Check, ...]
    estimate: Estimate
    open_holds: int

    @property
    def undone(self) -> int:
        """Rows and records that would be left for a person, and elements of the data model that are in the way."""
        return self.open_holds + sum(one.state == "differs" for one in self.schema)


async def rehearse(options: Options, folder: Path, asked: Asked, *, accept_defaults: bool, beside: bool) -> Rehearsed:
    """Do all of a load that leaves no trace: neither in Twenty nor in the ledger.

    Raises:
        UnfinishedRun: a run has to be resumed or rolled back first.
    """
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    async with throwaway(options.ledger) as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        reader = ledger.reader
        unfinished = await runs.unfinished(reader)
        if unfinished is not None:
            raise UnfinishedRun(unfinished.run_id, unfinished.command)
        report, key = await check_before_load(ledger, twenty, STANDARD, beside=beside)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        check_fit(signed.config, twenty.model, asked.only)
        confirmed = MappingConfirmed(payload_hash=signed.payload.hash, default=signed.default)
        await ledger.append([confirmed], signed.payloads)
        rows = await extract(ledger, found.exports, reporter)
        prepared = await prepare(ledger, signed.config)
        made = await transform(ledger, signed.config, signed.payload.hash, reporter, prepared=prepared)
        portion = await portion_of(reader, asked)
        wanted = (await plan_of(ledger, signed.config, prepared)).only(portion.objects)
        collide = {
            name: await hold_collisions(working, name, portion.keys_of(name))
            for name in portion.objects
            if name in twenty.model.objects
        }
        write = await to_write(reader, portion)
        return Rehearsed(
            rows=rows,
            transformed=made,
            books=await books(reader),
            write=write,
            collide={name: count for name, count in collide.items() if count},
            schema=compared(wanted, twenty.model),
            checks=(*report.checks, check_time(key, write)),
            estimate=estimate(write),
            open_holds=await holds.open_count(reader),
        )


def tell_rehearsal(options: Options, tried: Rehearsed) -> None:
    """Print what a load would come to."""
    if options.as_json:
        told = {**msgspec.to_builtins(tried), "estimate": estimate_document(tried.estimate), "undone": tried.undone}
        reporting.document(told)
        return
    tell_rows(tried.books.rows)
    table = [(name, count, tried.collide.get(name, 0)) for name, count in tried.write.items()]
    reporting.table(["object", "to write", "in Twenty already"], table, right=frozenset({1, 2}))
    counts = Counter(one.state for one in tried.schema)
    reporting.line("data model: " + ", ".join(f"{count} {state}" for state, count in counts.items()))
    for one in tried.schema:
        if one.state == "differs":
            reporting.line(f"  {one.object}.{one.field}".rstrip(".") + f" differs: {one.detail}")
    cost = tried.estimate.current
    reporting.line(f"{cost.calls} calls, {words_of(cost.seconds)} at 100 calls a minute")
    if tried.open_holds:
        reporting.line(f"would be left for a person: {tried.open_holds}")
    reporting.line("nothing was sent, and the ledger is as it was")
