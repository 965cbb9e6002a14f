"""Changes on their way to Twenty: intent first, then the call, then what really happened.

Many records go in one upsert by their ids; one whose unique value changes goes by itself. Neither is atomic, so
whatever an error leaves open is read: what Twenty shows landed, the rest is sent again or left for a person.

Twenty has no compare-and-change. Records are read 2,000 a call and sent up to 200 a call, so that between the read of
a record and its call (seconds; at the rate limit, the pace of ten calls) an edit of a field that is sent would be
overwritten, and a record put into the bin would come out of it: an upsert does that. What was destroyed is not made
anew (see `stumps`). `WINDOW` says so wherever changes are told.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    Ask,
    BatchSize,
    BatchTooLarge,
    DuplicateRecord,
    ForeignKeyMissing,
    Ids,
    NotFound,
    Object,
    OutcomeUnknown,
    RecordRefused,
    Stored,
    UnknownField,
    locate,
    read_many,
    restore,
    split,
    update_one,
    upsert_by_id,
)
from commands.absent import absent
from commands.collisions import conflicts_of, hold_events
from commands.logs import log
from commands.session import Working
from commands.updating.changes import Change, bodies, held, intent, outcome, without
from commands.updating.stumps import TIMES, destroy_stumps, is_stump, last_touched, made_anew
from ledger import work
from ledger.events import Action, Compensated, CompensationIntended, RecordRejected
from ledger.hashing import Payload, seal
from ledger.store import Draft

WINDOW = (
    "what somebody edited in Twenty in the seconds between our read of a record and our call is overwritten in the"
    " fields sent, and a record put into the bin in these seconds is out of it: Twenty cannot compare and change"
)
"""The lost-update window, in words."""

_LOST_ANSWERS = 6
"""How often one call's answer may be lost before the run gives up for now; every loss is looked up first."""


