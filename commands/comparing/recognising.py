"""Rows of later files that say what was extracted last, known again by their hash, with nothing else done to them.

A body holds the stream with the cells, so its hash stands for both: a row whose hash, made out for the stream that its
own number or e-mail names, is that of the stream's newest row in the ledger says nothing new. All other rows go the
general way (`placing`, `surveying`, `wording`), and with them every row of a stream that one of these names, so that
who is who is decided among all who have to do with each other. What is known of a contact that nobody names anew is
that its number and its e-mail lead to it: a row whose e-mail is another's was never its newest, and streams whose
e-mails moved are looked at in the general way.
"""

import tempfile
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from itertools import islice
from typing import IO

import anyio
import msgspec

from adapters.kartra import Cells, Export, Stretch, email_alias, number_alias, read, read_stretches, source_row
from adapters.mapping.types import RowProblem, SourceRow
from commands.naming import names_of
from commands.placing import CONTACTS
from ledger.hashing import digest
from ledger.projections import departures, holds, identities, runs
from ledger.reader import Reader
from ledger.row_hashes import RowHashes, row_hashes
from ledger.waves import SHORT, last_rows, newest_hashes, set_aside, short, streams_saying

_CHUNK = 5_000
"""Rows that are looked at before anybody else gets a turn."""
_IN_MEMORY = 8 << 20
"""Bytes of rows that are kept in memory; more go to a file without a name."""
_KEYS: Mapping[str, str] = {
    "transactions": "id",
    "subscriptions": "subscription_id",
    "bookings": "calendar_subscription_id",
}
"""The column with the stream's key, of kinds that have a plain one."""

Row = Cells | RowProblem
Named = Callable[[Sequence[list[str]]], list[str]]
"""The streams that rows' own identities name; an empty text for who is not named plainly."""


class Sifted:
    """The rows of some later files that go the general way, and how many of each file say what was extracted last."""

    def __init__(self, newest: Mapping[bytes, bool]) -> None:
        self.known_again: dict[str, int] = {}
        self._newest = newest
        self._spools: dict[str, _Spool] = {}

    @property
    def streams(self) -> int:
        """How many streams say in all of their rows what they said last."""
        return sum(self._newest.values())

    async def streams_among(self, reader: Reader, prefix: str, before: int) -> set[str]:
        """The streams of a kind that were known again."""
        return await streams_saying(reader, prefix, before, self._newest)

    def has(self, short_hash: bytes) -> bool:
        """Whether rows with this hash were known again."""
        return self._newest.get(short_hash, False)

    def rows(self, export: Export) -> Iterator[SourceRow | RowProblem]:
        """The rows of a file that go the general way: all of them, where none can be known again.

        Raises:
            KartraError: the file cannot be read, or was changed.
        """
        spool = self._spools.get(export.file_id)
        return read(export, verify=True) if spool is None else spool.rows(export)

    def close(self) -> None:
        """Give the rows up."""
        for spool in self._spools.values():
            spool.close()

    def begin(self, export: Export) -> "_Spool":
        """What keeps the rows of a file that is gone through now."""
        self.known_again[export.file_id] = 0
        return self._spools.setdefault(export.file_id, _Spool())


