"""Undoing changes of records that stay: what stood in a field before us comes back, unless somebody changed it since.

Records are read right before the call that changes them. An edit of one of the same fields in between, from one read to
one call, would be overwritten: Twenty has no compare-and-change. All other fields are not sent, so edits of them stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    MAX_RECORDS,
    BatchTooLarge,
    Ids,
    NotFound,
    Object,
    OutcomeUnknown,
    RecordRefused,
    Stored,
    UnknownField,
    destroy,
    split,
    update_one,
    upsert_by_id,
)
from commands.collisions import KEYS
from commands.compensation.now import READ_A_CALL, key_name, known_now, rows_now
from commands.compensation.undoing import Undoing, hashes_of, undoing
from commands.logs import log
from commands.ours import bodies_of
from commands.present import present
from commands.session import Working
from commands.updating.settling import intended_change
from ledger import standing
from ledger.events import (
    Compensated,
    CompensationIntended,
    CompensationKept,
    RecordDeleted,
    RecordRestored,
)
from ledger.hashing import Payload, seal
from ledger.projections import changes
from ledger.scopes import Scope
from ledger.store import Draft

_ALWAYS_READ = ("createdAt", "updatedAt", "updatedBy")
_LOST_ANSWERS = 6
"""How often one call's answer may be lost before the run gives up for now; every loss is looked up first."""


class Restored(msgspec.Struct, kw_only=True):
    """What became of the changes of a scope, by object: records put back, whole or in part, and those gone."""

    restored: dict[str, int] = msgspec.field(default_factory=dict)
    in_part: dict[str, int] = msgspec.field(default_factory=dict)
    gone: dict[str, int] = msgspec.field(default_factory=dict)

    def count(self, object_name: str, *, restored: int = 0, in_part: int = 0, gone: int = 0) -> None:
        """Count records."""
        self.restored[object_name] = self.restored.get(object_name, 0) + restored
        self.in_part[object_name] = self.in_part.get(object_name, 0) + in_part
        self.gone[object_name] = self.gone.get(object_name, 0) + gone


async def foresee_undoing(working: Working, object_name: str, scope: Scope, *, force: bool) -> list[Undoing]:
    """What undoing the changes of an object would come to, by reading Twenty. Nothing is changed."""
    ids = await _changed_in(working, object_name, scope)
    found: list[Undoing] = []
    for start in range(0, len(ids), READ_A_CALL):
        found += await _read(working, object_name, scope, ids[start : start + READ_A_CALL], force=force)
    return found


async def restore_all(
    working: Working, objects: Sequence[str], scope: Scope, *, force: bool, could_land: bool = False
) -> Restored:
    """Undo the changes of a scope, object by object in the order given, of each the newest first.

    A change of unknown outcome that `could_land` yet is left as it is.
    """
    done = Restored()
    for object_name in objects:
        if not could_land:
            await _forget_unlanded(working, object_name, scope)
        await _open_rings(working, object_name, scope, force=force)
        ids = await _changed_in(working, object_name, scope)
        restoring = _Restoring(working, object_name, scope, force, done)
        with working.reporter.phase(f"< {object_name}", len(ids)) as advance:
            for start in range(0, len(ids), MAX_RECORDS):
                some = ids[start : start + MAX_RECORDS]
                await restoring.restore(some)
                advance(len(some))
    return done


async def _open_rings(working: Working, object_name: str, scope: Scope, *, force: bool) -> None:
    """Take records that were emptied on the way back to where they were empty: others may have their values again."""
    if object_name not in KEYS:
        return
    for id_, position in await changes.emptied(working.ledger.reader, object_name, scope, KEYS[object_name]):
        since = max(position, scope.since or 0)
        half = msgspec.structs.replace(scope, records=(id_,), since=since)
        # It is half of the way: what is counted is the whole.
        await _Restoring(working, object_name, half, force, Restored()).restore([id_])


