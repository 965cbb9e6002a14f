"""The files that were read, and their rows a page at a time."""

from typing import Any

import msgspec

from ledger.listings.places import Place, file_names, place
from ledger.reader import Reader


class FileListed(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a run; its counts are missing until it was read to its end."""

    run_id: str
    file: str
    name: str
    kind: str
    size: int
    sha256: str
    exported_at: str
    position: int
    rows: int | None
    extracted: int | None
    held: int | None
    set_aside: int | None
    unchanged: int | None
    delta: bool
    complete: bool


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file.

    `cells` are missing where its body was erased; `as_read` is there where a person corrected it.
    """

    place: Place
    state: str
    source_key: str | None
    run_id: str
    position: int
    payload_hash: str | None
    cells: dict[str, Any] | None
    as_read: dict[str, Any] | None = None


_ROWS = """SELECT source_row.*, said.body, original.body AS first_body FROM source_row
  LEFT JOIN payload AS said ON said.hash = source_row.payload_hash
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND event.payload_hash = said.hash)
  LEFT JOIN payload AS original ON original.hash = source_row.original_hash
    AND source_row.original_hash <> source_row.payload_hash
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND event.payload_hash = original.hash)"""


_SIZES = """SELECT line, coalesce(length(said.body), 0) + coalesce(length(original.body), 0) AS size FROM source_row
  LEFT JOIN payload AS said ON said.hash = source_row.payload_hash
  LEFT JOIN payload AS original ON original.hash = source_row.original_hash
    AND source_row.original_hash <> source_row.payload_hash
  WHERE file = :file AND line > :after ORDER BY line LIMIT :step"""

_BUDGET = 4_000_000
"""How many characters the bodies of a page's rows have together, unless one row alone has more."""

_FIRST_STEP = 8
"""Of how many rows it is first looked up how large they are; then of twice as many, and so on."""


async def listed_files(reader: Reader) -> list[FileListed]:
    """Every file of every run, in the order they were begun."""
    rows = await reader.rows("SELECT * FROM export ORDER BY position")
    return msgspec.convert(rows, list[FileListed], strict=False)


async def listed_rows(reader: Reader, file: str, *, after: int, limit: int) -> tuple[list[SourceRow], int | None]:
    """The next rows of a file behind a line, and the line to go on behind, where there are more.

    There are `limit` rows at most, and fewer where their bodies are large: their sum stays within a budget.
    """
    upto, more = await _page_end(reader, file, after, limit)
    statement = f"{_ROWS} WHERE file = :file AND line > :after AND line <= :upto ORDER BY line"
    rows = await reader.rows(statement, file=file, after=after, upto=upto)
    return await _as_rows(reader, rows), upto if more else None


async def _page_end(reader: Reader, file: str, after: int, limit: int) -> tuple[int, bool]:
    """The last line of the page behind a line, and whether more lines follow it."""
    upto, count, size, step = after, 0, 0, _FIRST_STEP
    while sizes := await reader.rows(_SIZES, file=file, after=upto, step=step):
        for one in sizes:
            if count == limit or (count and size + one["size"] > _BUDGET):
                return upto, True
            upto, count, size = one["line"], count + 1, size + one["size"]
        step *= 2
    return upto, False


async def rows_at(reader: Reader, refs: list[str]) -> list[SourceRow]:
    """The rows that events name by these references, in the same order."""
    statement = f"""SELECT source.* FROM json_each(:places) AS wanted CROSS JOIN ({_ROWS}) AS source
      ON source.file = wanted.value ->> '$[0]' AND source.line = wanted.value ->> '$[1]' ORDER BY wanted.key"""
    places = [one for ref in refs if (one := place(ref, {})) is not None]
    said = msgspec.json.encode([(one.file_id, one.line) for one in places]).decode()
    return await _as_rows(reader, await reader.rows(statement, places=said))


async def _as_rows(reader: Reader, rows: list[Any]) -> list[SourceRow]:
    names = await file_names(reader)
    return [_as_row(row, names) for row in rows]


def _as_row(row: Any, names: dict[str, str]) -> SourceRow:
    told = {name: row[name] for name in ("state", "source_key", "run_id", "position", "payload_hash")}
    stands = Place(row["file"], names.get(row["file"], row["file"]), row["line"])
    return SourceRow(**told, place=stands, cells=_cells(row["body"]), as_read=_cells(row["first_body"]))


def _cells(body: str | None) -> dict[str, Any] | None:
    if body is None:
        return None
    value = msgspec.json.decode(body)["value"]
    cells = value.get("cells") if isinstance(value, dict) else None
    return cells if isinstance(cells, dict) else {"value": value}