class _Spool:
    """Rows kept to be gone through several times."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # kept open
        self._encode = msgspec.json.Encoder().encode_lines

    def close(self) -> None:
        self._file.close()

    def add(self, rows: Iterable[Row]) -> None:
        self._file.write(self._encode(rows))

    def rows(self, export: Export) -> Iterator[SourceRow | RowProblem]:
        decode = msgspec.json.Decoder(Row).decode
        self._file.seek(0)
        for line in self._file:
            row = decode(line)
            yield source_row(export, *row) if isinstance(row, tuple) else row


@asynccontextmanager
async def sifted(
    reader: Reader, run_id: str, kind: str, prefix: str, later: Sequence[Export], before: int, *, whole: bool
) -> AsyncIterator[Sifted]:
    """Later files of a kind, gone through for rows that say what was extracted last before the run at a position.

    Of a `whole` kind streams with several rows go the general way: which of them the files lack matters.

    Raises:
        KartraError: a file cannot be read, or was changed.
    """
    sifting = _Sifting(reader, kind, prefix, before, await reader.digest_key())
    await sifting.learn(whole=whole)
    plain = [one for one in later if not await runs.is_read_otherwise(reader, one.file_id, run_id)]
    while True:
        with closing(sifting.begun()) as found:
            # Who is named anew is judged by all that is said of them.
            if await sifting.forget(await sifting.sift(found, later, plain)):
                sifting.begin_again()
                continue
            yield found
            return


class _Sifting:
    """The files of one kind gone through, by what the ledger knows."""

    def __init__(self, reader: Reader, kind: str, prefix: str, before: int, digest_key: bytes) -> None:
        self._reader = reader
        self._kind = kind
        self._prefix = prefix
        self._before = before
        self._digest_key = digest_key
        self._newest: dict[bytes, bool] = {}
        self._others: Mapping[str, str] = {}

    async def learn(self, *, whole: bool) -> None:
        """Take in what the ledger knows."""
        reader = self._reader
        if (self._kind != CONTACTS and self._kind not in _KEYS) or await departures.suppressed(reader):
            # Rows that name somebody who was erased are kept without her: each has to be looked at.
            return
        self._newest = await newest_hashes(reader, self._prefix, self._before, alone=whole)
        self._others = await identities.other_numbers(reader) if self._kind == CONTACTS else {}
        await self.forget(await self._apart())

    async def forget(self, streams: set[str]) -> bool:
        """Let streams go the general way; whether rows of theirs were known again."""
        missed = False
        async for page in last_rows(self._reader, streams, self._before):
            for last in page.values():
                missed |= self._newest.pop(short(last.hashes[-1]), False)
        return missed

    def begun(self) -> Sifted:
        """What is filled by going through the files."""
        return Sifted(self._newest)

    def begin_again(self) -> None:
        """Nothing is known again yet."""
        self._newest.update(dict.fromkeys(self._newest, False))

    async def sift(self, found: Sifted, later: Sequence[Export], plain: Sequence[Export]) -> set[str]:
        """Go through the files, of which `plain` ones were never read; tells whom the rows name that are left."""
        involved: set[str] = set()
        for export in later if self._newest else ():
            if export in plain and (hashes_of := _hashes_of(export)) and (named := self._name(export)):
                involved |= await self._sift(found, export, named, hashes_of)
            else:
                involved |= await self._all_of(export)
        return involved

    async def _sift(self, found: Sifted, export: Export, named: Named, hashes_of: RowHashes) -> set[str]:
        involved: set[str] = set()
        spool = found.begin(export)
        rows = read_stretches(export, verify=True)
        while chunk := await anyio.to_thread.run_sync(_unknown, rows, self._newest, named, hashes_of):
            count, left = chunk
            left = await self._by_alias(left, named, hashes_of)
            found.known_again[export.file_id] += count - len(left)
            spool.add(left)
            involved |= await self._named(source_row(export, *row) for row in left if isinstance(row, tuple))
        return involved

    async def _by_alias(self, rows: Sequence[Row], named: Named, hashes_of: RowHashes) -> list[Row]:
        """Of rows that no stream's own key leads to, those that no further name of a stream leads to either."""
        whole = [row for row in rows if isinstance(row, tuple)] if self._kind == CONTACTS else []
        aliased = [(row, alias) for row, alias in zip(whole, named([cells for _, cells in whole]), strict=True)
                   if "~" in alias]  # fmt: skip
        if not aliased:
            return list(rows)
        streams = await identities.streams(self._reader, {alias for _, alias in aliased})
        found = hashes_of([streams.get(alias, "") for _, alias in aliased], [cells for (_, cells), _ in aliased])
        again = {one[:SHORT] for one in found} & self._newest.keys()
        self._newest.update(dict.fromkeys(again, True))
        known = {row[0] for (row, _), one in zip(aliased, found, strict=True) if one[:SHORT] in again}
        return [row for row in rows if not isinstance(row, tuple) or row[0] not in known]

    async def _all_of(self, export: Export) -> set[str]:
        involved: set[str] = set()
        rows = read(export, verify=True)
        while chunk := await anyio.to_thread.run_sync(lambda: list(islice(rows, _CHUNK))):
            involved |= await self._named(row for row in chunk if isinstance(row, SourceRow))
        return involved

    async def _named(self, rows: Iterable[SourceRow]) -> set[str]:
        """The streams that rows name."""
        names = {name for row in rows for name in names_of(row, self._digest_key)}
        return set((await identities.streams(self._reader, names)).values()) if names else set()

    async def _apart(self) -> set[str]:
        """Streams about which there is more to say than what their rows say."""
        reader, prefix = self._reader, self._prefix
        apart = await departures.gone(reader, prefix) | await set_aside(reader, prefix, self._before)
        if self._kind != CONTACTS:
            return apart
        waiting = (cells.get("id", "").strip() for cells in (await holds.unplaced(reader)).values())
        names = await identities.streams(reader, {number_alias(number) for number in waiting if number})
        return apart | {*names.values()} | await identities.moved(reader)

    def _name(self, export: Export) -> Named | None:
        """How the rows of a file name their streams, as far as it is plain."""
        columns = {name: at for at, name in enumerate(export.columns)}
        if self._kind == CONTACTS:
            return self._contact(columns.get("id"), columns["email"]) if "email" in columns else None
        at = columns.get(_KEYS[self._kind])
        return None if at is None else lambda rows: [self._prefix + cells[at] for cells in rows]

    def _contact(self, number_at: int | None, email_at: int) -> Named:
        others, digest_key = self._others, self._digest_key

        def name(number: str, email: str) -> str:
            # Whether she has an e-mail where none is to be seen hangs on other rows, and on what columns their files
            # have; nor does every number tell.
            if number or "@" not in email:
                return ""
            plain = unicodedata.normalize("NFC", email.strip()).lower()
            return email_alias(plain, lambda text: digest(digest_key, text))

        def named(rows: Sequence[list[str]]) -> list[str]:
            if number_at is None:
                return [name("", cells[email_at]) for cells in rows]
            streams = [
                "contact:" + number if number.isdecimal() and "@" in email else name(number, email)
                for cells in rows
                for number, email in ((cells[number_at], cells[email_at]),)
            ]
            return [others.get(one, one) for one in streams] if others else streams

        return named


def _hashes_of(export: Export) -> RowHashes | None:
    # Where a column is there twice the first that is filled counts, row by row.
    return None if export.repeats else row_hashes(export.columns)


def _unknown(
    found: Iterator[Stretch | RowProblem], newest: dict[bytes, bool], named: Named, hashes_of: RowHashes
) -> tuple[int, list[Row]] | None:
    """How many rows come next, and those of them that are not known again; None at the end."""
    count = 0
    left: list[Row] = []
    for stretch in found:
        if isinstance(stretch, RowProblem):
            count += 1
            left.append(stretch)
        else:
            count += len(stretch.rows)
            # No body is of a stream without a name.
            hashes = [one[:SHORT] for one in hashes_of(named(stretch.rows), stretch.rows)]
            rows = zip(stretch.starts, stretch.rows, strict=True)
            left += [row for row, one in zip(rows, hashes, strict=True) if one not in newest]
            newest.update(dict.fromkeys(filter(newest.__contains__, hashes), True))
        if count >= _CHUNK:
            break
    return (count, left) if count else None
