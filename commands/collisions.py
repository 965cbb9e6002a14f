"""Values somebody else in Twenty holds already: found before sending, or by the refusal."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from adapters.mapping import company_key
from adapters.twenty import Holder, Ids, Object, TwentyClient, counts, holders, marked, walk
from adapters.twenty.documents import WITH_DELETED
from commands.session import Working
from ledger import standing, work
from ledger.events import Event, RowHeld
from ledger.hashing import Payload, seal
from ledger.projections import runs
from ledger.reader import Reader
from ledger.scopes import Scope
from ledger.work import Work

KEYS: Mapping[str, str] = {"person": "emails.primaryEmail", "company": "domainName.primaryLinkUrl"}
"""The unique value of each object that we may write (FACTS section 4)."""

_FEW_RUNS = 3
_PAGE = 500
KEYS_A_READ = 10_000


class Conflict(msgspec.Struct, frozen=True):
    """Whose value it is: the record that holds it, and since when that one is in the bin (None where it is not).

    Nothing but a hold is possible where it is another record of this ledger's (`ours`), or one of `several` that all
    go by the name: nobody can tell which of them is meant.
    """

    column: str
    holder: str
    deleted_at: str | None
    ours: bool = False
    several: bool = False

    @property
    def reason(self) -> str:
        """The reason code of the hold."""
        return "existing_in_twenty" if self.deleted_at is None else "deleted_in_twenty"

    @property
    def is_unique(self) -> bool:
        """Whether no two records may share the value; a company's name they may (FACTS section 4)."""
        return self.column != "name"


Barred = Sequence[tuple[Work, Conflict]]
"""Records whose way is barred, and by whom."""


class _Wanted(NamedTuple):
    """What a record goes by: the unique value it is to have, and its name."""

    position: int
    stream: str
    value: Any
    name: Any


async def conflicts_of(
    client: TwentyClient, target: Object, rows: Mapping[str, Mapping[str, Any]]
) -> tuple[set[str], dict[str, Conflict]]:
    """One read of ids and keys, the bin included: which of these rows (id → row) are there, and whose way is barred."""
    path = KEYS.get(target.singular, "id")
    by_value = {value: id_ for id_, row in rows.items() if (value := _at(row, path)) is not None and path != "id"}
    found = await holders(client, target, path, list(by_value), Ids(rows))
    barred = {
        by_value[one.value]: _conflict(path, one)
        for one in found
        if one.value in by_value and by_value[one.value] != one.id
    }
    return {one.id for one in found if one.id in rows}, barred


async def collisions(working: Working, object_name: str, keys: Iterable[str] | None = None) -> AsyncIterator[Barred]:
    """The pending records of an object that Twenty has already, page by page; nothing where it has none but ours.

    People are told by their e-mail, companies by their name as `company_key` folds it.
    """
    if object_name not in KEYS or not await work.pending(working.ledger.reader, object_name, 1, 0, keys):
        return
    target = working.twenty.model.object(object_name)
    count = (await counts(working.twenty.client, [target]))[object_name]
    if await _are_ours(working, target, count.live + (count.deleted or 0)):
        return
    named = await _companies_there(working) if object_name == "company" else {}
    reader = working.ledger.reader
    async for wanted in _wanted(reader, object_name, keys):
        found = {**_by_name(wanted, named), **await _by_value(working, target, wanted)}
        ours = await work.known_ids(reader, object_name, [one.holder for one in found.values()])
        barred = await work.pending(reader, object_name, len(found), wanted[0].position - 1, found)
        by_stream = {one.state.source_key: one for one in barred}
        yield [
            (by_stream[stream], msgspec.structs.replace(one, ours=one.holder in ours)) for stream, one in found.items()
        ]


async def _wanted(reader: Reader, object_name: str, keys: Iterable[str] | None) -> AsyncIterator[list[_Wanted]]:
    """What pending records go by, as many as one read asks about; their bodies are let go page by page."""
    found: list[_Wanted] = []
    after = 0
    while page := await work.pending(reader, object_name, min(_PAGE, KEYS_A_READ - len(found)), after, keys):
        after = page[-1].state.position
        found += [_wanted_by(one, KEYS[object_name]) for one in page]
        if len(found) == KEYS_A_READ:
            yield found
            found = []
    if found:
        yield found


def _wanted_by(one: Work, path: str) -> _Wanted:
    fields = one.value["fields"]
    return _Wanted(one.state.position, one.state.source_key, _at(fields, path), fields.get("name") or "")


async def _are_ours(working: Working, target: Object, there: int) -> bool:
    """Whether so many records, all there are of an object, are this ledger's, as it made them and as they should be.

    Another ledger's carry marks of other runs. Where many runs wrote, to ask for each costs more than it saves.
    """
    written = await work.count_in_state(working.ledger.reader, target.singular, "written")
    ours = await runs.that_wrote(working.ledger.reader)
    if not there or there > written or len(ours) > _FEW_RUNS:
        return not there
    found = [(await marked(working.twenty.client, [target], run, first=1))[target.singular].total for run in ours]
    return sum(found) == there


async def _by_value(working: Working, target: Object, wanted: Sequence[_Wanted]) -> dict[str, Conflict]:
    path = KEYS[target.singular]
    by_value = {one.value: one.stream for one in wanted if one.value}
    if not by_value:
        return {}
    found = await holders(working.twenty.client, target, path, list(by_value))
    return {by_value[one.value]: _conflict(path, one) for one in found}


async def _companies_there(working: Working) -> dict[str, Conflict]:
    """The companies Twenty has that are not this ledger's, by their folded name; live ones before those in the bin."""
    found: dict[str, Conflict] = {}
    ours = set(await standing.created_ids(working.ledger.reader, "company", Scope()))
    async for rows in walk(working.twenty.client, working.twenty.model, "company", ["name", "deletedAt"], WITH_DELETED):
        for row in sorted(rows, key=lambda row: row["deletedAt"] is not None):
            if row["name"] and row["id"] not in ours:
                key = str(company_key(row["name"]))
                found[key] = _with_namesake(found.get(key), Conflict("name", row["id"], row["deletedAt"]))
    return found


def _with_namesake(known: Conflict | None, other: Conflict) -> Conflict:
    """Who bars the way of two of one name: the live one before one in the bin, else one of several."""
    if known is None or (known.deleted_at and not other.deleted_at):
        return other
    alike = (known.deleted_at is None) == (other.deleted_at is None)
    return msgspec.structs.replace(known, several=True) if alike else known


def _by_name(wanted: Sequence[_Wanted], named: Mapping[str, Conflict]) -> dict[str, Conflict]:
    keys = {one.stream: str(company_key(one.name)) for one in wanted if named}
    return {stream: named[key] for stream, key in keys.items() if key in named}


async def hold_collisions(working: Working, object_name: str, keys: Iterable[str] | None = None) -> int:
    """Hold the pending records that Twenty has already, whatever the policies; answers how many."""
    held = 0
    async for barred in collisions(working, object_name, keys):
        events, payloads = hold_events(barred)
        await working.ledger.append(events, payloads)
        held += len(barred)
    return held


def hold_events(barred: Barred) -> tuple[list[Event], list[Payload]]:
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
    return Conflict(path.split(".")[0], holder.id, holder.deleted_at)


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
