"""Where a row stands: the file's id and name, and the line."""

import msgspec

from ledger.reader import Reader


class Place(msgspec.Struct, frozen=True):
    """A row of a Kartra file. `file` is its name, or its id where no run read it; the header is line 1."""

    file_id: str
    file: str
    line: int

    @property
    def ref(self) -> str:
        """The row as events name it."""
        return f"{self.file_id}:{self.line}"


async def file_names(reader: Reader) -> dict[str, str]:
    """The name of every file that was read, by its id."""
    return {row["file"]: row["name"] for row in await reader.rows("SELECT file, name FROM export ORDER BY position")}


def place(ref: str | None, names: dict[str, str]) -> Place | None:
    """The place that an event's `source_ref` means; what has no row has none."""
    if not ref:
        return None
    file_id, _, line = ref.rpartition(":")
    return Place(file_id, names.get(file_id, file_id), int(line))


async def files_named(reader: Reader, file: str, line: int) -> list[Place]:
    """A line of every file of a name, or of the file of an id, whatever the ledger holds of it."""
    statement = (
        """SELECT file, name FROM export WHERE name = :file OR file = :file GROUP BY file ORDER BY min(position)"""
    )
    return [Place(row["file"], row["name"], line) for row in await reader.rows(statement, file=file)]


async def rows_named(reader: Reader, file: str, line: int) -> list[Place]:
    """The rows that FILE:LINE means: `file` is a name, which several files may have, or an id."""
    statement = """SELECT file, name FROM export WHERE (name = :file OR file = :file)
        AND (EXISTS (SELECT 1 FROM event WHERE source_ref = file || ':' || :line)
          OR EXISTS (SELECT 1 FROM source_row WHERE source_row.file = export.file AND source_row.line = :line))
      GROUP BY file ORDER BY min(position)"""
    rows = await reader.rows(statement, file=file, line=line)
    return [Place(row["file"], row["name"], line) for row in rows]
