"""Undoing changes of records that stay: what stood in a field before us comes back, unless somebody changed it since.

The window between the read and the call is the same as in an update: an edit made in it is overwritten (the report
says so); the records are read again right before each call to keep it small.
"""

from collections.abc import Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    Ask,
    Ids,
    Object,
    OutcomeUnknown,
    differences,
    read_many,
    soft_delete,
    update_one,
    upsert_by_id,
)
from commands.compensation.undoing import Undoing, undoing
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from commands.updating.settling import intended_change
from ledger import standing
from ledger.events import Compensated, CompensationIntended, CompensationKept, Event, RecordDeleted, RecordRestored
from ledger.hashing import Payload, seal
from ledger.projections import changes
from ledger.projections.changes import Change
from ledger.scopes import Scope
from ledger.store import Draft

_RECORDS_A_CALL = 200
_LOST_ANSWERS = 6


class Restored(msgspec.Struct, kw_only=True):
    """What became of the changes of a scope, by object: records put back, and those gone meanwhile."""

    restored: dict[str, int] = msgspec.field(default_factory=dict)
    gone: dict[str, int] = msgspec.field(default_factory=dict)


async def foresee_undoing(working: Working, object_name: str, scope: Scope, *, force: bool) -> list[Undoing]:
    """What undoing the changes of an object would come to, by reading Twenty. Nothing is changed."""
    grouped: dict[str, list[Change]] = {}
    for one in await changes.standing(working.ledger.reader, object_name, scope):
        grouped.setdefault(one.twenty_id, []).append(one)
    found: list[Undoing] = []
    groups = list(grouped.values())
    for start in range(0, len(groups), _RECORDS_A_CALL):
        found += await _read(working, object_name, groups[start : start + _RECORDS_A_CALL], force=force)
    return found


async def restore_all(working: Working, objects: Sequence[str], scope: Scope, *, force: bool) -> Restored:
    """Undo the changes of a scope, object by object, in the order given."""
    done = Restored()
    for object_name in objects:
        await _forget_unlanded(working, object_name, scope)
        grouped: dict[str, list[Change]] = {}
        for one in await changes.standing(working.ledger.reader, object_name, scope):
            grouped.setdefault(one.twenty_id, []).append(one)
        groups = list(grouped.values())
        with working.reporter.phase(f"< {object_name}", len(groups)) as advance:
            for start in range(0, len(groups), _RECORDS_A_CALL):
                some = groups[start : start + _RECORDS_A_CALL]
                with anyio.CancelScope(shield=True):
                    await _restore(working, object_name, await _read(working, object_name, some, force=force), done)
                await anyio.lowlevel.checkpoint()
                advance(len(some))
    return done


async def _forget_unlanded(working: Working, object_name: str, scope: Scope) -> None:
    """A change that was begun and is not there has nothing to undo: the record is what it was before."""
    events: list[Event] = []
    for one in await standing.unlanded(working.ledger.reader, object_name, scope):
        item = await intended_change(working, one)
        events.append(
            RecordRestored(
                object=object_name,
                source_key=item.key,
                twenty_id=item.id,
                payload_hash=item.before_hash or item.hash,
                updated_at="",
                written_hash=item.base_hash,
            )
        )
    await working.ledger.append(events)


async def _read(
    working: Working, object_name: str, groups: Sequence[Sequence[Change]], *, force: bool
) -> list[Undoing]:
    """Each record with its changes as Twenty holds it now, and what is to come back."""
    reader = working.ledger.reader
    bodies = await reader.envelopes([hash_ for group in groups for one in group for hash_ in hashes_of(one)])
    known = await present(working)
    target = known.find(object_name)
    names = {name for body in bodies.values() for name in body.value["fields"]}
    today = known.names(object_name, names)
    ids = [group[0].twenty_id for group in groups]
    fields = ("createdAt", "updatedAt", *sorted(today.values()))
    rows = await _rows(working, target, ids, fields) if target is not None else {}
    newest = {one: (await changes.of_record(reader, object_name, one))[-1] for one in ids}
    return [
        undoing(group, bodies, rows.get(group[0].twenty_id), today, newest[group[0].twenty_id], force=force)
        for group in groups
    ]


def hashes_of(change: Change) -> list[str]:
    """The bodies of a change."""
    return [hash_ for hash_ in (change.before_hash, change.sent_hash) if hash_]


async def _restore(working: Working, object_name: str, some: Sequence[Undoing], done: Restored) -> None:
    gone = [one for one in some if one.row is None]
    await working.ledger.append([_gone(object_name, one) for one in gone])
    done.gone[object_name] = done.gone.get(object_name, 0) + len(gone)
    there = [one for one in some if one.row is not None and (one.back or one.rebin or not one.kept)]
    target = (await present(working)).find(object_name)
    if there and target is not None:
        await _send(working, object_name, target, there)
    done.restored[object_name] = done.restored.get(object_name, 0) + len(there)
    await _name_kept(working, object_name, some)


