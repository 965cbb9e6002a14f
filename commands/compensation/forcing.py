"""Removal by force: what records of others still hold in an element is stored before the element goes."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from adapters.twenty import Field, Object, walk
from adapters.twenty.documents import WITH_DELETED
from adapters.twenty.usage import holders_of
from commands.session import Working
from ledger.events import RemovalIntended
from ledger.hashing import seal
from ledger.reader import Reader

Rows = list[dict[str, Any]]


class Forced(msgspec.Struct, frozen=True, kw_only=True):
    """An element or a record that was taken out all the same: why it was not to be, and how many others it concerns.

    Of an element those records, not ours, that held something in it; of a record those that pointed at it.
    """

    name: str
    records: int
    why: str = "in_use"


async def forced(reader: Reader, run_id: str) -> list[Forced]:
    """What a rollback took out by force. A page stored twice, its run having been interrupted, counts once."""
    statement = """SELECT trim(event.object || '.' || json_extract(event.data, '$.name'), '.') AS name,
        count(DISTINCT json_extract(record.value, '$.id')) AS records
      FROM event JOIN payload ON payload.hash = event.payload_hash
        LEFT JOIN json_each(payload.body, '$.value.records') AS record
      WHERE event.type = 'RemovalIntended' AND event.run_id = :run_id GROUP BY 1 ORDER BY min(event.position)"""
    return await reader.fetch(Forced, statement, run_id=run_id)


async def store_records(working: Working, intended: RemovalIntended, there: Object) -> None:
    """Store every record of an object, those in the bin too, with all that can be read of it."""
    pages = walk(working.twenty.client, working.twenty.model, there.singular, there.readable, WITH_DELETED)
    await _store(working, intended, pages)


async def store_values(
    working: Working, intended: RemovalIntended, owner: Object, field: Field, values: Iterable[str] | None = None
) -> None:
    """Store the ids of the records that hold a value (or one of these option values) in a field, and the value."""
    pages = holders_of(working.twenty.client, working.twenty.model, owner.singular, field.name, values)
    await _store(working, intended, pages)


async def store_definition(working: Working, intended: RemovalIntended, definition: Any) -> None:
    """Store what an element of others is that goes with ours."""
    body = seal(f"schema:{intended.object}", {"definition": _storable(definition), "records": []})
    await working.ledger.append([msgspec.structs.replace(intended, payload_hash=body.hash)], [body])


async def _store(working: Working, intended: RemovalIntended, pages: AsyncIterator[Rows]) -> None:
    async for rows in pages:
        if rows:
            body = seal(f"schema:{intended.object}", {"records": [_storable(row) for row in rows]})
            await working.ledger.append([msgspec.structs.replace(intended, payload_hash=body.hash)], [body])


def _storable(value: Any) -> Any:
    """A value as a body can hold it: fractions as decimal text."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value
