"""The sheets of one object: its columns found first, then its records, cut where Twenty's import would refuse more."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeVar

import anyio
import msgspec

from adapters.reports.sheets import importable, write_sheet
from commands.staging.columns import ID, Column, in_order
from commands.staging.labels import Labels
from commands.staging.records import Ids, Passage, Row, staged_rows
from ledger.reader import Reader

T = TypeVar("T")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be imported as records of an object."""

    file: str
    object: str
    rows: int
    columns: int


class Staging(msgspec.Struct, frozen=True, kw_only=True):
    """What every object's sheets are written with: where from and to, names, ids, and how many rows a file may have."""

    reader: Reader
    folder: Path
    labels: Labels
    ids: Ids
    most: int


async def columns_of(staging: Staging, object_name: str) -> list[Column]:
    """Every column that a record of the object fills."""
    seen: dict[Column, None] = {ID: None}
    async for row in staged_rows(staging.reader, object_name, staging.ids, Passage()):
        seen.update(dict.fromkeys(row))
    return in_order(seen)


async def write_object(staging: Staging, place: int, object_name: str, passage: Passage) -> list[Sheet]:
    """Write an object's records; `place` says when the object's turn to be imported is.

    Raises:
        OSError: the folder cannot be written.
    """
    columns = await columns_of(staging, object_name)
    header = staging.labels.header(object_name, columns)
    stem = f"{place:02d}-{staging.labels.plural(object_name)}"
    sheets: list[Sheet] = []
    async for rows in in_portions(staged_rows(staging.reader, object_name, staging.ids, passage), staging.most):
        path = staging.folder / (f"{stem}-{len(sheets) + 1}.csv" if sheets else f"{stem}.csv")
        await anyio.to_thread.run_sync(write_sheet, path, header, _cells(columns, rows), importable)
        sheets.append(Sheet(file=path.name, object=object_name, rows=len(rows), columns=len(columns)))
    return sheets


async def in_portions(values: AsyncIterator[T], most: int) -> AsyncIterator[list[T]]:
    """The values in lists of `most`, the last one as long as it comes."""
    portion: list[T] = []
    async for value in values:
        portion.append(value)
        if len(portion) == most:
            yield portion
            portion = []
    if portion:
        yield portion


def _cells(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[str | None]]:
    return [[row.get(column) for column in columns] for row in rows]
