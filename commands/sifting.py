"""Which rows of a file become events, and which held rows of earlier files they stand for."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Self

import msgspec

from adapters.kartra import Export, read
from adapters.mapping import identify, kartra_number
from adapters.mapping.types import RowProblem, SourceRow
from commands.placing import Placed
from ledger.events import Event, RowExtracted, RowReleased
from ledger.projections import holds, identities
from ledger.reader import Reader
from ledger.store import Ledger

Rest = frozenset[tuple[str, str]]
"""The cells of a row that are not empty, but for its e-mail."""

_TELLING = 3
"""So many cells beside the e-mail tell a row that names no number."""


class Sieve(msgspec.Struct, frozen=True):
    """What an extraction leaves out: nothing, or, in a delta, what was extracted before (`leaves`).

    `complete` are the kinds whose files hold all there is of them. `rows` gives the rows of a file that are to be
    looked at; of `known_again`, by file, it was seen before that they say what was extracted last.
    """

    delta: bool = False
    complete: frozenset[str] = frozenset()
    leaves: Callable[[Placed], bool] = lambda _placed: False
    rows: Callable[[Export], Iterator[SourceRow | RowProblem]] = partial(read, verify=True)
    known_again: Mapping[str, int] = {}


EVERYTHING = Sieve()
"""Every row becomes an event."""


class HeldBefore:
    """The contacts that wait for a person without a stream.

    A later row is theirs by the Kartra number it names. Where they name none, it is by all its other cells, if these
    tell one held row alone, and nobody known before has the new row's identity: two people may share a name.
    """

    def __init__(self, reader: Reader, waiting: Mapping[int, Mapping[str, str]], head: int) -> None:
        self._reader = reader
        self._head = head
        self._by_number: dict[str, list[int]] = {}
        self._by_rest: dict[Rest, list[int]] = {}
        for hold, cells in waiting.items():
            if number := cells.get("id", "").strip():
                self._by_number.setdefault(number, []).append(hold)
            elif rest := _rest(cells):
                self._by_rest.setdefault(rest, []).append(hold)

    @classmethod
    async def of(cls, ledger: Ledger) -> Self:
        """Those of a ledger, as it stands."""
        return cls(ledger.reader, await holds.unplaced(ledger.reader), ledger.head.position)

    @property
    def waits(self) -> bool:
        """Whether any waits still."""
        return bool(self._by_number or self._by_rest)

    async def replaced_by(self, row: SourceRow | RowProblem, placed: Placed) -> list[Event]:
        """The releases of those that a row of a later file stands for, well placed or held for itself."""
        ref = placed.outcome.source_ref
        if not self.waits or isinstance(row, RowProblem) or row.kind not in ("contacts", "lead_details"):
            return []
        is_placed = isinstance(placed.outcome, RowExtracted)
        named = kartra_number(row.cells.get("id")).value if is_placed else identify(row).number
        number = named or row.cells.get("id", "").strip()
        found = self._by_number.pop(number, []) if number else await self._alike(row, placed)
        return [RowReleased(hold=hold, replaced_by=ref) for hold in found]

    async def _alike(self, row: SourceRow, placed: Placed) -> list[int]:
        rest = _rest(row.cells) if self._by_rest else None
        if rest is None or len(self._by_rest.get(rest, ())) != 1:
            return []
        stream = getattr(placed.outcome, "source_key", None)
        known = stream is not None and await identities.is_known_at(self._reader, stream, self._head)
        return [] if known else self._by_rest.pop(rest)


def _rest(cells: Mapping[str, str]) -> Rest | None:
    """All that a row says beside the e-mail, where that is enough to know it again."""
    said = frozenset((name, value.strip()) for name, value in cells.items() if name != "email" and value.strip())
    return said if len(said) >= _TELLING else None
