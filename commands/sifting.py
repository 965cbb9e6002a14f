"""Which rows of a file become events, and which held rows of earlier files they stand for."""

from collections.abc import Callable
from typing import Self

import msgspec

from adapters.mapping import identify
from adapters.mapping.types import RowProblem, SourceRow
from commands.placing import Placed
from ledger.events import Event, RowReleased
from ledger.projections import holds
from ledger.reader import Reader


class Sieve(msgspec.Struct, frozen=True):
    """What an extraction leaves out: nothing, or, in a delta, what was extracted before (`leaves`).

    `complete` are the kinds whose files hold all there is of them.
    """

    delta: bool = False
    complete: frozenset[str] = frozenset()
    leaves: Callable[[Placed], bool] = lambda _placed: False


EVERYTHING = Sieve()
"""Every row becomes an event."""


class HeldBefore:
    """The contacts that wait for a person without a stream, by the Kartra number their rows name."""

    def __init__(self, by_number: dict[str, list[int]]) -> None:
        self._by_number = by_number

    @classmethod
    async def of(cls, reader: Reader) -> Self:
        """Those of a ledger."""
        return cls(await holds.unplaced_by_number(reader))

    def replaced_by(self, row: SourceRow | RowProblem, placed: Placed) -> list[Event]:
        """The releases of those that a row of a later file stands for, well placed or held for itself."""
        ref = placed.outcome.source_ref
        if not self._by_number or isinstance(row, RowProblem) or row.kind not in ("contacts", "lead_details"):
            return []
        number = identify(row).number or row.cells.get("id", "").strip()
        return [RowReleased(hold=hold, replaced_by=ref) for hold in self._by_number.pop(number, ())]
