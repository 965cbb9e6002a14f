"""One kind of later files held against the ledger: what stands, what changed, what is gone and what came back."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import anyio
import msgspec

from adapters.kartra import Export
from adapters.mapping.types import RowProblem, SourceRow
from commands.comparing.recognising import Sifted, sifted
from commands.comparing.surveying import Survey, presence
from commands.comparing.wording import Wording
from commands.extract import CHUNK, Extracted, extract_by, extracted_before, summed
from commands.placing import CONTACTS, Contacts, Placed, Placer, contacts_index, contacts_placer, plain_placer
from commands.reporting import Reporter
from commands.sifting import Sieve
from ledger.events import Event, RowExtracted, StreamGone, StreamReturned
from ledger.hashing import unseal
from ledger.projections import departures, identities, runs
from ledger.projections.runs import Run
from ledger.store import Ledger
from ledger.waves import (
    content,
    last_rows,
    not_there,
    placed_streams,
    returned_in_run,
    set_aside,
    short,
)

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


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison goes by: its run, which kinds are complete, and the rows without a stream that stand."""

    run: Run | None
    complete: frozenset[str]
    contents: Mapping[str, str | None]


class Kind:
    """The later files of one kind. Of a complete one, those that were read before say who is there, too."""

    def __init__(
        self, ledger: Ledger, kind: str, later: Sequence[Export], read_before: Sequence[Export], told: Told
    ) -> None:
        self._ledger = ledger
        self._kind = kind
        self._prefix = PREFIXES[kind]
        self._later = later
        self._read_before = read_before
        self._told = told
        self._complete = kind in told.complete
        self._before = told.run.position if told.run else 0
        self._contacts: Contacts | None = None
        self._sifted = Sifted({})
        self._same: set[str] = set()
        self._aside: set[str] = set()
        self._aside_before: set[str] = set()

    async def compare(self, reporter: Reporter) -> tuple[Extracted, Counted]:
        """Survey the files, extract what is new or changed, and say what is gone and what came back."""
        reader, run_id, whole = self._ledger.reader, self._ledger.run_id, self._complete
        sifting = sifted(reader, run_id, self._kind, self._prefix, self._later, self._before, whole=whole)
        async with sifting as self._sifted:
            return await self._compare(reporter)

    async def _compare(self, reporter: Reporter) -> tuple[Extracted, Counted]:
        if self._kind == CONTACTS:
            self._contacts = await contacts_index(self._ledger, self._later, later=True, rows=self._sifted.rows)
        survey = await self._survey(reporter)
        await self._see_aside(survey)
        there = await self._there(survey)
        returned = await self._returned(there)
        # What was history and is a record again is made anew, whatever it says.
        anew = returned | self._aside_before
        known, same = await self._stand(survey, anew)
        same |= await self._say_the_same(survey, known - same - anew)
        counts = await self._extract(same, reporter)
        gone = await self._departed(there)
        self._same = same
        new, changed = len(survey.streams - known), len(known - same)
        stand = len(same) + self._sifted.streams
        return counts, Counted(new=new, changed=changed, same=stand, gone=gone, returned=len(returned))

    async def again(self) -> set[str]:
        """The streams that say what they said, and whose records are not in Twenty."""
        left = await not_there(self._ledger.reader, self._prefix)
        if not left:
            return set()
        there = self._same | await self._known_again(left) | await self._named_before()
        return (left & there) - await departures.gone(self._ledger.reader, self._prefix)

    async def _placer(self) -> Placer:
        """A placer that begins with the first row, whatever was placed before."""
        if self._contacts is None:
            return await plain_placer(self._ledger, self._later, self._aside)
        self._contacts.who.begin_again()
        return contacts_placer(self._contacts, self._later)

    async def _survey(self, reporter: Reporter) -> Survey:
        survey = Survey(await self._ledger.reader.digest_key(), self._told.contents)
        placer = await self._placer()
        with reporter.phase("compare", None) as advance:
            for export in self._later:
                await anyio.to_thread.run_sync(survey.take, export, self._sifted.rows(export), placer)
                advance(1)
        return survey

    async def _see_aside(self, survey: Survey) -> None:
        """Which streams of the ledger have nothing but rows set aside now, and which had before."""
        reader = self._ledger.reader
        self._aside_before = await set_aside(reader, self._prefix, self._before)
        if self._kind != CONTACTS:
            self._aside = set((await identities.streams(reader, survey.aside - survey.streams)).values())

    async def _there(self, survey: Survey) -> set[str]:
        """The streams that the files speak of."""
        reader = self._ledger.reader
        there = survey.streams | set((await identities.streams(reader, survey.named)).values())
        if not self._complete:
            return there
        there |= await self._sifted.streams_among(reader, self._prefix, self._before)
        return there | await self._named_before()

    async def _known_again(self, streams: set[str]) -> set[str]:
        """Those of some streams whose rows were known again."""
        found: set[str] = set()
        async for page in last_rows(self._ledger.reader, streams, self._before):
            found |= {stream for stream, last in page.items() if self._sifted.has(short(last.hashes[-1]))}
        return found

    async def _named_before(self) -> set[str]:
        """The streams that the files speak of that were read before."""
        reader = self._ledger.reader
        digest_key = await reader.digest_key()
        found: set[str] = set()
        for export in self._read_before:
            names = await anyio.to_thread.run_sync(presence, export, digest_key)
            found |= set((await identities.streams(reader, names)).values())
        return found

    async def _returned(self, there: set[str]) -> set[str]:
        """Say which streams that were gone are back; they are extracted anew, whatever they say."""
        reader = self._ledger.reader
        back = await departures.gone(reader, self._prefix) & there
        events: list[Event] = [StreamReturned(source_key=one) for one in sorted(back)]
        await self._ledger.append(events)
        return back | await returned_in_run(reader, self._ledger.run_id, self._prefix)

    async def _stand(self, survey: Survey, anew: set[str]) -> tuple[set[str], set[str]]:
        """The streams that the ledger knows, and those of them whose rows are as they were."""
        known: set[str] = set()
        same: set[str] = set()
        async for page in last_rows(self._ledger.reader, survey.streams, self._before):
            known |= page.keys()
            same |= {one for one, last in page.items() if survey.stands(one, last, complete=self._complete)}
        return known, same - anew

    async def _say_the_same(self, survey: Survey, candidates: set[str]) -> set[str]:
        """The streams of which other rows say nothing new. A stream is judged once all of its rows were seen."""
        if not candidates:
            return set()
        wording = await Wording.of(self._ledger, self._told.run, self._later)
        placer = await self._placer()
        waiting: dict[str, list[SourceRow]] = {}
        same: set[str] = set()
        for export in self._later:
            rows = self._sifted.rows(export)
            while page := await anyio.to_thread.run_sync(partial(_page, export, rows, placer)):
                ready: dict[str, list[SourceRow]] = {}
                for stream, row in page:
                    if stream in candidates:
                        waiting.setdefault(stream, []).append(row)
                        if len(waiting[stream]) == survey.rows_of(stream):
                            ready[stream] = waiting.pop(stream)
                            candidates.discard(stream)
                same |= await wording.same(ready, complete=self._complete)
        return same

    async def _extract(self, same: set[str], reporter: Reporter) -> Extracted:
        """Extract the files that are not fully read yet; of the others the counts are in the ledger."""
        known = {one.file: one for one in await runs.exports_of(self._ledger.reader, self._ledger.run_id)}
        left = [one for one in self._later if one.file_id not in known or known[one.file_id].rows is None]
        total = await extract_by(await self._placer(), self._ledger, left, reporter, self._sieve(same))
        for export in self._later:
            if export not in left:
                total = summed(total, extracted_before(known[export.file_id]))
        return total

    def _sieve(self, same: set[str]) -> Sieve:
        def leaves(placed: Placed) -> bool:
            stream = placed.outcome.source_key
            if isinstance(placed.outcome, RowExtracted):
                return stream in same
            if stream is not None and stream not in self._aside_before:
                return False
            return placed.payload is not None and content(unseal(placed.payload.body).value) in self._told.contents

        return Sieve(
            delta=True,
            complete=self._told.complete,
            leaves=leaves,
            rows=self._sifted.rows,
            known_again=self._sifted.known_again,
        )

    async def _departed(self, there: set[str]) -> int:
        """Say which streams are gone, where the kind is complete."""
        if not self._complete:
            return 0
        missing = await placed_streams(self._ledger.reader, self._prefix) - there
        already = await departures.gone(self._ledger.reader, self._prefix)
        gone: list[Event] = [StreamGone(source_key=one) for one in sorted(missing - already)]
        await self._ledger.append(gone)
        return len(missing)


def _page(export: Export, rows: Iterator[SourceRow | RowProblem], placer: Placer) -> list[tuple[str | None, SourceRow]]:
    """The next rows of a file that can be read, and the stream of each that has one; empty at its end."""
    columns = frozenset(export.columns)
    page: list[tuple[str | None, SourceRow]] = []
    for row in islice(rows, CHUNK):
        placed = placer(f"{export.file_id}:{row.line}", row)
        if isinstance(placed.row, SourceRow):
            page.append((placed.outcome.source_key, msgspec.structs.replace(placed.row, columns=columns)))
        else:
            page.append((None, SourceRow(kind=row.kind, file=row.file, line=row.line, cells={})))
    return page
