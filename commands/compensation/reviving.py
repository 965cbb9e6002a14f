"""Records of ours that a delta destroyed since they had left Kartra come back with a rollback of that delta.

They are made again from what the ledger wrote last, under the ids of their next generation, with the mark of the run
that made them first: a rollback of that run takes them out.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from adapters.twenty import MARK_NAME, differences, record_id
from commands.compensation.departures import revivals
from commands.compensation.now import rows_now
from commands.compensation.remaking import Again, Remaking, lose, quieten
from commands.objects import in_order
from commands.present import present
from commands.session import Working
from commands.updating.subjects import linked_ids, with_links
from ledger.events import RecordReturned
from ledger.losses import Departed
from ledger.scopes import Scope
from ledger.store import Draft

Linked = Mapping[tuple[str, str], str]


async def revive_departed(working: Working, scope: Scope) -> dict[str, int]:
    """Make again what left in a scope, parents first; answers how many of each object are there again."""
    waiting = (await revivals(working.ledger.reader, scope, beforehand=False)).again
    names = in_order({one.object for one in waiting})
    if not waiting:
        return {}
    await quieten(working, names, [run for one in waiting for run in (one.run_id, one.made_in)])
    return {name: await _revive(working, name, [one for one in waiting if one.object == name]) for name in names}


async def _revive(working: Working, object_name: str, waiting: Sequence[Departed]) -> int:
    bodies = await working.ledger.reader.envelopes([one.written_hash for one in waiting])
    linked = await linked_ids(working, [body.value for body in bodies.values()])
    namespace = UUID(await working.ledger.reader.namespace())
    made = Remaking(working, object_name)
    again: dict[str, tuple[Departed, Again, tuple[str, ...]]] = {}
    for one in waiting:
        body = bodies.get(one.written_hash)
        unlinked = _unlinked(body.value, linked) if body else ()
        if body is None or (unlinked and not body.value["fields"]):
            await lose(working, object_name, one.source_key, one.twenty_id, "unlinked" if body else "erased", {})
            continue
        id_ = str(record_id(namespace, object_name, one.source_key, one.generation))
        row = await _row(working, one, with_links(body.value, linked), id_)
        again[id_] = (one, Again(key=one.source_key, row=row, hash=one.written_hash), unlinked)
    await made.make([letter for _, letter, _ in again.values()])
    drafts = [
        Draft(_returned(one, id_, unlinked), made.causes.get(id_))
        for id_, (one, _, unlinked) in again.items()
        if id_ in made.there
    ]
    await working.ledger.append(drafts)
    return len(drafts)


def _unlinked(value: Mapping[str, Any], linked: Linked) -> tuple[str, ...]:
    links = value["links"].items()
    return tuple(sorted(name for name, link in links if (link["object"], link["source_key"]) not in linked))


async def _row(working: Working, one: Departed, values: Mapping[str, Any], id_: str) -> dict[str, Any]:
    """What is sent: all that was written, under the names of today, and its times."""
    names = (await present(working)).names(one.object, values)
    mark = {"source": "IMPORT", "name": MARK_NAME, "context": {"run": one.made_in}}
    times = {"createdAt": one.created_at, "updatedAt": one.updated_at}
    told = {name: time for name, time in times.items() if time}
    row = {names[name]: value for name, value in values.items() if name in names}
    return {**told, **row, "id": id_, "createdBy": mark}


def _returned(one: Departed, id_: str, unlinked: tuple[str, ...]) -> RecordReturned:
    return RecordReturned(
        object=one.object,
        source_key=one.source_key,
        twenty_id=id_,
        payload_hash=one.written_hash,
        updated_at=one.updated_at,
        made_in=one.made_in,
        made_at=one.made_at,
        obsolete=bool(one.obsolete),
        created_at=one.created_at,
        unlinked=unlinked,
    )


async def compare_revived(working: Working) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Read what was made again in this run: how many by object, and those that are not as they were written."""
    statement = """SELECT object, twenty_id, payload_hash, json_extract(data, '$.created_at') AS created_at FROM event
      WHERE type = 'RecordReturned' AND run_id = :run_id ORDER BY position"""
    by_object: dict[str, dict[str, tuple[str, str]]] = {}
    for row in await working.ledger.reader.rows(statement, run_id=working.ledger.run_id):
        by_object.setdefault(row["object"], {})[row["twenty_id"]] = (row["payload_hash"], row["created_at"])
    unequal: dict[str, list[str]] = {}
    for name, told in by_object.items():
        if wrong := await _unequal(working, name, told):
            unequal[name] = wrong
    return {name: len(told) for name, told in by_object.items()}, unequal


async def _unequal(working: Working, object_name: str, told: Mapping[str, tuple[str, str]]) -> list[str]:
    """Those that hold other values than were written. When one was made that nobody knows, is another time now."""
    bodies = await working.ledger.reader.envelopes([hash_ for hash_, _ in told.values()])
    linked = await linked_ids(working, [body.value for body in bodies.values()])
    expected = {
        id_: {"createdAt": created_at, **with_links(bodies[hash_].value, linked)}
        for id_, (hash_, created_at) in told.items()
    }
    names = (await present(working)).names(object_name, {name for one in expected.values() for name in one})
    rows = await rows_now(working, object_name, list(told), sorted(names.values()))
    return [
        id_
        for id_, one in expected.items()
        if id_ not in rows
        or one.keys() - names.keys()
        or differences({names[name]: value for name, value in one.items()}, rows[id_])
    ]
