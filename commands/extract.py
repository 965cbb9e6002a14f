"""extract: read Kartra's files into the ledger, each row once, each under the stream it belongs to."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra import Export, Scan, scan
from adapters.mapping import KINDS
from adapters.mapping.types import RowProblem, SourceRow
from commands import reporting
from commands.errors import UNDONE, ExportGone, WrongUse
from commands.logs import log
from commands.options import Options, general
from commands.placing import ERASED, Placed, Placer, contacts_index, contacts_placer, is_contacts, plain_placer
from commands.reporting import Reporter
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from commands.sifting import EVERYTHING, HeldBefore, Sieve
from ledger.events import Event, ExportRead, ExportRegistered, FileSeen, RowExtracted, RowHeld, RunStarted
from ledger.hashing import seal
from ledger.projections import runs
from ledger.store import Ledger

CHUNK = 1000
"""Rows an append: keys are random, so each touches pages all over the indexes, and fewer of them touch fewer."""


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of all files: rows = extracted + held + set_aside + unchanged; `unrecorded` ones of these have no event."""

    rows: int = 0
    extracted: int = 0
    held: int = 0
    set_aside: int = 0
    unchanged: int = 0
    unrecorded: int = 0


def exports_in(folder: Path, reporter: Reporter) -> Scan:
    """Look through a folder; name what is not loaded.

    Raises:
        KartraError: the folder, or a file of it, cannot be read.
        WrongUse: there is nothing to load.
    """
    found = scan(folder)
    for unknown in found.unknown:
        reporter.say(f"left: {unknown.path.name} {unknown.reason}")
    refuse_nothing(found, folder)
    return found


def refuse_nothing(found: Scan, folder: Path) -> None:
    """Refuse a folder without an export, with what it holds instead.

    Raises:
        WrongUse: there is none.
    """
    if found.exports:
        return
    first = next(iter(found.unknown), None)
    what = f"of {len(found.unknown)} files none, {first.path.name} {first.reason}" if first else "it is empty"
    raise WrongUse(f"no Kartra export in {folder} ({what}); name the folder that holds the exports")


def files_seen(found: Scan) -> tuple[FileSeen, ...]:
    """The files as they are before their first row is read."""
    return tuple(
        FileSeen(
            file=export.file_id,
            path=str(export.path.resolve()),
            kind=export.kind,
            size=export.size,
            sha256=export.sha256,
        )
        for export in found.exports
    )


async def exports_of_run(ledger: Ledger, run_id: str, *, all_files: bool = False) -> list[Export]:
    """The files of a run to go on with, found again where they stood: those not fully read, or all.

    Raises:
        ExportGone: one of them is gone or changed.
    """
    started = await runs.find_run(ledger.reader, run_id)
    read_whole = {export.file for export in await runs.exports_of(ledger.reader, run_id) if export.rows is not None}
    finished = set() if all_files else read_whole
    if started is None:
        return []
    left = [seen for seen in started.files if seen.file not in finished]
    return [_found_again(seen) for seen in left]


def _found_again(seen: runs.FileInRun) -> Export:
    path = Path(seen.path)
    if not path.exists():
        raise ExportGone(seen.path, "is gone")
    found = next((export for export in scan(path).exports if export.sha256 == seen.sha256), None)
    if found is None:
        raise ExportGone(seen.path, "was changed")
    return found


async def extract(ledger: Ledger, exports: Sequence[Export], reporter: Reporter) -> Extracted:
    """Read the files into the ledger, contacts first, oldest first. Rows it holds already are only counted."""
    contacts = [export for export in exports if is_contacts(export)]
    others = [export for export in exports if not is_contacts(export)]
    total = Extracted()
    if contacts:
        # Who is who depends on all rows of all these files; nobody pays for that where there are none.
        placer = contacts_placer(await contacts_index(ledger, contacts))
        total = await extract_by(placer, ledger, contacts, reporter)
    if others:
        total = summed(total, await extract_by(await plain_placer(ledger, others), ledger, others, reporter))
    return total


async def extract_by(
    placer: Placer, ledger: Ledger, exports: Sequence[Export], reporter: Reporter, sieve: Sieve = EVERYTHING
) -> Extracted:
    """Read files whose rows one placer places, as a sieve lets them through."""
    held = await HeldBefore.of(ledger)
    total = Extracted()
    for export in exports:
        total = summed(total, await _Extraction(ledger, export, placer, sieve, held).run(reporter))
    return total


def summed(left: Extracted, right: Extracted) -> Extracted:
    """The sum of two counts."""
    return Extracted(**{name: getattr(left, name) + getattr(right, name) for name in Extracted.__struct_fields__})


def extracted_before(export: runs.Export) -> Extracted:
    """What became of the rows of a file that was read to its end."""
    return Extracted(**{name: getattr(export, name) or 0 for name in Extracted.__struct_fields__})


