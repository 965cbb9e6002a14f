"""Values somebody else in Twenty holds already: found before sending, or by the refusal; the rows wait for a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Holder, Ids, Object, TwentyClient, counts, holders
from commands.session import Working
from ledger import work
from ledger.events import Event, RowHeld
from ledger.hashing import Payload, seal
from ledger.work import Work

KEYS: Mapping[str, str] = {"person": "emails.primaryEmail", "company": "domainName.primaryLinkUrl"}
"""The unique value of each object that we may write (FACTS section 4)."""

KEYS_A_READ = 10_000


class Conflict(msgspec.Struct, frozen=True):
    """Whose value it is: the record that holds it, and whether that one is in the bin."""

    column: str
    holder: str
    in_bin: bool

    @property
    def reason(self) -> str:
        """The reason code of the hold."""
        return "deleted_in_twenty" if self.in_bin else "existing_in_twenty"


async def conflicts_of(
    client: TwentyClient, target: Object, rows: Mapping[str, Mapping[str, Any]]
) -> tuple[set[str], dict[str, Conflict]]:
    """One read of ids and keys, the bin included: which of these rows (id → row) are there, and whose way is barred."""
    path = KEYS.get(target.singular, "id")
    by_value = {value: id_ for id_, row in rows.items() if (value := _at(row, path)) is not None and path != "id"}
    found = await holders(client, target, path, list(by_value), Ids(rows))
    barred = {
        by_value[one.value]: Conflict(path.split(".")[0], one.id, one.deleted_at is not None)
        for one in found
        if one.value in by_value and by_value[one.value] != one.id
    }
    return {one.id for one in found if one.id in rows}, barred


async def hold_collisions(working: Working, object_name: str, keys: Iterable[str] | None = None) -> int:
    """Hold the pending records whose unique value is taken, where the object is not empty; answers how many."""
    path = KEYS.get(object_name)
    first = await work.pending(working.ledger.reader, object_name, 1, 0, keys)
    if path is None or not first or _at(first[0].value["fields"], path) is None:
        return 0
    target = working.twenty.model.object(object_name)
    count = (await counts(working.twenty.client, [target]))[object_name]
    if not count.live + (count.deleted or 0):
        return 0
    held = after = 0
    while page := await work.pending(working.ledger.reader, object_name, KEYS_A_READ, after, keys):
        after = page[-1].state.position
        held += await _hold_page(working, target, path, page)
    return held


async def _hold_page(working: Working, target: Object, path: str, page: Sequence[Work]) -> int:
    by_value = {_at(one.value["fields"], path): one for one in page}
    found = await holders(working.twenty.client, target, path, [value for value in by_value if value])
    barred = [(by_value[one.value], _conflict(path, one)) for one in found]
    events, payloads = hold_events(barred)
    await working.ledger.append(events, payloads)
    return len(barred)


def hold_events(barred: Sequence[tuple[Work, Conflict]]) -> tuple[list[Event], list[Payload]]:
    """The holds of records whose way is barred, and the bodies that name who bars it."""
    events: list[Event] = []
    payloads: list[Payload] = []
    for one, conflict in barred:
        body = seal(one.state.source_key, msgspec.structs.asdict(conflict))
        payloads.append(body)
        events.append(
            RowHeld(
                object=one.state.object,
                source_ref=one.state.source_ref,
                source_key=one.state.source_key,
                reason=conflict.reason,
                stage="write",
                column="email" if one.state.object == "person" else conflict.column,
                payload_hash=body.hash,
            )
        )
    return events, payloads


def _conflict(path: str, holder: Holder) -> Conflict:
    return Conflict(path.split(".")[0], holder.id, holder.deleted_at is not None)


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