class Sending:
    """Sends changes and records their outcomes; counts what became of the records."""

    def __init__(self, working: Working, size: BatchSize) -> None:
        self._working = working
        self._ledger = working.ledger
        self._twenty = working.twenty
        self._size = size
        self.updated: Counter[str] = Counter()
        self.adopted: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    async def send(self, object_name: str, changes: Sequence[Change]) -> None:
        """Send changes, as few calls as they take; a stop lets the call that is out end."""
        target = self._twenty.model.object(object_name)
        alone = [one for one in changes if target.unique.intersection(one.row) - {"id"}]
        together = [one for one in changes if one not in alone]
        batches = [self._picked(together, rows) for rows in split([one.row for one in together], self._size.limit)]
        for batch in [*batches, *([one] for one in alone)]:
            with anyio.CancelScope(shield=True):
                await self._send(target, object_name, batch)
            await anyio.lowlevel.checkpoint()

    @staticmethod
    def _picked(changes: Sequence[Change], rows: Sequence[object]) -> list[Change]:
        return [one for one in changes if any(one.row is row for row in rows)]

    async def _send(self, target: Object, object_name: str, changes: Sequence[Change], lost: int = 0) -> None:
        if not changes:
            return None
        changes = await self._intend(object_name, changes)
        try:
            stored = await self._call(target, changes)
        except OutcomeUnknown:
            left = await self._look(target, object_name, changes)
            if left and lost >= _LOST_ANSWERS:
                raise
            await self._send(target, object_name, left, lost + 1)
        except BatchTooLarge as refusal:
            if not self._size.learn(refusal, len(changes)):
                return await self._leave(object_name, changes, refusal)
            for rows in split([one.row for one in changes], self._size.limit):
                await self._send(target, object_name, self._picked(changes, rows))
        except UnknownField:
            # Somebody changed the data model: no record is at fault.
            raise
        except (RecordRefused, NotFound) as refusal:
            await self._settle_refusal(target, object_name, changes, refusal)
        else:
            await self._record(target, object_name, changes, {one.id: one for one in stored})
        return None

    async def _intend(self, object_name: str, changes: Sequence[Change]) -> list[Change]:
        action: Action = "update" if changes[0].subject.base_hash else "adopt"
        drafts = [intent(object_name, action, changes, self._twenty.client.timeout_s)]
        [cause] = await self._ledger.append(drafts, bodies(changes))
        return [msgspec.structs.replace(one, cause=cause) for one in changes]

    async def _call(self, target: Object, changes: Sequence[Change]) -> list[Stored]:
        """Make the call. One that only comes out of the bin is read back for its time; it may be gone by then."""
        client = self._twenty.client
        binned = [one.id for one in changes if one.subject.deleted_at is not None]
        if binned:
            await restore(client, target, Ids(binned))
        alone = target.unique.intersection(changes[0].row) - {"id"}
        if len(changes) == 1 and alone:
            row = {name: value for name, value in changes[0].row.items() if name != "id"}
            return [await update_one(client, target, changes[0].id, row)]
        touched = [one.row for one in changes if len(one.row) > 1]
        answered = await upsert_by_id(client, target, touched) if touched else []
        bare = [one for one in changes if len(one.row) == 1]
        return [*answered, *(_stored(row) for row in (await self._read(target, bare)).values())]

    async def _read(self, target: Object, changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
        """What Twenty holds of what was sent, and the times and makers of the records."""
        if not changes:
            return {}
        fields = {name for one in changes for name in one.row if name != "id"}
        ask = Ask(target.singular, Ids([one.id for one in changes]), tuple(sorted({*fields, *TIMES})))
        answer = await read_many(self._twenty.client, self._twenty.model, [ask])
        return {row["id"]: row for row in answer[target.singular]}

    async def _look(self, target: Object, object_name: str, changes: Sequence[Change]) -> list[Change]:
        """Read what an error left open: what landed is recorded, stumps go, the rest is answered."""
        rows = await self._read(target, changes)
        there = [one for one in changes if one.id in rows]
        stumps = [one for one in there if is_stump(rows[one.id], *one.created)]
        landed = [one for one in there if one not in stumps and one.landed_in(rows[one.id])]
        log.warning("an outcome was looked up", object=object_name, sent=len(changes), landed=len(landed))
        await self._append(object_name, landed, {one.id: last_touched(rows[one.id]) for one in landed})
        await self._unmake(target, object_name, stumps, [rows[one.id]["updatedAt"] for one in stumps])
        await self.hold(object_name, [one for one in changes if one not in there], "deleted_in_twenty")
        return [one for one in there if one not in stumps and one not in landed]

    async def _record(
        self, target: Object, object_name: str, changes: Sequence[Change], stored: dict[str, Stored]
    ) -> None:
        there = [one for one in changes if one.id in stored]
        stumps = [one for one in there if made_anew(stored[one.id].created_at, *one.created)]
        times = {one.id: stored[one.id].updated_at for one in there}
        await self._append(object_name, [one for one in there if one not in stumps], times)
        await self._unmake(target, object_name, stumps, [times[one.id] for one in stumps])
        await self.hold(object_name, [one for one in changes if one not in there], "deleted_in_twenty")

    async def _append(self, object_name: str, changes: Sequence[Change], times: Mapping[str, str]) -> None:
        await self._ledger.append([outcome(one, times[one.id]) for one in changes])
        ours = sum(one.subject.base_hash is not None for one in changes)
        self.updated[object_name] += ours
        self.adopted[object_name] += len(changes) - ours

    async def _unmake(self, target: Object, object_name: str, stumps: Sequence[Change], times: Sequence[str]) -> None:
        """Somebody destroyed these records between our read and our call, which made stumps of them: those go."""
        if stumps:
            items = [Compensated(key=one.subject.stream, id=one.id) for one in stumps]
            await destroy_stumps(self._working, target, object_name, items, max(times))
            await self.hold(object_name, stumps, "deleted_in_twenty")

    async def _settle_refusal(
        self, target: Object, object_name: str, changes: Sequence[Change], refusal: RecordRefused | NotFound
    ) -> None:
        """What landed all the same is recorded; the rest is sent again without what is at fault."""
        left = await self._look(target, object_name, changes)
        if isinstance(refusal, ForeignKeyMissing):
            # Somebody destroyed a record that others were to point at: those go without it, and say so.
            missing = await absent(self._twenty, [pair for one in left for pair in one.points_at])
            bare = [without(one, missing) if one.points_at else one for one in left]
            if bare != left:
                return await self._send(target, object_name, bare)
        return await self._part(target, object_name, left, refusal)

    async def _part(
        self, target: Object, object_name: str, changes: Sequence[Change], refusal: RecordRefused | NotFound
    ) -> None:
        """Leave what was refused, found by field and value, else by halving; send the rest again."""
        if len(changes) <= 1:
            return await self._leave(object_name, changes, refusal)
        located = locate([one.row for one in changes], refusal) if isinstance(refusal, RecordRefused) else []
        refused = set(located)
        if refused:
            await self._leave(object_name, [one for at, one in enumerate(changes) if at in refused], refusal)
            return await self._send(target, object_name, [one for at, one in enumerate(changes) if at not in refused])
        middle = len(changes) // 2
        await self._send(target, object_name, changes[:middle])
        return await self._send(target, object_name, changes[middle:])

    async def _put_back(self, target: Object, object_name: str, changes: Sequence[Change]) -> None:
        """Lay records into the bin again, as they were there, whose change is refused now that they are out of it."""
        for one in changes:
            as_before = {"deletedAt": one.subject.deleted_at, "updatedAt": one.updated_at}
            item = Compensated(key=one.subject.stream, id=one.id)
            intended = CompensationIntended(object=object_name, action="restore", items=(item,))
            await self._ledger.append([Draft(intended, one.cause)])
            try:
                await update_one(self._twenty.client, target, one.id, as_before)
            except OutcomeUnknown:
                # The same again is safe.
                await update_one(self._twenty.client, target, one.id, as_before)

    async def _leave(self, object_name: str, changes: Sequence[Change], refusal: Exception) -> None:
        target = self._twenty.model.object(object_name)
        await self._put_back(target, object_name, [one for one in changes if one.subject.deleted_at is not None])
        if isinstance(refusal, DuplicateRecord):
            return await self._hold_taken(object_name, changes, refusal)
        return await self._reject(object_name, changes, refusal)

    async def _hold_taken(self, object_name: str, changes: Sequence[Change], refusal: DuplicateRecord) -> None:
        """Hold what is to take a unique value that somebody else has, live or in the bin, and name who."""
        target = self._twenty.model.object(object_name)
        _, barred = await conflicts_of(self._twenty.client, target, {one.id: one.row for one in changes})
        ours = await work.known_ids(self._ledger.reader, object_name, [one.holder for one in barred.values()])
        for one in changes:
            if one.id not in barred:
                await self._reject(object_name, [one], refusal)
                continue
            conflict = msgspec.structs.replace(barred[one.id], ours=barred[one.id].holder in ours)
            events, payloads = hold_events([(one.subject.work, conflict)])
            await self._ledger.append([Draft(event, one.cause) for event in events], payloads)
            self.held[object_name] += 1

    async def _reject(self, object_name: str, changes: Sequence[Change], refusal: Exception) -> None:
        drafts: list[Draft] = []
        payloads: list[Payload] = []
        for one in changes:
            said = seal(one.subject.stream, {"error": str(refusal), "said": getattr(refusal, "said", None)})
            code = str(getattr(refusal, "code", "refused"))
            event = RecordRejected(object=object_name, source_key=one.subject.stream, code=code, payload_hash=said.hash)
            drafts.append(Draft(event, one.cause))
            payloads.append(said)
        await self._ledger.append(drafts, payloads)
        self.rejected[object_name] += len(changes)

    async def hold(self, object_name: str, changes: Sequence[Change], reason: str, column: str | None = None) -> None:
        """Leave records for a person."""
        await self._ledger.append([Draft(held(one.subject.work.state, reason, column), one.cause) for one in changes])
        self.held[object_name] += len(changes)


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(row["id"], row["createdAt"], row["updatedAt"])
