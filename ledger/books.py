"""The books: rows and records counted by what became of them, and whether the sums agree."""

import msgspec

from ledger.reader import Reader


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of Kartra files: read = held + set_aside + merged + transformed + waiting + unchanged.

    `transformed` counts streams that became records, `merged` rows share a stream with an older one or are replaced by
    a later file's, `waiting` rows are placed and no record was made of them (their kind is not moved, or not yet). What
    a person gave up counts as set aside; `unchanged` rows of a delta say what earlier ones said, and add no event.
    """

    read: int
    held: int
    set_aside: int
    merged: int
    transformed: int
    waiting: int
    unchanged: int


class File(Rows, frozen=True, kw_only=True):
    """The rows of one file. A stream counts where its oldest row stands."""

    file: str
    kind: str
    name: str


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """Records of an object, by state; they sum up to `transformed`. `unlinked` ones go without a relation of theirs."""

    object: str
    transformed: int
    pending: int
    intended: int
    created: int
    adopted: int
    changed: int
    obsolete: int
    skipped: int
    rejected: int
    held: int
    abandoned: int
    deleted: int
    unlinked: int


STATES = (
    "pending", "intended", "created", "adopted", "changed", "obsolete", "skipped", "rejected", "held", "abandoned",
    "deleted",
)  # fmt: skip
"""What a record can have become; a record is in one of them."""


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """All counts, and each sum that does not agree, in words."""

    rows: Rows
    files: tuple[File, ...]
    records: tuple[Records, ...]
    imbalances: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every sum agrees."""
        return not self.imbalances


async def books(reader: Reader) -> Books:
    """Count everything the ledger holds, as it stands now."""
    files = await _files(reader)
    rows = Rows(**{name: sum(getattr(one, name) for one in files) for name in Rows.__struct_fields__})
    records = await _records(reader)
    wrong = [imbalance for one in files for imbalance in _row_sums(one)]
    return Books(rows=rows, files=files, records=records, imbalances=(*wrong, *await _created_sums(reader, records)))


async def _files(reader: Reader) -> tuple[File, ...]:
    # A file may be read again, by a run that takes up what a delta left unrecorded: what is left is the least that any
    # reading left and, as long as one is at it, no more than has no row.
    # Records of a stream are named like it, or like it and more behind a slash; `0` is what comes after a slash.
    statement = """WITH seen AS (
        SELECT file, name, kind, exported_at, min(position) AS position, max(rows) AS rows,
          min(unrecorded) AS unrecorded, max(position) > max(CASE WHEN rows IS NULL THEN 0 ELSE position END) AS reading
        FROM export GROUP BY file),
      stream AS (SELECT source_key, EXISTS (SELECT 1 FROM record WHERE record.source_key = placed.source_key
            OR (record.source_key > placed.source_key || '/' AND record.source_key < placed.source_key || '0')) AS made
        FROM (SELECT DISTINCT source_key FROM source_row WHERE state = 'extracted') AS placed),
      ranked AS (SELECT source_row.file, source_row.state, stream.made, row_number() OVER (
            PARTITION BY source_row.source_key, source_row.state ORDER BY seen.exported_at, seen.name, line) AS rank
        FROM source_row JOIN seen ON seen.file = source_row.file
        LEFT JOIN stream ON stream.source_key = source_row.source_key AND source_row.state = 'extracted')
      SELECT seen.file, seen.name, seen.kind, coalesce(seen.rows, count(ranked.state)) AS read,
        coalesce(CASE WHEN reading THEN min(seen.unrecorded, max(seen.rows - count(ranked.state), 0))
            ELSE seen.unrecorded END, 0) AS unchanged,
        coalesce(sum(state = 'held'), 0) AS held, coalesce(sum(state IN ('set_aside', 'abandoned')), 0) AS set_aside,
        coalesce(sum(state = 'replaced' OR (state = 'extracted' AND made AND rank > 1)), 0) AS merged,
        coalesce(sum(state = 'extracted' AND made AND rank = 1), 0) AS transformed,
        coalesce(sum(state = 'extracted' AND NOT made), 0) AS waiting
      FROM seen LEFT JOIN ranked ON ranked.file = seen.file GROUP BY seen.file ORDER BY seen.position"""
    return tuple(await reader.fetch(File, statement))


async def _records(reader: Reader) -> tuple[Records, ...]:
    found = await reader.rows("""SELECT object, count(*) AS transformed,
        sum(state = 'pending') AS pending, sum(state = 'intended') AS intended,
        sum(state = 'written' AND origin = 'created') AS created,
        sum(state = 'written' AND origin = 'adopted') AS adopted,
        sum(state = 'changed') AS changed, sum(state = 'obsolete') AS obsolete, sum(state = 'skipped') AS skipped,
        sum(state = 'rejected') AS rejected, sum(state = 'held') AS held, sum(state = 'abandoned') AS abandoned,
        sum(state = 'deleted') AS deleted,
        sum(unlinked IS NOT NULL) AS unlinked
        FROM record WHERE state <> 'withdrawn' GROUP BY object ORDER BY object""")
    return tuple(msgspec.convert(found, list[Records]))


def _row_sums(rows: File) -> list[str]:
    accounted = rows.held + rows.set_aside + rows.merged + rows.transformed + rows.waiting + rows.unchanged
    return [] if accounted == rows.read else [f"{rows.name}: {rows.read} rows read, {accounted} accounted for"]


async def _created_sums(reader: Reader, records: tuple[Records, ...]) -> list[str]:
    """Events against states: what arrived in Twenty and was not taken back must be what stands as written."""
    # A record may come and go more than once, and be told as gone more than once: what was told last of it counts.
    arrived = await _by_object(
        reader,
        """SELECT object, sum(type IN ('RecordCreated', 'RecordAdopted', 'RecordReturned')) AS n FROM
             (SELECT object, type, max(position) FROM event
              WHERE type IN ('RecordCreated', 'RecordAdopted', 'RecordReturned', 'RecordDeleted', 'RecordRestored')
                AND (type <> 'RecordRestored' OR json_extract(data, '$.written_hash') IS NULL)
              GROUP BY object, source_key, twenty_id)
           GROUP BY object""",
    )
    there = await _by_object(
        reader, "SELECT object, count(*) AS n FROM record WHERE written_hash IS NOT NULL GROUP BY object"
    )
    wrong = []
    for one in records:
        states = sum(getattr(one, name) for name in STATES)
        if one.transformed != states:
            wrong.append(f"{one.object}: {one.transformed} records, {states} in known states")
        told, found = arrived.get(one.object, 0), there.get(one.object, 0)
        if told != found:
            wrong.append(f"{one.object}: {told} written and not taken back, {found} stand as written")
    return wrong


async def _by_object(reader: Reader, statement: str) -> dict[str, int]:
    return {row["object"]: row["n"] for row in await reader.rows(statement)}