async def _changed_in(working: Working, object_name: str, scope: Scope) -> list[str]:
    """The records whose changes are to be undone, the one changed last first."""
    last = {one.twenty_id: one.position for one in await changes.standing(working.ledger.reader, object_name, scope)}
    return sorted(last, key=lambda one: last[one], reverse=True)


async def _forget_unlanded(working: Working, object_name: str, scope: Scope) -> None:
    """A change that was begun and is not there has nothing to undo: the record is what it was before."""
    events = []
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


async def _read(working: Working, object_name: str, scope: Scope, ids: Sequence[str], *, force: bool) -> list[Undoing]:
    """Each record with its changes as Twenty holds it now, and what is to come back."""
    reader = working.ledger.reader
    in_scope = {one.position for one in await changes.standing(reader, object_name, scope)}
    histories = await changes.histories(reader, object_name, ids)
    past = [one for some in histories.values() for one in some]
    named = [hash_ for one in past for hash_ in hashes_of(one)]
    bodies = await reader.envelopes([*named, *(hash_ for some in histories.values() for hash_ in bodies_of(some))])
    fields = {name for hash_ in named if hash_ in bodies for name in bodies[hash_].value["fields"]}
    known = await known_now(working, object_name, fields)
    rows = await rows_now(working, object_name, ids, sorted({*known.names.values(), *_ALWAYS_READ}))
    groups = {id_: [one for one in some if one.position in in_scope] for id_, some in histories.items()}
    if any(one.sent_hash and not one.answered_at for some in groups.values() for one in some):
        known = msgspec.structs.replace(known, author=await key_name(working))
    return [
        undoing(groups[id_], histories[id_], bodies, rows.get(id_), known, force=force) for id_ in ids if groups[id_]
    ]