async def _send(working: Working, object_name: str, target: Object, some: Sequence[Undoing]) -> None:
    items = tuple(Compensated(key=one.key, id=one.id, hash=body_of(one).hash) for one in some)
    intended = CompensationIntended(object=object_name, action="restore", items=items)
    [cause] = await working.ledger.append([intended], [body_of(one) for one in some])
    alone = [one for one in some if target.unique.intersection(one.sent)]
    together = [one for one in some if one.sent and one not in alone]
    times: dict[str, str] = {}
    if together:
        times |= await _put_back(working, target, together)
    for one in alone:
        times |= await _put_back(working, target, [one])
    rebin = [one.id for one in some if one.rebin]
    if rebin:
        await soft_delete(working.twenty.client, target, Ids(rebin))
    await working.ledger.append([Draft(_restored(object_name, one, times.get(one.id, "")), cause) for one in some])


async def _put_back(working: Working, target: Object, some: Sequence[Undoing], lost: int = 0) -> dict[str, str]:
    """Send what comes back. To repeat it is safe: it is the same values for the same records."""
    client = working.twenty.client
    try:
        if len(some) == 1 and target.unique.intersection(some[0].sent):
            stored = [await update_one(client, target, some[0].id, some[0].sent)]
        else:
            stored = await upsert_by_id(client, target, [{**one.sent, "id": one.id} for one in some])
    except OutcomeUnknown:
        if lost >= _LOST_ANSWERS:
            raise
        return await _put_back(working, target, some, lost + 1)
    return {one.id: one.updated_at for one in stored}


def body_of(one: Undoing) -> Payload:
    """What is put back, as a body."""
    return seal(one.key, {"fields": one.back_stored, "updatedAt": one.updated_at, "deletedAt": one.rebin})


def _restored(object_name: str, one: Undoing, updated_at: str) -> RecordRestored:
    return RecordRestored(
        object=object_name,
        source_key=one.key,
        twenty_id=one.id,
        payload_hash=body_of(one).hash,
        updated_at=updated_at,
        written_hash=one.base_hash,
        undoes=one.undoes,
    )


def _gone(object_name: str, one: Undoing) -> RecordDeleted:
    return RecordDeleted(object=object_name, source_key=one.key, twenty_id=one.id, outcome="already_gone")


async def _name_kept(working: Working, object_name: str, some: Sequence[Undoing]) -> None:
    events: list[Event] = []
    payloads: list[Payload] = []
    for one in some:
        if one.kept:
            body = seal(one.key, {"why": "edited", "detail": [msgspec.to_builtins(each) for each in one.kept]})
            payloads.append(body)
            events.append(
                CompensationKept(
                    object=object_name, source_key=one.key, twenty_id=one.id, why="edited", payload_hash=body.hash
                )
            )
    await working.ledger.append(events, payloads)


async def compare_restored(working: Working) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Read the records of this run that were put back again: how many by object, and those that are not as put back."""
    statement = """SELECT object, twenty_id, max(position) AS position, payload_hash FROM event
      WHERE type = 'RecordRestored' AND run_id = :run_id GROUP BY object, twenty_id ORDER BY object"""
    rows = await working.ledger.reader.rows(statement, run_id=working.ledger.run_id)
    compared: dict[str, int] = {}
    unequal: dict[str, list[str]] = {}
    for start in range(0, len(rows), _RECORDS_A_CALL):
        some = rows[start : start + _RECORDS_A_CALL]
        for name in {row["object"] for row in some}:
            hashes = {row["twenty_id"]: row["payload_hash"] for row in some if row["object"] == name}
            compared[name] = compared.get(name, 0) + len(hashes)
            if found := await _unequal(working, name, hashes):
                unequal.setdefault(name, []).extend(found)
    return compared, unequal


async def _unequal(working: Working, object_name: str, hashes: dict[str, str]) -> list[str]:
    bodies = await working.ledger.reader.envelopes(list(hashes.values()))
    put_back = {id_: as_stored(bodies[hash_].value["fields"]) for id_, hash_ in hashes.items() if hash_ in bodies}
    known = await present(working)
    target = known.find(object_name)
    if target is None:
        return sorted(put_back)
    names = known.names(object_name, {name for fields in put_back.values() for name in fields})
    rows = await _rows(working, target, list(put_back), tuple(sorted(names.values())))
    found = []
    for id_, fields in put_back.items():
        today = {names[name]: value for name, value in fields.items() if name in names}
        if id_ not in rows or differences(today, rows[id_]):
            found.append(id_)
    return found


async def _rows(
    working: Working, target: Object, ids: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    ask = Ask(target.singular, Ids(ids), tuple(dict.fromkeys(fields)))
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    return {row["id"]: row for row in answer[target.singular]}
