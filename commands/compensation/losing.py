"""What is lost with a record that goes all the same: edits of others, and that others point at it. Stored before.

By force nothing of the scope is spared; and what is taken then can be read in the ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.mapping.targets import TARGETS
from adapters.twenty import Ask, Ids, Pointer, read_many
from commands.compensation.drift import Candidate, Keep
from commands.compensation.forcing import Forced
from commands.present import Present, present
from commands.session import Working
from commands.storable import storable
from ledger import work
from ledger.events import LossNoted
from ledger.hashing import seal
from ledger.reader import Reader

MADE_BY_AUTOMATION = "made_by_automation"
"""Why a record goes that is not ours: an automation made it for one that is."""

READ_A_CALL = 2_000

Pointers = Mapping[str, Sequence[Pointer]]
"""Target id → the records that point at it."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """A record that goes with more than we put there: why, what differs, and who points at it."""

    candidate: Candidate
    why: str
    detail: Any = ()
    pointers: Sequence[Pointer] = ()


class Lost(msgspec.Struct, frozen=True):
    """A record that went with more than we put there, and how many records pointed at it."""

    object: str
    id: str
    why: str
    pointing: int


def losses_of(there: Iterable[Candidate], edits: Iterable[Keep], pointers: Pointers) -> list[Loss]:
    """What is lost with these records: `edits` are why they were to stay."""
    edited = {keep.candidate.id: keep for keep in edits}
    losses = []
    for one in there:
        keep, pointing = edited.get(one.id), pointers.get(one.id, ())
        if keep or pointing:
            why, detail = (keep.why, keep.detail) if keep else ("has_dependents", ())
            losses.append(Loss(candidate=one, why=why, detail=detail, pointers=pointing))
    return losses


async def own_ties(working: Working, pointers: Pointers) -> dict[str, list[str]]:
    """The ties among these that are ours, by object: Twenty takes them out with either of the two they tie."""
    found: dict[str, dict[str, None]] = {name: {} for name in TARGETS.values()}
    for one in (each for some in pointers.values() for each in some):
        if one.object in found:
            found[one.object][one.id] = None
    reader = working.ledger.reader
    ours = {name: await work.known_ids(reader, name, ids) for name, ids in found.items() if ids}
    return {name: [one for one in found[name] if one in known] for name, known in ours.items() if known}


def by_force(lost: Iterable[Lost]) -> list[Forced]:
    """Those of the records that only force took."""
    return [
        Forced(name=f"{one.object} {one.id}", records=one.pointing, why=one.why)
        for one in lost
        if one.why != MADE_BY_AUTOMATION
    ]


async def note_losses(working: Working, losses: Mapping[str, Sequence[Loss]]) -> None:
    """Store each record as Twenty holds it, and who points at it, before anything goes."""
    known = await present(working)
    for object_name, some in losses.items():
        singular = known.object(object_name).singular if some else ""
        for start in range(0, len(some), READ_A_CALL):
            page = some[start : start + READ_A_CALL]
            rows = await _whole(working, {singular: [one.candidate.id for one in page]})
            foreign = await _whole(working, await _foreign(working, known, page))
            made = [_noted(object_name, one, rows.get((singular, one.candidate.id)), foreign) for one in page]
            await working.ledger.append([event for event, _ in made], [body for _, body in made])


def _noted(object_name: str, one: Loss, row: Any, foreign: Mapping[tuple[str, str], Any]) -> Any:
    pointing = [
        {"object": each.object, "id": each.id, "field": each.field, "record": foreign.get((each.object, each.id))}
        for each in one.pointers
    ]
    stream = one.candidate.work.state.source_key
    body = seal(stream, storable({"why": one.why, "detail": one.detail, "record": row, "pointing": pointing}))
    event = LossNoted(
        object=object_name,
        source_key=stream,
        twenty_id=one.candidate.id,
        why=one.why,  # type: ignore[arg-type]
        pointing=len(pointing),
        payload_hash=body.hash,
    )
    return event, body


async def _foreign(working: Working, known: Present, losses: Iterable[Loss]) -> dict[str, list[str]]:
    """The records that point at these and are not ours: what ours hold the ledger knows."""
    names = {
        target.singular: name for name in await work.objects(working.ledger.reader) if (target := known.find(name))
    }
    found: dict[str, dict[str, None]] = {}
    for pointer in (each for one in losses for each in one.pointers):
        found.setdefault(pointer.object, {})[pointer.id] = None
    reader = working.ledger.reader
    ours = {name: await work.known_ids(reader, names.get(name, name), ids) for name, ids in found.items()}
    return {name: [one for one in ids if one not in ours[name]] for name, ids in found.items()}


async def _whole(working: Working, wanted: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Records with all that can be read of them, by object and id."""
    client, model = working.twenty.client, working.twenty.model
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, ids in wanted.items():
        for start in range(0, len(ids), READ_A_CALL):
            ask = Ask(name, Ids(ids[start : start + READ_A_CALL]), model.object(name).readable)
            rows = (await read_many(client, model, [ask]))[name]
            found |= {(name, row["id"]): row for row in rows}
    return found


async def lost(reader: Reader, run_id: str) -> list[Lost]:
    """What went in a rollback with more than we put there. One noted twice, its run having been interrupted, is one."""
    statement = """SELECT event.object, event.twenty_id AS id, json_extract(event.data, '$.why') AS why,
        max(json_extract(event.data, '$.pointing')) AS pointing
      FROM event JOIN compensation ON compensation.run_id = event.run_id AND compensation.object = event.object
        AND compensation.twenty_id = event.twenty_id AND compensation.state = 'done'
      WHERE event.type = 'LossNoted' AND event.run_id = :run_id
      GROUP BY event.object, event.twenty_id ORDER BY min(event.position)"""
    return await reader.fetch(Lost, statement, run_id=run_id)
