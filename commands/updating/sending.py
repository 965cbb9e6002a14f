"""Changes on their way to Twenty: intent first, then the call, then what really happened.

Many records go in one upsert by their ids; one whose unique value changes goes by itself. Neither is atomic, so
whatever an error leaves open is read: what Twenty shows landed, the rest is sent again or left for a person.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import anyio
import msgspec

from adapters.twenty import (
    Ask,
    BatchSize,
    BatchTooLarge,
    DuplicateRecord,
    Ids,
    NotFound,
    Object,
    OutcomeUnknown,
    RecordRefused,
    Stored,
    UnknownField,
    destroy,
    locate,
    read_many,
    restore,
    split,
    update_one,
    upsert_by_id,
)
from commands.reporting import log
from commands.session import Working
from commands.updating.changes import Change, bodies, intent, outcome
from ledger.events import Action, Compensated, CompensationIntended, RecordRejected, RowHeld
from ledger.hashing import Payload, seal
from ledger.store import Draft

_LOST_ANSWERS = 6
"""How often one call's answer may be lost before the run gives up for now; every loss is looked up first."""


class Sending:
    """Sends changes and records their outcomes; counts what became of the records."""

    def __init__(self, working: Working, size: BatchSize) -> None:
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
                return await self._reject(object_name, changes, refusal)
            for rows in split([one.row for one in changes], self._size.limit):
                await self._send(target, object_name, self._picked(changes, rows))
        except UnknownField:
            # Somebody changed the data model: no record is at fault.
            raise
        except (RecordRefused, NotFound) as refusal:
            await self._part(target, object_name, await self._look(target, object_name, changes), refusal)
        else:
            await self._record(target, object_name, changes, {one.id: one for one in stored})
        return None

    async def _intend(self, object_name: str, changes: Sequence[Change]) -> list[Change]:
        action: Action = "update" if changes[0].subject.base_hash else "adopt"
        drafts = [intent(object_name, action, changes, self._twenty.client.timeout_s)]
        [cause] = await self._ledger.append(drafts, bodies(changes))
        return [msgspec.structs.replace(one, cause=cause) for one in changes]

    async def _call(self, target: Object, changes: Sequence[Change]) -> list[Stored]:
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
        return [*answered, *(Stored(one.id, one.created_at, "") for one in bare)]

    async def _look(self, target: Object, object_name: str, changes: Sequence[Change]) -> list[Change]:
        """Read what an error left open: what landed is recorded, the rest is answered."""
        fields = tuple(sorted({name for one in changes for name in one.row if name != "id"}))
        ask = Ask(target.singular, Ids([one.id for one in changes]), fields)
        rows = {row["id"]: row for row in (await read_many(self._twenty.client, self._twenty.model, [ask]))[ask.object]}
        landed = [
            one for one in changes if (row := rows.get(one.id)) and not one.missing_in(row) and not row["deletedAt"]
        ]
        log.warning("an outcome was looked up", object=object_name, sent=len(changes), landed=len(landed))
        await self._append(object_name, landed, {})
        gone = [one for one in changes if one.id not in rows]
        await self.hold(object_name, gone, "deleted_in_twenty", None)
        return [one for one in changes if one.id in rows and one not in landed]

    async def _record(
        self, target: Object, object_name: str, changes: Sequence[Change], stored: dict[str, Stored]
    ) -> None:
        stumps = [one for one in changes if _made_anew(one, stored[one.id])]
        await self._append(object_name, [one for one in changes if one not in stumps], stored)
        if stumps:
            await self._unmake(target, object_name, stumps)

    async def _append(self, object_name: str, changes: Sequence[Change], stored: dict[str, Stored]) -> None:
        # Where the answer was lost somebody may have touched the record since: its time proves nothing.
        times = {one.id: stored[one.id].updated_at if one.id in stored else "" for one in changes}
        await self._ledger.append([outcome(one, times[one.id]) for one in changes])
        ours = sum(one.subject.base_hash is not None for one in changes)
        self.updated[object_name] += ours
        self.adopted[object_name] += len(changes) - ours

    async def _unmake(self, target: Object, object_name: str, stumps: Sequence[Change]) -> None:
        """Somebody destroyed these records between our read and our call, which made stumps of them: those go."""
        items = tuple(Compensated(key=one.subject.stream, id=one.id) for one in stumps)
        await self._ledger.append([CompensationIntended(object=object_name, action="destroy", items=items)])
        await destroy(self._twenty.client, target, Ids([one.id for one in stumps]), None)
        await self.hold(object_name, stumps, "deleted_in_twenty", None)

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

    async def _leave(self, object_name: str, changes: Sequence[Change], refusal: Exception) -> None:
        if isinstance(refusal, DuplicateRecord):
            return await self.hold(object_name, changes, "existing_in_twenty", "email")
        return await self._reject(object_name, changes, refusal)

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

    async def hold(self, object_name: str, changes: Sequence[Change], reason: str, column: str | None) -> None:
        """Leave records for a person."""
        events = [
            Draft(
                RowHeld(
                    object=object_name,
                    source_ref=one.subject.work.state.source_ref,
                    source_key=one.subject.stream,
                    reason=reason,
                    stage="write",
                    column=column,
                ),
                one.cause,
            )
            for one in changes
        ]
        await self._ledger.append(events)
        self.held[object_name] += len(changes)


def _made_anew(change: Change, stored: Stored) -> bool:
    """Whether Twenty answers another time of creation than it told before, and than was sent."""
    known = str(change.row.get("createdAt") or change.created_at)
    return _instant(stored.created_at) != _instant(known)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
