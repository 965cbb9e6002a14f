"""A held row or record, with the row it stands on."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from adapters.mapping.types import SourceRow
from commands.errors import WrongUse
from ledger.projections.holds import Hold, holds
from ledger.reader import Reader

OPEN = ("open", "corrected")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A hold, its row's file id and kind, its cells (None where they could not be told apart), and what is said of it.

    `columns` are all that the row's file has; `detail` is the body of the hold without the cells.
    """

    hold: Hold
    file: str
    kind: str
    cells: Mapping[str, str] | None
    columns: tuple[str, ...]
    detail: Mapping[str, object]

    @property
    def ref(self) -> str:
        """Where the row stands: file id and line."""
        return f"{self.file}:{self.hold.line}"

    @property
    def is_placed(self) -> bool:
        """Whether the ledger knows whose row it is."""
        return self.hold.stage != "extract"

    def row(self, given: Mapping[str, str]) -> SourceRow:
        """The row with some cells as a person says they are; an empty one is left out.

        Raises:
            WrongUse: its cells could not be told apart, or it has no such column.
        """
        if self.cells is None:
            raise WrongUse(
                f"hold {self.hold.id}: the row's cells cannot be told apart; export the file anew, or `holds give-up`"
            )
        for name in given:
            if name not in {*self.columns, *self.cells}:
                raise WrongUse(
                    f"the row has no column {name!r}; it has {', '.join(sorted({*self.columns, *self.cells}))}"
                )
        cells = {name: value for name, value in {**self.cells, **given}.items() if value}
        return SourceRow(kind=self.kind, file=self.hold.file, line=self.hold.line, cells=cells)


async def find_held(reader: Reader, hold_id: int) -> Held:
    """A hold by its id.

    Raises:
        WrongUse: there is none.
    """
    found = next((one for one in await holds(reader) if one.id == hold_id), None)
    if found is None:
        raise WrongUse(f"there is no hold {hold_id}; `holds` lists them")
    return await _held(reader, found)


async def open_holds(reader: Reader, ids: Iterable[int], reason: str | None, object_name: str | None) -> list[Hold]:
    """The open holds by their ids, or all of a reason (of an object).

    Raises:
        WrongUse: one is not open, nothing was said, or nothing is held for what was said.
    """
    wanted = list(dict.fromkeys(ids))
    every = {one.id: one for one in await holds(reader)}
    if not wanted and reason is None:
        raise WrongUse("say which: ids of holds, or --reason")
    if not wanted:
        _refuse_unknown(every.values(), reason, object_name)
        return [
            one
            for one in every.values()
            if one.state in OPEN and one.reason == reason and object_name in (None, one.object)
        ]
    for one in wanted:
        if one not in every or every[one].state not in OPEN:
            state = every[one].state if one in every else "not there"
            raise WrongUse(f"hold {one} is {state}; `holds --state open` lists those that wait")
    return [every[one] for one in wanted]


def _refuse_unknown(every: Iterable[Hold], reason: str | None, object_name: str | None) -> None:
    reasons, objects = {one.reason for one in every}, {one.object for one in every}
    for said, known in ((reason, reasons), (object_name, objects)):
        if said is not None and said not in known:
            raise WrongUse(f"nothing was ever held for {said!r}; there is {', '.join(sorted(known)) or 'no hold'}")


async def _held(reader: Reader, hold: Hold) -> Held:
    statement = """SELECT hold.file, export.kind, said.body AS detail, placed.body AS row, header.body AS header
      FROM hold LEFT JOIN export ON export.file = hold.file LEFT JOIN payload AS said ON said.hash = hold.payload_hash
        LEFT JOIN source_row ON source_row.file = hold.file AND source_row.line = hold.line
        LEFT JOIN payload AS placed ON placed.hash = source_row.payload_hash
        LEFT JOIN payload AS header ON header.hash = export.payload_hash
      WHERE hold.id = :id ORDER BY export.position LIMIT 1"""
    [row] = await reader.rows(statement, id=hold.id)
    detail = _value(row["detail"])
    cells = _value(row["row"]).get("cells") or detail.get("cells")
    told = {name: value for name, value in detail.items() if name != "cells"}
    header = _value(row["header"])
    columns = tuple(header.get("columns") or ())
    return Held(hold=hold, file=row["file"], kind=row["kind"] or "", cells=cells, columns=columns, detail=told)


def _value(body: str | None) -> dict[str, Any]:
    value = msgspec.json.decode(body)["value"] if body else {}
    return value if isinstance(value, dict) else {}