class _Extraction:
    """One file on its way into the ledger."""

    def __init__(self, ledger: Ledger, export: Export, placer: Placer, sieve: Sieve, held: HeldBefore) -> None:
        self._ledger = ledger
        self._export = export
        self._placer = placer
        self._sieve = sieve
        self._held = held
        left = sieve.known_again.get(export.file_id, 0)
        self._counts = Extracted(rows=left, unchanged=left, unrecorded=left)

    async def run(self, reporter: Reporter) -> Extracted:
        """Register the file, read it in chunks, and say what was in it."""
        await self._register()
        rows = self._sieve.rows(self._export)
        with reporter.phase("extract", None) as advance:
            while chunk := await anyio.to_thread.run_sync(lambda: list(islice(rows, CHUNK))):
                await self._append(chunk)
                advance(len(chunk))
        counts = self._counts
        done = ExportRead(
            file=self._export.file_id,
            rows=counts.rows,
            extracted=counts.extracted,
            held=counts.held,
            set_aside=counts.set_aside,
            unchanged=counts.unchanged,
            unrecorded=counts.unrecorded,
        )
        await self._ledger.append([done])
        log.info("read", file=self._export.name, rows=counts.rows, held=counts.held, unchanged=counts.unchanged)
        return counts

    async def _register(self) -> None:
        registered = await runs.exports_of(self._ledger.reader, self._ledger.run_id)
        if any(export.file == self._export.file_id for export in registered):
            return
        told = {"header": list(self._export.header), "columns": list(self._export.columns)}
        header = seal(f"export:{self._export.file_id}", told)
        event = ExportRegistered(
            file=self._export.file_id,
            kind=self._export.kind,
            name=self._export.name,
            size=self._export.size,
            sha256=self._export.sha256,
            exported_at=self._export.exported_at.isoformat(),
            payload_hash=header.hash,
            delta=self._sieve.delta,
            complete=KINDS.get(self._export.kind, self._export.kind) in self._sieve.complete,
        )
        await self._ledger.append([event], [header])

    async def _append(self, chunk: Sequence[SourceRow | RowProblem]) -> None:
        known = await self._known(chunk)
        fresh = [row for row in chunk if row.line not in known]
        every = [(row, self._placer(f"{self._export.file_id}:{row.line}", row)) for row in fresh]
        kept = [(row, one) for row, one in every if not self._sieve.leaves(one)]
        placed = [one for _, one in kept]
        # A row that says what was extracted before is left out, and all the same stands for one that was held since.
        standing = [(row, one) for row, one in every if isinstance(one.outcome, RowExtracted)]
        # Names first: neighbours of one type are folded together, and alternating ones each by itself (10 x slower).
        links = [link for one in placed for link in one.links]
        released: list[Event] = []
        if self._held.waits:
            released = [event for row, one in [*kept, *standing] for event in await self._held.replaced_by(row, one)]
        payloads = [one.payload for one in placed if one.payload is not None]
        await self._ledger.append([*links, *released, *(one.outcome for one in placed)], payloads)
        self._count(len(chunk), known, placed, left=len(every) - len(kept))

    async def _known(self, chunk: Sequence[SourceRow | RowProblem]) -> dict[int, tuple[str, str]]:
        """Lines of the chunk the ledger holds already: the state of each, and the run that read it."""
        statement = """SELECT line, state, run_id FROM source_row
          WHERE file = :file AND line BETWEEN :first AND :last"""
        first, last = chunk[0].line, chunk[-1].line
        rows = await self._ledger.reader.rows(statement, file=self._export.file_id, first=first, last=last)
        return {row["line"]: (row["state"], row["run_id"]) for row in rows}

    def _count(self, rows: int, known: dict[int, tuple[str, str]], placed: Sequence[Placed], *, left: int) -> None:
        mine = [state for state, run_id in known.values() if run_id == self._ledger.run_id]
        held = sum(_waits(one) for one in placed) + mine.count("held")
        aside = sum(not _waits(one) and not isinstance(one.outcome, RowExtracted) for one in placed)
        aside += mine.count("set_aside")
        unchanged = len(known) - len(mine) + left
        extracted = rows - held - aside - unchanged
        self._counts = summed(
            self._counts,
            Extracted(rows=rows, extracted=extracted, held=held, set_aside=aside, unchanged=unchanged, unrecorded=left),
        )


def _waits(placed: Placed) -> bool:
    """Whether a row is held for a person; one of somebody who was erased waits for nobody."""
    return isinstance(placed.outcome, RowHeld) and placed.outcome.reason != ERASED


@click.command("extract")
@click.argument("folder", type=click.Path(path_type=Path))
@general
@click.pass_context
def command(context: click.Context, folder: Path) -> None:
    """Only read exports into the ledger; nothing is sent.

    Example:  kartra-to-twenty extract exports
    """
    options: Options = context.obj
    counts = run(options, lambda: _alone(options, folder))
    if options.as_json:
        reporting.document(counts)
    else:
        reporting.line(
            f"rows: {counts.rows} = {counts.extracted} extracted + {counts.held} held + {counts.set_aside} set aside"
            f" + {counts.unchanged} unchanged"
        )
    context.exit(UNDONE if counts.held else 0)


async def _alone(options: Options, folder: Path) -> Extracted:
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    async with writing(options, "extract") as ledger:
        await refuse_unfinished(ledger.reader)
        async with run_of(ledger, RunStarted(command="extract", files=files_seen(found))) as outcome:
            counts = await extract(ledger, found.exports, reporter)
            outcome.counts, outcome.undone = msgspec.to_builtins(counts), counts.held
            return counts
