"""Files of Kartra, and their rows as they were read."""

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import NotFound
from ledger.listings.files import FileListed, SourceRow, listed_files, listed_rows
from ledger.reader import Reader


class RowPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a file's rows, with every reading of the file."""

    file: str
    name: str
    readings: list[FileListed]
    items: list[SourceRow]
    next: str | None


async def list_files(reader: Reader) -> list[FileListed]:
    """Every file of every run."""
    return await listed_files(reader)


async def list_rows(reader: Reader, file: str, line: int | None, after: str | None, limit: int) -> RowPage:
    """The next rows of a file, from a line on: fewer than `limit` where they are large.

    Raises:
        NotFound: no run read such a file.
        BadCursor: `after` is no cursor of this list.
    """
    readings = [one for one in await listed_files(reader) if one.file == file]
    if not readings:
        raise NotFound(f"no run of this ledger read a file {file}; the list of files shows them")
    end = behind(after, int)
    begin = end if end is not None else (line - 1 if line else 0)
    items, more = await listed_rows(reader, file, after=begin, limit=limit)
    following = None if more is None else cursor(more)
    return RowPage(file=file, name=readings[-1].name, readings=readings, items=items, next=following)
