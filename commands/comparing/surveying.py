"""Going through later files: what each stream says in them, in few bytes a row, and whom other rows name."""

from collections.abc import Iterable, Mapping, Sequence

from adapters.kartra import Export, read
from adapters.mapping.types import RowProblem, SourceRow
from commands.naming import names_in, names_of
from commands.placing import Placed, Placer
from ledger.events import RowExtracted, RowSetAside
from ledger.hashing import unseal
from ledger.waves import Last, content

_SHORT = 16
"""Bytes of a hash that tell rows of one stream apart."""


class Survey:
    """What the later files of one kind say; `contents` are the rows without a stream that the ledger knows.

    `named` is whom rows without a stream name, `aside` those of them that are set aside.
    """

    def __init__(self, digest_key: bytes, contents: Mapping[str, str | None]) -> None:
        self.named: set[str] = set()
        self.aside: set[str] = set()
        self._digest_key = digest_key
        self._contents = contents
        self._said: dict[str, bytes] = {}

    @property
    def streams(self) -> set[str]:
        """The streams with placed rows."""
        return set(self._said)

    def rows_of(self, stream: str) -> int:
        """How many rows have to be seen to know all that is said of a stream."""
        every = _parts(self._said[stream])
        return 1 if len(set(every)) == 1 else len(every)

    def take(self, export: Export, rows: Iterable[SourceRow | RowProblem], placer: Placer) -> None:
        """Go through rows of a file."""
        for row in rows:
            placed = placer(f"{export.file_id}:{row.line}", row)
            if isinstance(placed.outcome, RowExtracted):
                stream = placed.outcome.source_key
                self._said[stream] = self._said.get(stream, b"") + _short(placed.outcome.payload_hash)
                continue
            names = self._names(row, placed)
            self.named |= names
            if isinstance(placed.outcome, RowSetAside):
                self.aside |= names

    def stands(self, stream: str, last: Last, *, complete: bool) -> bool:
        """Whether the rows of a stream are those that spoke of it last.

        A complete export that has fewer of them may lack a tag that another named; any other only adds.
        """
        now, before = set(_parts(self._said[stream])), [_short(one) for one in last.hashes]
        if complete:
            return last.whole and now == set(before)
        return before[-1] in now and now <= set(before)

    def _names(self, row: SourceRow | RowProblem, placed: Placed) -> set[str]:
        """Whom a row without a stream names: held or set aside, it shows that Kartra still has them."""
        if isinstance(row, RowProblem):
            return names_in(row, self._digest_key) | self._corrected(placed)
        return {*names_of(row, self._digest_key), *self._corrected(placed)}

    def _corrected(self, placed: Placed) -> set[str]:
        """The stream that an equal row has since a person corrected it."""
        stream = None if placed.payload is None else self._contents.get(content(unseal(placed.payload.body).value))
        return set() if stream is None else {stream}


def presence(export: Export, digest_key: bytes) -> set[str]:
    """Every name in a file."""
    rows: Sequence[set[str]] = [
        names_in(row, digest_key) if isinstance(row, RowProblem) else set(names_of(row, digest_key))
        for row in read(export)
    ]
    return set().union(*rows)


def _short(payload_hash: str) -> bytes:
    return bytes.fromhex(payload_hash)[:_SHORT]


def _parts(said: bytes) -> list[bytes]:
    return [said[at : at + _SHORT] for at in range(0, len(said), _SHORT)]
