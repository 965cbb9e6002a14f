"""Records of others that made way for ours come back: themselves, what went with them, and what pointed at them.

Each is made again under its own id, as it is stored in the ledger, in the bin as it was. What pointed at it points at
it again, unless somebody let it point elsewhere since.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    TIMELINE,
    Ids,
    NotFound,
    Object,
    OutcomeUnknown,
    RecordRefused,
    count_timeline,
    destroy_runs,
    destroy_timeline,
    differences,
    timeline_about,
    update_one,
)
from adapters.twenty.compare import blank
from adapters.twenty.model import SUBFIELDS
from commands.compensation.change_traces import stand_still
from commands.compensation.now import rows_now
from commands.compensation.remaking import Again, Remaking, Row, lose, quieten
from commands.compensation.scope import backs, made_elements
from commands.objects import in_order
from commands.present import present
from commands.session import Working
from commands.storable import as_stored
from commands.updating.displacing import runs_about
from ledger import losses, standing
from ledger.events import Compensated, CompensationIntended, DisplacedReturned, TracesNoted, TracesRemoved
from ledger.hashing import seal
from ledger.losses import Displaced
from ledger.reader import Reader
from ledger.scopes import Scope
from ledger.store import Draft

_NOT_OURS_TO_SAY = frozenset({"updatedBy"})
"""What Twenty gives every record itself, whatever is sent (FACTS section 1)."""

_LOST_ANSWERS = 6


class _Stored(msgspec.Struct, frozen=True):
    """A record that made way, and all that is stored of it."""

    was: Displaced
    value: Mapping[str, Any]

    @property
    def rows(self) -> Iterator[tuple[str, Row]]:
        """What went with it: object and row."""
        return ((name, as_stored(row)) for name, rows in self.value.get("rows", {}).items() for row in rows)


async def to_return(reader: Reader, scope: Scope) -> list[Displaced]:
    """Records that made way in a scope and come back: none of ours whose making is undone with it, or was since."""
    waiting = await losses.displaced(reader, scope)
    ours = await _ours(reader, Scope(), waiting) if waiting else set()
    if not ours:
        return waiting
    undone = await _ours(reader, scope, waiting)
    before = [(at, await _ours(reader, back, waiting)) for at, back in await backs(reader)]
    return [
        one
        for one in waiting
        if one.twenty_id not in undone and not any(at > one.position and one.twenty_id in taken for at, taken in before)
    ]


async def _ours(reader: Reader, scope: Scope, some: Sequence[Displaced]) -> set[str]:
    """Those of these records that calls of ours made in a scope."""
    made = {name: set(ids) for name, ids in (await standing.intended_ids(reader, scope)).items()}
    return {one.twenty_id for one in some if one.twenty_id in made.get(one.object, ())}


async def return_displaced(working: Working, scope: Scope, patience_s: float) -> dict[str, int]:
    """Bring back the records that made way in a scope; answers how many of each object are there again."""
    waiting = await to_return(working.ledger.reader, scope)
    if not waiting:
        return {}
    await quieten(working, in_order({one.object for one in waiting}), [one.run_id for one in waiting])
    bodies = await working.ledger.reader.envelopes([one.payload_hash for one in waiting])
    for one in waiting:
        if one.payload_hash not in bodies:
            await lose(working, one.object, one.source_key, one.twenty_id, "erased", {})
    stored = [_Stored(one, bodies[one.payload_hash].value) for one in waiting if one.payload_hash in bodies]
    there = await _make(working, stored)
    await _make_what_went_along(working, there)
    await _link_again(working, there)
    await _sweep(working, there, patience_s)
    drafts = [
        DisplacedReturned(
            object=one.was.object, source_key=one.was.source_key, twenty_id=one.was.twenty_id,
            payload_hash=one.was.payload_hash,
        )
        for one in there
    ]  # fmt: skip
    await working.ledger.append(drafts)
    return {name: sum(one.was.object == name for one in there) for name in {one.was.object for one in there}}


async def _make(working: Working, stored: Sequence[_Stored]) -> list[_Stored]:
    """Make the records themselves, parents first; answers those that are there."""
    there: list[_Stored] = []
    for object_name in in_order({one.was.object for one in stored}):
        some = [one for one in stored if one.was.object == object_name]
        rows = [(one.was, as_stored(one.value["record"])) for one in some]
        made = await _made(working, object_name, rows)
        there += [one for one in some if one.was.twenty_id in made.there]
    return there


async def _make_what_went_along(working: Working, stored: Sequence[_Stored]) -> None:
    by_object: dict[str, list[tuple[Displaced, Row]]] = {}
    for one in stored:
        for name, row in one.rows:
            by_object.setdefault(name, []).append((one.was, row))
    for name, rows in by_object.items():
        made = await _made(working, name, rows)
        back = [(was, row) for was, row in rows if row["id"] in made.there]
        drafts = [
            Draft(
                DisplacedReturned(
                    object=name, source_key=was.source_key, twenty_id=row["id"], payload_hash=was.payload_hash
                ),
                made.causes.get(row["id"]),
            )
            for was, row in back
        ]
        await working.ledger.append(drafts)


async def _made(working: Working, object_name: str, rows: Sequence[tuple[Displaced, Row]]) -> Remaking:
    known = await present(working)
    target = known.find(object_name)
    names = known.names(object_name, {name for _, row in rows for name in row})
    again = [Again(key=was.source_key, row=_sendable(target, names, row), hash=was.payload_hash) for was, row in rows]
    made = Remaking(working, object_name)
    await made.make(again)
    return made


def _sendable(target: Object | None, names: Mapping[str, str], stored: Row) -> dict[str, Any]:
    """What of a record can be sent to make it again, under the names of today."""
    row: dict[str, Any] = {"id": stored["id"]}
    for name, value in stored.items():
        if name not in names or name in _NOT_OURS_TO_SAY or blank(value):
            continue
        field = target.fields.get(names[name]) if target else None
        if field and field.type in SUBFIELDS and isinstance(value, Mapping):
            row[names[name]] = {part: one for part, one in value.items() if one is not None}
        else:
            row[names[name]] = value
    return row


async def _link_again(working: Working, stored: Sequence[_Stored]) -> None:
    """Let what pointed at these records point at them again, one call each: it must not be made anew as a stump."""
    by_object: dict[str, list[tuple[Displaced, Mapping[str, str]]]] = {}
    for one in stored:
        for told in one.value.get("pointing", ()):
            by_object.setdefault(told["object"], []).append((one.was, told))
    for name, some in by_object.items():
        known = await present(working)
        names = known.names(name, {told["field"] for _, told in some})
        rows = await rows_now(working, name, [told["id"] for _, told in some], [*names.values(), "updatedAt"])
        for was, told in some:
            # Who is not there any more has nothing to point with: somebody destroyed it, or it could not come back.
            if row := rows.get(told["id"]):
                await _link(working, name, was, told["id"], names.get(told["field"]), row)


async def _link(working: Working, object_name: str, was: Displaced, id_: str, column: str | None, row: Row) -> None:
    """Let one record point at one that came back, where it points nowhere; elsewhere is where somebody led it."""
    if column is None or row[column] not in (None, was.twenty_id):
        await lose(working, object_name, was.source_key, id_, "linked_elsewhere" if column else "field_gone", {})
        return
    body = seal(was.source_key, {"fields": {column: was.twenty_id}})
    item = Compensated(key=was.source_key, id=id_, hash=body.hash)
    intended = CompensationIntended(object=object_name, action="restore", items=(item,))
    with anyio.CancelScope(shield=True):
        [cause] = await working.ledger.append([intended], [body])
        try:
            await _change(working, object_name, id_, {column: was.twenty_id, "updatedAt": row["updatedAt"]})
        except (RecordRefused, NotFound) as refusal:
            said = {"error": str(refusal), "said": refusal.said}
            await lose(working, object_name, was.source_key, id_, "refused", said, cause)
            return
        done = DisplacedReturned(object=object_name, source_key=was.source_key, twenty_id=id_, payload_hash=body.hash)
        await working.ledger.append([Draft(done, cause)], [body])


async def _change(working: Working, object_name: str, id_: str, data: Row, lost: int = 0) -> None:
    target = (await present(working)).object(object_name)
    try:
        await update_one(working.twenty.client, target, id_, data)
    except OutcomeUnknown:
        if lost >= _LOST_ANSWERS:
            raise
        # The same values once more change nothing, whether or not they landed.
        await _change(working, object_name, id_, data, lost + 1)


async def _sweep(working: Working, stored: Sequence[_Stored], patience_s: float) -> None:
    """Destroy what Twenty wrote about these records because they were made again; their own history is put back."""
    client, model, known = working.twenty.client, working.twenty.model, await present(working)
    timeline: set[str] = set()
    for object_name in {one.was.object for one in stored}:
        some = [one for one in stored if one.was.object == object_name]
        targets = {known.object(object_name).singular: Ids([one.was.twenty_id for one in some])}
        await stand_still(partial(count_timeline, client, model, targets), patience_s)
        own = {row["id"] for one in some for name, row in one.rows if name == TIMELINE.singular}
        timeline |= set(await timeline_about(client, model, targets)) - own
    runs = await runs_about(working, [one.was.twenty_id for one in stored])
    runs -= {run for one in stored for run in one.value.get("runs", ())}
    if not timeline and not runs:
        return
    body = seal(f"traces:{working.ledger.run_id}", {"timeline": sorted(timeline), "runs": sorted(runs)})
    noted = TracesNoted(timeline=len(timeline), runs=len(runs), payload_hash=body.hash)
    [cause] = await working.ledger.append([noted], [body])
    if timeline:
        await destroy_timeline(client, Ids(sorted(timeline)))
    if runs:
        await destroy_runs(client, Ids(sorted(runs)))
    await working.ledger.append([TracesRemoved(noted=cause, timeline=len(timeline), runs=len(runs))])


async def compare_returned(working: Working) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Read what came back in this run again: how many by object, and those that are not as they are stored."""
    statement = """SELECT object, twenty_id, payload_hash FROM event
      WHERE type = 'DisplacedReturned' AND run_id = :run_id ORDER BY position"""
    rows_back = await working.ledger.reader.rows(statement, run_id=working.ledger.run_id)
    bodies = await working.ledger.reader.envelopes(list({row["payload_hash"] for row in rows_back}))
    held = {hash_: _held(body.value) for hash_, body in bodies.items()}
    expected: dict[str, dict[str, Row]] = {}
    for row in rows_back:
        every = held[row["payload_hash"]]
        expected.setdefault(row["object"], {})[row["twenty_id"]] = every.get(row["twenty_id"]) or every[""]
    unequal: dict[str, list[str]] = {}
    # A field of ours that is out of the data model again held nothing of theirs, else it would have been kept.
    ours = {(one.object, one.name) for one in await made_elements(working.ledger.reader, Scope())}
    for name, some in expected.items():
        names = (await present(working)).names(name, {field for one in some.values() for field in one})
        rows = await rows_now(working, name, list(some), sorted(names.values()))
        theirs = {id_: {field: one[field] for field in one if field in names or (name, field) not in ours}
                  for id_, one in some.items()}  # fmt: skip
        wrong = [id_ for id_, one in theirs.items() if not _is_equal(one, rows.get(id_), names)]
        if wrong:
            unequal[name] = wrong
    return {name: len(some) for name, some in expected.items()}, unequal


def _held(value: Mapping[str, Any]) -> dict[str, Row]:
    """What records should hold, by id: all that is stored with one that made way, or what was sent to link one."""
    if "fields" in value:
        return {"": value["fields"]}
    rows = [value["record"], *(row for some in value.get("rows", {}).values() for row in some)]
    return {row["id"]: as_stored({name: row[name] for name in row if name not in _NOT_OURS_TO_SAY}) for row in rows}


def _is_equal(expected: Row, row: Row | None, names: Mapping[str, str]) -> bool:
    if row is None or any(name not in names and not blank(value) for name, value in expected.items()):
        return False
    return not differences({names[name]: value for name, value in expected.items() if name in names}, row)
