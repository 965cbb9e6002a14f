"""The comparison: survey the later files, tell what stands from what changed, extract the latter, name what is gone."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import anyio
import msgspec

from adapters.kartra import Export, number_alias, read
from adapters.mapping import KINDS, kartra_number
from adapters.mapping.types import SourceRow
from commands.comparing.known import Last, content, contents_without_stream, last_rows, placed_streams
from commands.errors import WrongUse
from commands.extract import Extracted, extract_by, extracted_before, summed
from commands.placing import Placed, Placer, contacts_index, contacts_placer, plain_placer
from commands.reporting import Reporter
from commands.sifting import Sieve
from ledger.events import Event, RowExtracted, StreamGone, StreamReturned
from ledger.hashing import unseal
from ledger.projections import departures, identities, runs
from ledger.store import Ledger

PREFIXES: Mapping[str, str] = {
    "contacts": "contact:",
    "transactions": "transaction:",
    "subscriptions": "subscription:",
    "bookings": "booking:",
    "affiliates": "affiliate:",
}
"""Every kind of file that a delta compares, and how its streams begin."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The streams of a kind in the later files: new, changed, the same, gone and back again."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    returned: int = 0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to: rows of all files, and streams by kind."""

    rows: Extracted
    kinds: dict[str, Counted]


async def compare(ledger: Ledger, exports: Sequence[Export], complete: frozenset[str], reporter: Reporter) -> Compared:
    """Hold later files against the ledger, and extract what is new or changed; what stands adds no event.

    `complete` are the kinds whose files hold all there is of them: what these lack is gone.

    Raises:
        WrongUse: a file is older than what was extracted before.
    """
    run = await runs.find_run(ledger.reader, ledger.run_id)
    before = run.position if run else 0
    exports = await _later(ledger, exports, reporter)
    contents = await contents_without_stream(ledger.reader, before)
    rows, found = Extracted(), {}
    for kind in PREFIXES:
        files = [export for export in exports if KINDS.get(export.kind, export.kind) == kind]
        if files:
            job = _Kind(ledger, kind, files, before, complete, contents)
            counts, found[kind] = await job.compare(reporter)
            rows = summed(rows, counts)
    return Compared(rows=rows, kinds=found)


async def _later(ledger: Ledger, exports: Iterable[Export], reporter: Reporter) -> list[Export]:
    """The files that no run has read yet. One that is older than those would take back what they said."""
    known = [one for one in await runs.exports(ledger.reader) if one.run_id != ledger.run_id]
    later = []
    for found in exports:
        export = _repeated(found, known)
        if any(one.file == export.file_id and one.rows is not None for one in known):
            reporter.say(f"left: {export.name} was read before")
            continue
        newer = [one for one in known if one.kind == export.kind and one.exported_at > export.exported_at.isoformat()]
        if newer:
            raise WrongUse(
                f"{export.name} was exported before {newer[-1].name}, which was read already; a delta takes later"
                " exports (the time is that in the file's name, else when the file was changed last)"
            )
        later.append(export)
    return later


def _repeated(export: Export, known: Sequence[runs.Export]) -> Export:
    """A file whose content was read before is a file of its own where the account came back to it in the meantime."""
    same = {one.file for one in known if one.file.startswith(export.file_id)}
    others = [one.exported_at for one in known if one.kind == export.kind and one.file not in same]
    read_at = max((one.exported_at for one in known if one.file in same), default="")
    came_back = read_at < max(others, default="") < export.exported_at.isoformat()
    return msgspec.structs.replace(export, repeat=len(same)) if same and came_back else export


class _Kind:
    """The files of one kind, compared."""

    def __init__(
        self,
        ledger: Ledger,
        kind: str,
        files: Sequence[Export],
        before: int,
        complete: frozenset[str],
        contents: set[str],
    ) -> None:
        self._ledger = ledger
        self._kind = kind
        self._files = files
        self._before = before
        self._complete = complete
        self._contents = contents
        self._seen: dict[str, list[str]] = {}
        self._named: set[str] = set()

    async def compare(self, reporter: Reporter) -> tuple[Extracted, Counted]:
        """Survey, extract, and say what is gone and what came back."""
        placer, again = await self._placers()
        with reporter.phase("compare", None) as advance:
            for export in self._files:
                await anyio.to_thread.run_sync(self._survey, export, placer)
                advance(1)
        last = await last_rows(self._ledger.reader, self._seen, self._before)
        returned = await self._returned()
        same = {
            stream
            for stream, hashes in self._seen.items()
            if stream not in returned and self._stands(hashes, last.get(stream))
        }
        counts = await self._extract(await again(), self._sieve(same), reporter)
        gone = await self._departed()
        new = sum(stream not in last for stream in self._seen)
        found = Counted(
            new=new, changed=len(self._seen) - new - len(same), same=len(same), gone=gone, returned=len(returned)
        )
        return counts, found

    async def _placers(self) -> tuple[Placer, Callable[[], Awaitable[Placer]]]:
        """A placer for the survey, and the way to one more for the extraction, which teaches every alias anew."""
        if self._kind != "contacts":
            return await plain_placer(self._ledger), lambda: plain_placer(self._ledger)
        index = await contacts_index(self._ledger, self._files)
        surveying = await contacts_placer(self._ledger, index)

        async def again() -> Placer:
            index.begin_again()
            return await contacts_placer(self._ledger, index)

        return surveying, again

    def _survey(self, export: Export, placer: Placer) -> None:
        for row in read(export, verify=True):
            placed = placer(f"{export.file_id}:{row.line}", row)
            if isinstance(placed.outcome, RowExtracted):
                hashes = self._seen.setdefault(placed.outcome.source_key, [])
                hashes.append(placed.outcome.payload_hash)
            elif isinstance(row, SourceRow):
                # A row that is held all the same shows that Kartra still has the contact.
                number = kartra_number(row.cells.get("id")).value if self._kind == "contacts" else None
                self._named |= {number_alias(number)} if number else set()

    def _stands(self, hashes: Sequence[str], last: Last | None) -> bool:
        """Whether the rows of a stream say what its rows said last.

        A complete export that has fewer of them may lack a tag that another named; any other only adds.
        """
        if last is None:
            return False
        if self._kind in self._complete:
            return set(hashes) == set(last.hashes)
        return last.hashes[-1] in hashes and set(hashes) <= set(last.hashes)

    def _sieve(self, same: set[str]) -> Sieve:
        def leaves(placed: Placed) -> bool:
            if isinstance(placed.outcome, RowExtracted):
                return placed.outcome.source_key in same
            return placed.payload is not None and content(unseal(placed.payload.body).value) in self._contents

        return Sieve(delta=True, complete=self._complete, leaves=leaves)

    async def _extract(self, placer: Placer, sieve: Sieve, reporter: Reporter) -> Extracted:
        """Extract the files that are not fully read yet; of the others the counts are in the ledger."""
        known = {one.file: one for one in await runs.exports_of(self._ledger.reader, self._ledger.run_id)}
        left = [one for one in self._files if one.file_id not in known or known[one.file_id].rows is None]
        total = await extract_by(placer, self._ledger, left, reporter, sieve)
        for export in self._files:
            if export not in left:
                total = summed(total, extracted_before(known[export.file_id]))
        return total

    async def _returned(self) -> set[str]:
        """Say which streams that were gone are back; they are extracted anew, whatever they say."""
        back = await departures.gone(self._ledger.reader, PREFIXES[self._kind]) & await self._there()
        events: list[Event] = [StreamReturned(source_key=one) for one in sorted(back)]
        await self._ledger.append(events)
        return back

    async def _departed(self) -> int:
        """Say which streams are gone, where the kind is complete."""
        if self._kind not in self._complete:
            return 0
        prefix = PREFIXES[self._kind]
        missing = await placed_streams(self._ledger.reader, prefix) - await self._there()
        already = await departures.gone(self._ledger.reader, prefix)
        gone: list[Event] = [StreamGone(source_key=one) for one in sorted(missing - already)]
        await self._ledger.append(gone)
        return len(missing)

    async def _there(self) -> set[str]:
        """The streams that the files speak of."""
        aliases = await identities.streams(self._ledger.reader, self._named)
        return {*self._seen, *aliases.values()}
