"""The books: rows and records counted by what became of them, and whether the sums agree."""

from collections.abc import Mapping

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


# A file may be read again, by a run that takes up what a delta left unrecorded: what is left is the least that any
# reading left and, as long as one is at it, no more than has no row.
_SEEN = """seen AS (
    SELECT file, name, kind, exported_at, min(position) AS position, max(rows) AS rows,
      min(unrecorded) AS unrecorded, max(position) > max(CASE WHEN rows IS NULL THEN 0 ELSE position END) AS reading
    FROM export GROUP BY file)"""
# Nearly every stream has one row and a record, and both indexes say so: rows are looked at one by one in the others.
# Records of a stream are named like it, or like it and more behind a slash; `0` is what comes after a slash.
_UNLIKE = """unlike AS MATERIALIZED (
    SELECT source_key, EXISTS (SELECT 1 FROM record WHERE record.source_key = source_row.source_key)
        OR EXISTS (SELECT 1 FROM record WHERE record.source_key > source_row.source_key || '/'
          AND record.source_key < source_row.source_key || '0') AS made
    FROM source_row WHERE source_key IS NOT NULL GROUP BY source_key HAVING count(*) > 1 OR NOT made)"""
_FILES = f"""WITH {_SEEN}, {_UNLIKE},
  counted AS MATERIALIZED (
    SELECT file, count(*) AS rows, count(source_key) FILTER (WHERE state = 'extracted') AS placed,
      count(*) FILTER (WHERE state = 'held') AS held, count(*) FILTER (WHERE state = 'replaced') AS replaced,
      count(*) FILTER (WHERE state IN ('set_aside', 'abandoned')) AS set_aside
    FROM source_row GROUP BY file),
  ranked AS (
    SELECT source_row.file, made, row_number() OVER (
      PARTITION BY unlike.source_key ORDER BY seen.exported_at, seen.name, line, seen.file) AS rank
    FROM unlike CROSS JOIN source_row ON source_row.source_key = unlike.source_key
      CROSS JOIN seen ON seen.file = source_row.file
    WHERE source_row.state = 'extracted'),
  shared AS MATERIALIZED (
    SELECT file, sum(made AND rank > 1) AS later, sum(NOT made) AS waiting FROM ranked GROUP BY file)
  SELECT seen.file, name, kind, coalesce(seen.rows, counted.rows, 0) AS read,
    coalesce(CASE WHEN reading THEN min(unrecorded, max(seen.rows - coalesce(counted.rows, 0), 0))
        ELSE unrecorded END, 0) AS unchanged,
    coalesce(held, 0) AS held, coalesce(set_aside, 0) AS set_aside,
    coalesce(replaced, 0) + coalesce(later, 0) AS merged,
    coalesce(placed, 0) - coalesce(later + waiting, 0) AS transformed, coalesce(waiting, 0) AS waiting
  FROM seen LEFT JOIN counted ON counted.file = seen.file LEFT JOIN shared ON shared.file = seen.file
  ORDER BY seen.position"""

_STATES = "SELECT object, state, count(*) AS n FROM record WHERE state <> 'withdrawn' GROUP BY object, state"
_UNLINKED = """SELECT object, count(*) AS n FROM record
  WHERE unlinked IS NOT NULL AND state <> 'withdrawn' GROUP BY object"""
_WRITTEN = """SELECT object, count(written_hash) AS stand,
    count(*) FILTER (WHERE state = 'written' AND origin = 'created') AS created,
    count(*) FILTER (WHERE state = 'written' AND origin = 'adopted') AS adopted
  FROM record GROUP BY object"""

_HERE = "('RecordCreated', 'RecordAdopted', 'RecordReturned')"
_ARRIVED = f"SELECT object, count(*) AS n FROM event WHERE type IN {_HERE} GROUP BY object"
# A record may come and go more than once, and be told as gone more than once: what was told last of it counts. Of an id
# that one event names, that event was the last; the others' are read in the order of the table.
_MORE = f"""WITH told AS MATERIALIZED (
    SELECT position FROM event WHERE twenty_id IN (SELECT twenty_id FROM event
      WHERE twenty_id IS NOT NULL GROUP BY twenty_id HAVING count(*) > 1) ORDER BY position),
  last AS (
    SELECT object, type IN {_HERE} AS here, max(event.position), sum(type IN {_HERE}) AS arrivals
    FROM told CROSS JOIN event ON event.position = told.position
    WHERE +type IN ('RecordCreated', 'RecordAdopted', 'RecordReturned', 'RecordDeleted', 'RecordRestored')
      AND (type <> 'RecordRestored' OR json_extract(data, '$.written_hash') IS NULL)
    GROUP BY twenty_id, object, source_key)
  SELECT object, sum(arrivals - here) AS n FROM last GROUP BY object"""


async def books(reader: Reader) -> Books:
    """Count everything the ledger holds, as it stands now: all of it at one moment."""
    async with reader.snapshot() as seen:
        files = tuple(await seen.fetch(File, _FILES))
        records, stand = await _records(seen)
        arrived = await _arrived(seen)
    rows = Rows(**{name: sum(getattr(one, name) for one in files) for name in Rows.__struct_fields__})
    wrong = [imbalance for one in files for imbalance in _row_sums(one)]
    wrong += [imbalance for one in records for imbalance in _record_sums(one, arrived, stand)]
    return Books(rows=rows, files=files, records=records, imbalances=tuple(wrong))


async def _records(reader: Reader) -> tuple[tuple[Records, ...], dict[str, int]]:
    """Records by state, and how many of each object stand as written."""
    states: dict[str, dict[str, int]] = {}
    for row in await reader.rows(_STATES):
        states.setdefault(row["object"], {})[row["state"]] = row["n"]
    written = {row["object"]: row for row in await reader.rows(_WRITTEN)}
    unlinked = await _by_object(reader, _UNLINKED)
    records = tuple(
        Records(
            object=name,
            transformed=sum(found.values()),
            **{state: found.get(state, 0) for state in STATES if state not in ("created", "adopted")},
            **{origin: written[name][origin] for origin in ("created", "adopted")},
            unlinked=unlinked.get(name, 0),
        )
        for name, found in sorted(states.items())
    )
    return records, {name: row["stand"] for name, row in written.items()}


def _row_sums(rows: File) -> list[str]:
    accounted = rows.held + rows.set_aside + rows.merged + rows.transformed + rows.waiting + rows.unchanged
    return [] if accounted == rows.read else [f"{rows.name}: {rows.read} rows read, {accounted} accounted for"]


async def _arrived(reader: Reader) -> dict[str, int]:
    """By the events alone: how many records of each object arrived in Twenty and were not taken back."""
    arrived, more = await _by_object(reader, _ARRIVED), await _by_object(reader, _MORE)
    return {name: count - more.get(name, 0) for name, count in arrived.items()}


def _record_sums(one: Records, arrived: Mapping[str, int], stand: Mapping[str, int]) -> list[str]:
    """Events against states: what arrived in Twenty and was not taken back must be what stands as written."""
    wrong = []
    states = sum(getattr(one, name) for name in STATES)
    if one.transformed != states:
        wrong.append(f"{one.object}: {one.transformed} records, {states} in known states")
    told, found = arrived.get(one.object, 0), stand.get(one.object, 0)
    if told != found:
        wrong.append(f"{one.object}: {told} written and not taken back, {found} stand as written")
    return wrong


async def _by_object(reader: Reader, statement: str) -> dict[str, int]:
    return {row["object"]: row["n"] for row in await reader.rows(statement)}