class _Restoring(msgspec.Struct, frozen=True):
    """The records of one object on their way back."""

    working: Working
    object_name: str
    scope: Scope
    force: bool
    done: Restored

    async def restore(self, ids: Sequence[str], lost: int = 0) -> None:
        """Read records and put back what is to come back."""
        some = await _read(self.working, self.object_name, self.scope, ids, force=self.force)
        await self._record_gone([one for one in some if one.row is None], None)
        there = [one for one in some if one.row is not None]
        await self._record([one for one in there if not one.sent], {}, None)
        target = (await present(self.working)).find(self.object_name)
        if target is None:
            return
        sending = [one for one in there if one.sent]
        alone = [one for one in sending if one.must_go_alone or target.unique.intersection(one.sent)]
        together = [one for one in sending if one not in alone]
        rows = [{**one.sent, "id": one.id} for one in together]
        batches = [_of_rows(together, batch) for batch in split(rows, MAX_RECORDS)]
        for batch in [*batches, *([one] for one in alone)]:
            # A stop that comes now lets the call end and its outcome be recorded: calls are bounded in time.
            with anyio.CancelScope(shield=True):
                await self._send(target, batch, together=batch[0] in together, lost=lost)
            await anyio.lowlevel.checkpoint()

    async def _send(self, target: Object, some: Sequence[Undoing], *, together: bool, lost: int) -> None:
        cause = await self._intend(some)
        try:
            stored = await self._call(target, some, together=together)
        except (OutcomeUnknown, NotFound):
            if lost >= _LOST_ANSWERS:
                raise
            log.warning("what became of a call is read", object=self.object_name, sent=len(some))
            await self.restore([one.id for one in some], lost + 1)
        except UnknownField:
            # Somebody changed the data model: no record is at fault.
            raise
        except (RecordRefused, BatchTooLarge) as refusal:
            await self._part(some, refusal, cause)
        else:
            await self._record_answer(target, some, stored, cause)

    async def _intend(self, some: Sequence[Undoing]) -> int:
        bodies = [_body_of(one) for one in some]
        items = tuple(
            Compensated(key=one.key, id=one.id, hash=body.hash) for one, body in zip(some, bodies, strict=True)
        )
        intended = CompensationIntended(object=self.object_name, action="restore", items=items)
        [cause] = await self.working.ledger.append([intended], bodies)
        return cause

    async def _call(self, target: Object, some: Sequence[Undoing], *, together: bool) -> list[Stored]:
        client = self.working.twenty.client
        if together:
            return await upsert_by_id(client, target, [{**one.sent, "id": one.id} for one in some])
        return [await update_one(client, target, one.id, one.sent) for one in some]

    async def _part(self, some: Sequence[Undoing], refusal: RecordRefused | BatchTooLarge, cause: int) -> None:
        """Halve what was refused until the record at fault is by itself: it stays, the others are put back."""
        if len(some) == 1:
            refused = {"error": str(refusal), "said": refusal.said}
            return await self._keep(some[0], "refused", refused, cause)
        middle = len(some) // 2
        await self.restore([one.id for one in some[:middle]])
        return await self.restore([one.id for one in some[middle:]])

    async def _record_answer(
        self, target: Object, some: Sequence[Undoing], stored: Sequence[Stored], cause: int
    ) -> None:
        made = {one.id: one.created_at for one in stored}
        stumps = [one for one in some if made[one.id] != (one.row or {}).get("createdAt")]
        await self._record(
            [one for one in some if one not in stumps], {one.id: one.updated_at for one in stored}, cause
        )
        if stumps:
            # Somebody destroyed them after the read; the call made them anew, with nothing but what was put back.
            items = tuple(Compensated(key=one.key, id=one.id) for one in stumps)
            intended = CompensationIntended(object=self.object_name, action="destroy", items=items)
            [cause] = await self.working.ledger.append([intended])
            await destroy(self.working.twenty.client, target, Ids([one.id for one in stumps]), None)
            await self._record_gone(stumps, cause)

    async def _record(self, some: Sequence[Undoing], times: Mapping[str, str], cause: int | None) -> None:
        """Record what is put back, and what of it stays."""
        settled = [one for one in some if one.settles]
        drafts = [Draft(self._restored(one, times.get(one.id, one.touched_at)), cause) for one in settled]
        bodies = [body for one in settled for body in (_body_of(one), one.left.body) if body]
        await self.working.ledger.append(drafts, bodies)
        for one in some:
            if one.kept:
                await self._keep(one, one.why, [msgspec.to_builtins(each) for each in one.kept if each.path], cause)
        in_part = sum(bool(one.kept) and one.settles for one in some)
        self.done.count(self.object_name, restored=sum(not one.kept for one in some), in_part=in_part)

    async def _keep(self, one: Undoing, why: str, detail: Any, cause: int | None) -> None:
        body = seal(one.key, {"why": why, "detail": detail})
        event = CompensationKept(
            object=self.object_name, source_key=one.key, twenty_id=one.id, why=why, payload_hash=body.hash
        )
        await self.working.ledger.append([Draft(event, cause)], [body])

    async def _record_gone(self, some: Sequence[Undoing], cause: int | None) -> None:
        events = [
            RecordDeleted(object=self.object_name, source_key=one.key, twenty_id=one.id, outcome="already_gone")
            for one in some
        ]
        await self.working.ledger.append([Draft(event, cause) for event in events])
        self.done.count(self.object_name, gone=len(some))

    def _restored(self, one: Undoing, updated_at: str) -> RecordRestored:
        return RecordRestored(
            object=self.object_name,
            source_key=one.key,
            twenty_id=one.id,
            payload_hash=_body_of(one).hash,
            updated_at=updated_at,
            written_hash=one.left.written_hash,
            undoes=() if one.kept else one.undoes,
            partly=one.undoes if one.kept else (),
            unlinked=one.left.unlinked,
        )


def _of_rows(some: Sequence[Undoing], rows: Sequence[Mapping[str, Any]]) -> list[Undoing]:
    wanted = {row["id"] for row in rows}
    return [one for one in some if one.id in wanted]


def _body_of(one: Undoing) -> Payload:
    return seal(one.key, one.body)
