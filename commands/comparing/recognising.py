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

from adapters.kartra import Cells, Export, email_alias, number_alias, read, read_cells, source_row
from adapters.mapping.types import RowProblem, SourceRow
from commands.naming import names_of
from commands.placing import CONTACTS
from ledger.hashing import digest
from ledger.projections import departures, holds, identities, runs
from ledger.reader import Reader
from ledger.row_hashes import RowHash, row_hash
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
Named = Callable[[list[str]], str | None]
"""The stream that a row's own identity names."""


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
            if export in plain and (hash_of := _hash_of(export)) and (name := self._name(export)):
                involved |= await self._sift(found, export, name, hash_of)
            else:
                involved |= await self._all_of(export)
        return involved

    async def _sift(self, found: Sifted, export: Export, name: Named, hash_of: RowHash) -> set[str]:
        involved: set[str] = set()
        spool = found.begin(export)
        rows = read_cells(export, verify=True)
        while chunk := await anyio.to_thread.run_sync(_unknown, rows, self._newest, name, hash_of):
            count, left = chunk
            left = await self._by_alias(left, name, hash_of)
            found.known_again[export.file_id] += count - len(left)
            spool.add(left)
            involved |= await self._named(source_row(export, *row) for row in left if isinstance(row, tuple))
        return involved

    async def _by_alias(self, rows: Sequence[Row], name: Named, hash_of: RowHash) -> list[Row]:
        """Of rows that no stream's own key leads to, those that no further name of a stream leads to either."""
        named = [(row, name(row[1])) for row in rows if isinstance(row, tuple)] if self._kind == CONTACTS else []
        aliases = {alias for _, alias in named if alias is not None and "~" in alias}
        streams = await identities.streams(self._reader, aliases) if aliases else {}
        known: set[int] = set()
        for row, alias in named:
            found = hash_of(streams[alias], row[1])[:SHORT] if alias in streams else b""
            if found in self._newest:
                self._newest[found] = True
                known.add(row[0])
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
        return None if at is None else lambda cells: self._prefix + cells[at]

    def _contact(self, number_at: int | None, email_at: int) -> Named:
        others, digest_key = self._others, self._digest_key

        def name(cells: list[str]) -> str | None:
            number, email = "" if number_at is None else cells[number_at], cells[email_at]
            if "@" not in email:
                # Whether she has an e-mail hangs on other rows, and on what columns their files have.
                return None
            if number.isdecimal():
                alias = "contact:" + number
                return others.get(alias, alias) if others else alias
            plain = unicodedata.normalize("NFC", email.strip()).lower()
            return None if number else email_alias(plain, lambda text: digest(digest_key, text))

        return name


def _hash_of(export: Export) -> RowHash | None:
    # Where a column is there twice the first that is filled counts, row by row.
    return None if export.repeats else row_hash(export.columns)


def _unknown(
    rows: Iterator[Row], newest: dict[bytes, bool], name: Named, hash_of: RowHash
) -> tuple[int, list[Row]] | None:
    """How many rows come next, and those of them that are not known again; None at the end."""
    count = 0
    left: list[Row] = []
    for row in islice(rows, _CHUNK):
        count += 1
        if isinstance(row, tuple) and (stream := name(row[1])) is not None:
            found = hash_of(stream, row[1])[:SHORT]
            if found in newest:
                newest[found] = True
                continue
        left.append(row)
    return (count, left) if count else None
