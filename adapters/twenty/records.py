"""Writing records: create, change, destroy, put in the bin and take out of it.

What must never be sent cannot be expressed: destructive calls take `Ids` (never empty), there is no update by filter,
upserts carry an id each and no unique field, and a composite whose other half Twenty would blank is refused before it
leaves (GRAPHQL sections 0 and 3). Such a refusal is a ValueError: a defect of the caller's.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import (
    Filter,
    Kind,
    both,
    by_ids,
    create_document,
    filtered_document,
    many_root,
    one_root,
    update_document,
)
from adapters.twenty.errors import OutcomeUnknown
from adapters.twenty.ids import Ids
from adapters.twenty.model import SUBFIELDS, Field, Object
from adapters.twenty.workspace import as_written

Row = Mapping[str, Any]

DESTROYED_A_CALL = 5_000
BINNED_A_CALL = 2_000
COMPARED_A_CALL = 1_000
"""Records compared each with its own time in one filter (GRAPHQL section 2)."""

_MILLISECOND_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

# Sent without this subfield, these lose it (GRAPHQL section 3).
_MAIN_PART = {"EMAILS": "primaryEmail", "LINKS": "primaryLinkUrl"}


class Stored(msgspec.Struct, frozen=True, rename="camel"):
    """A record as Twenty stored it: its id and its times (RFC 3339, milliseconds)."""

    id: str
    created_at: str
    updated_at: str


class _Gone(msgspec.Struct):
    id: str


async def create(client: TwentyClient, kind: Object, rows: Sequence[Row]) -> list[Stored]:
    """Create records under the ids they carry, all or none, in one call; answers them in the order sent.

    Raises a RecordRefused for what a record holds, BatchTooLarge, OutcomeUnknown where they may be there.
    """
    return await _send_rows(client, kind, rows, verb="create")


async def upsert_by_id(client: TwentyClient, kind: Object, rows: Sequence[Row]) -> list[Stored]:
    """Change many existing records, each by its id, in one call. Not atomic: after any error, read them.

    No row may carry a unique field, or Twenty could match another record by it. A `created_at` that is not the
    record's own means the record had been destroyed and this made a stump of it.
    """
    for row in rows:
        if taken := kind.unique.intersection(row) - {"id"}:
            raise ValueError(f"an upsert must not carry unique fields: {sorted(taken)}")
        _check_change(kind, row)
    return await _send_rows(client, kind, rows, verb="upsert")


async def update_one(client: TwentyClient, kind: Object, record: str, data: Row) -> Stored:
    """Change one record. Raises NotFound where it is gone."""
    _check_change(kind, data)
    one = Ids([record])
    variables = {"i": one.values[0], "d": data}
    answer = await client.write(update_document(kind), variables, kind="update")
    return as_written(Stored, answer.get(one_root("update", kind)))


async def destroy(client: TwentyClient, kind: Kind, ids: Ids, unedited_since: str | None) -> list[str]:
    """Destroy records for good, live or soft-deleted; answers the ids that went.

    With `unedited_since`, the greatest `updatedAt` read (milliseconds, Z), a record edited since survives: the
    comparison happens in Twenty (GRAPHQL section 6). Ids that are not there are left out of the answer.
    """
    return await _by_filter(client, "destroy", kind, ids.chunks(DESTROYED_A_CALL), _unedited(unedited_since))


async def soft_delete(client: TwentyClient, kind: Kind, ids: Ids, unedited_since: str | None = None) -> list[str]:
    """Put records in the bin, those edited since left out as by `destroy`; answers the ids that went.

    Binned records keep their unique values.
    """
    return await _by_filter(client, "delete", kind, ids.chunks(BINNED_A_CALL), _unedited(unedited_since))


async def destroy_as_read(client: TwentyClient, kind: Kind, times: Mapping[str, str]) -> list[str]:
    """Destroy records by id that were touched last at just the time that was read; answers the ids that went.

    For those one greatest time cannot speak for: a time that somebody set himself may be later than any edit.
    """
    return await _as_read(client, "destroy", kind, times)


async def soft_delete_as_read(client: TwentyClient, kind: Kind, times: Mapping[str, str]) -> list[str]:
    """Put records in the bin that were touched last at just the time that was read; answers the ids that went."""
    return await _as_read(client, "delete", kind, times)


async def restore(client: TwentyClient, kind: Kind, ids: Ids) -> list[str]:
    """Take records out of the bin; answers their ids."""
    return await _by_filter(client, "restore", kind, ids.chunks(BINNED_A_CALL))


async def _send_rows(client: TwentyClient, kind: Object, rows: Sequence[Row], *, verb: str) -> list[Stored]:
    if not rows:
        return []
    sent = Ids([row["id"] for row in rows])
    if len(sent) < len(rows):
        raise ValueError("two rows of a batch carry the same id")
    document = create_document(kind, upsert=verb == "upsert")
    answer = await client.write(document, {"d": rows}, kind=verb)
    stored = {one.id: one for one in as_written(list[Stored], answer.get(many_root("create", kind)))}
    if stored.keys() != set(sent):
        raise OutcomeUnknown("the answer names other records than were sent")
    return [stored[one] for one in sent]


async def _by_filter(
    client: TwentyClient, verb: str, kind: Kind, chunks: Iterable[Ids], conditions: Iterable[Filter] = ()
) -> list[str]:
    return [one for ids in chunks for one in await _filtered(client, verb, kind, both(by_ids(ids), *conditions))]


async def _as_read(client: TwentyClient, verb: str, kind: Kind, times: Mapping[str, str]) -> list[str]:
    gone: list[str] = []
    for ids in Ids(times).chunks(COMPARED_A_CALL):
        pairs = [both({"id": {"eq": one}}, {"updatedAt": {"eq": _checked_time(times[one])}}) for one in ids]
        gone += await _filtered(client, verb, kind, {"or": pairs})
    return gone


async def _filtered(client: TwentyClient, verb: str, kind: Kind, where: Filter) -> list[str]:
    answer = await client.write(filtered_document(verb, kind), {"f": where}, kind=verb)
    return [one.id for one in as_written(list[_Gone], answer.get(many_root(verb, kind)))]


def _check_change(kind: Object, data: Row) -> None:
    changed = {name: value for name, value in data.items() if name != "id"}
    if not changed:
        raise ValueError("a change without fields would only touch the record")
    for name, value in changed.items():
        if name in kind.fields and kind.fields[name].type in SUBFIELDS:
            _check_composite(kind.fields[name], value)


def _check_composite(field: Field, value: Any) -> None:
    if value is None:
        raise ValueError(f"{field.name!r} is cleared by its subfields: Twenty ignores null for the whole")
    main = _MAIN_PART.get(field.type)
    if main and isinstance(value, Mapping) and main not in value:
        raise ValueError(f"{field.name!r} must carry {main!r} along: Twenty blanks it otherwise")


def _unedited(since: str | None) -> list[Filter]:
    return [] if since is None else [{"updatedAt": {"lte": _checked_time(since)}}]


def _checked_time(time: str) -> str:
    if not _MILLISECOND_TIME.fullmatch(time):
        raise ValueError("a time to compare with has milliseconds and Z, as Twenty shows it")
    return time
