"""The books: rows and records counted by what became of them, and whether the sums agree."""

import msgspec

from ledger.reader import Reader


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of Kartra files: read = held + set_aside + merged + transformed + waiting.

    `merged` rows share a stream with another row, `transformed` counts streams, `waiting` streams not transformed yet.
    """

    read: int
    held: int
    set_aside: int
    merged: int
    transformed: int
    waiting: int


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """Records of an object, by state; they sum up to `transformed`. `unlinked` ones go without a relation of theirs."""

    object: str
    transformed: int
    pending: int
    intended: int
    created: int
    adopted: int
    changed: int
    rejected: int
    held: int
    deleted: int
    unlinked: int


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """All counts, and each sum that does not agree, in words."""

    rows: Rows
    records: tuple[Records, ...]
    imbalances: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every sum agrees."""
        return not self.imbalances


async def books(reader: Reader) -> Books:
    """Count everything the ledger holds, as it stands now."""
    rows = await _rows(reader)
    records = await _records(reader)
    return Books(rows=rows, records=records, imbalances=(*_row_sums(rows), *await _created_sums(reader, records)))


async def _rows(reader: Reader) -> Rows:
    [row] = await reader.rows("""SELECT count(*) AS read, coalesce(sum(state = 'held'), 0) AS held,
        coalesce(sum(state = 'set_aside'), 0) AS set_aside,
        coalesce(sum(state = 'extracted'), 0) AS placed FROM source_row""")
    [streams] = await reader.rows("""SELECT count(*) AS total, coalesce(sum(EXISTS (SELECT 1 FROM record
        WHERE record.source_key = stream.source_key)), 0) AS transformed
        FROM (SELECT DISTINCT source_key FROM source_row WHERE state = 'extracted') AS stream""")
    return Rows(
        read=row["read"],
        held=row["held"],
        set_aside=row["set_aside"],
        merged=row["placed"] - streams["total"],
        transformed=streams["transformed"],
        waiting=streams["total"] - streams["transformed"],
    )


async def _records(reader: Reader) -> tuple[Records, ...]:
    found = await reader.rows("""SELECT object, count(*) AS transformed,
        sum(state = 'pending') AS pending, sum(state = 'intended') AS intended,
        sum(state = 'written' AND origin = 'created') AS created,
        sum(state = 'written' AND origin = 'adopted') AS adopted,
        sum(state = 'changed') AS changed, sum(state = 'rejected') AS rejected,
        sum(state = 'held') AS held, sum(state = 'deleted') AS deleted,
        sum(unlinked IS NOT NULL) AS unlinked
        FROM record GROUP BY object ORDER BY object""")
    return tuple(msgspec.convert(found, list[Records]))


def _row_sums(rows: Rows) -> list[str]:
    accounted = rows.held + rows.set_aside + rows.merged + rows.transformed + rows.waiting
    return [] if accounted == rows.read else [f"rows read {rows.read}, accounted for {accounted}"]


async def _created_sums(reader: Reader, records: tuple[Records, ...]) -> list[str]:
    """Events against states: what arrived in Twenty and was not taken back must be what stands as written."""
    arrived = await _by_object(
        reader, "SELECT object, count(*) AS n FROM event WHERE type IN {arrivals} GROUP BY object"
    )
    gone = await _by_object(
        reader,
        """SELECT object, count(*) AS n FROM event AS deletion WHERE type = 'RecordDeleted' AND EXISTS
             (SELECT 1 FROM event AS arrival WHERE arrival.twenty_id = deletion.twenty_id
                AND arrival.type IN {arrivals}) GROUP BY object""",
    )
    there = await _by_object(
        reader, "SELECT object, count(*) AS n FROM record WHERE written_hash IS NOT NULL GROUP BY object"
    )
    wrong = []
    for one in records:
        states = one.pending + one.intended + one.created + one.adopted + one.changed + one.rejected
        if one.transformed != states + one.held + one.deleted:
            wrong.append(f"{one.object}: {one.transformed} records, {states + one.held + one.deleted} in known states")
        net = arrived.get(one.object, 0) - gone.get(one.object, 0)
        if net != there.get(one.object, 0):
            wrong.append(f"{one.object}: {net} written and not taken back, {there.get(one.object, 0)} stand as written")
    return wrong


async def _by_object(reader: Reader, statement: str) -> dict[str, int]:
    rows = await reader.rows(statement.format(arrivals="('RecordCreated', 'RecordAdopted')"))
    return {row["object"]: row["n"] for row in rows}
