"""Making records again that were destroyed: under the ids they are to have, intents first, what landed looked up."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import msgspec

from adapters.twenty import (
    MAX_RECORDS,
    Ask,
    BatchTooLarge,
    DuplicateRecord,
    ForeignKeyMissing,
    Ids,
    Object,
    OutcomeUnknown,
    RecordRefused,
    Stored,
    UnknownField,
    create,
    firing,
    read_many,
    split,
)
from commands.automations import pause_all
from commands.logs import log
from commands.present import present
from commands.session import Working
from commands.updating.displacing import CASCADING
from ledger.events import Compensated, CompensationIntended, RecordLost
from ledger.hashing import seal
from ledger.store import Draft

Row = Mapping[str, Any]
_LOST_ANSWERS = 6
"""How often one call's answer may be lost before the run gives up for now; every loss is looked up first."""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """A record to be made again: its stream, the row to send, and the body that the row comes from."""

    key: str
    row: Row
    hash: str

    @property
    def id(self) -> str:
        """The id it is to have."""
        return str(self.row["id"])


class Remaking:
    """Makes records of one object again; `there` are those that are (id → times), also of an earlier try."""

    def __init__(self, working: Working, object_name: str) -> None:
        self._working = working
        self._object = object_name
        self.there: dict[str, Stored] = {}
        self.causes: dict[str, int] = {}

    async def make(self, some: Sequence[Again]) -> None:
        """Make records again, save those that are there; what Twenty refuses is recorded as lost."""
        target = (await present(self._working)).find(self._object)
        if target is None:
            return await self._lose(some, "object_gone", None)
        left = await self._look(target, some)
        for rows in split([one.row for one in left], MAX_RECORDS):
            # A stop that comes now lets the call end and its outcome be recorded: calls are bounded in time.
            with anyio.CancelScope(shield=True):
                await self._send(target, [one for one in left if any(one.row is row for row in rows)])
            await anyio.lowlevel.checkpoint()
        return None

    async def _look(self, target: Object, some: Sequence[Again]) -> list[Again]:
        """Read which records are there; answers the others."""
        if not some:
            return []
        ask = Ask(target.singular, Ids([one.id for one in some]), ("createdAt", "updatedAt"))
        answer = await read_many(self._working.twenty.client, self._working.twenty.model, [ask])
        found = {row["id"]: Stored(row["id"], row["createdAt"], row["updatedAt"]) for row in answer[target.singular]}
        self.there |= found
        return [one for one in some if one.id not in found]

    async def _send(self, target: Object, some: Sequence[Again], lost: int = 0) -> None:
        if not some:
            return
        items = tuple(Compensated(key=one.key, id=one.id, hash=one.hash) for one in some)
        intended = CompensationIntended(object=self._object, action="recreate", items=items)
        [cause] = await self._working.ledger.append([intended])
        self.causes |= {one.id: cause for one in some}
        try:
            stored = await create(self._working.twenty.client, target, [one.row for one in some])
        except OutcomeUnknown:
            left = await self._look(target, some)
            log.warning("what became of a call is read", object=self._object, sent=len(some), left=len(left))
            if left and lost >= _LOST_ANSWERS:
                raise
            await self._send(target, left, lost + 1)
        except UnknownField:
            # Somebody changed the data model: no record is at fault.
            raise
        except (RecordRefused, BatchTooLarge) as refusal:
            await self._part(target, some, refusal)
        else:
            self.there |= {one.id: one for one in stored}

    async def _part(self, target: Object, some: Sequence[Again], refusal: RecordRefused | BatchTooLarge) -> None:
        """Halve what was refused until the record at fault is by itself; the others are made."""
        left = await self._look(target, some) if isinstance(refusal, DuplicateRecord) else list(some)
        if len(left) < len(some):
            return await self._send(target, left)
        if len(some) > 1:
            middle = len(some) // 2
            await self._send(target, some[:middle])
            return await self._send(target, some[middle:])
        bare = _without_a_link(target, some[0]) if isinstance(refusal, ForeignKeyMissing) else None
        if bare is not None:
            return await self._send(target, [bare])
        why = "value_taken" if isinstance(refusal, DuplicateRecord) else "refused"
        return await self._lose(some, why, refusal)

    async def _lose(self, some: Sequence[Again], why: str, refusal: RecordRefused | BatchTooLarge | None) -> None:
        said = {"error": str(refusal), "said": refusal.said} if refusal else {}
        for one in some:
            await lose(self._working, self._object, one.key, one.id, why, said, self.causes.get(one.id))


def _without_a_link(target: Object, one: Again) -> Again | None:
    """The record without one of its relations, where it is more than what ties others together."""
    column = next((name for name in sorted(one.row) if name in target.columns), None)
    if column is None or target.singular in CASCADING:
        return None
    return msgspec.structs.replace(one, row={name: value for name, value in one.row.items() if name != column})


async def lose(
    working: Working, object_name: str, key: str, id_: str, why: str, detail: Any, cause: int | None = None
) -> None:
    """Record that something cannot be put back, and why; what Twenty said may quote values, and is a body."""
    body = seal(key, {"why": why, "detail": detail})
    event = RecordLost(object=object_name, source_key=key, twenty_id=id_, why=why, payload_hash=body.hash)
    await working.ledger.append([Draft(event, cause)], [body])


async def quieten(working: Working, objects: Sequence[str], runs: Sequence[str]) -> None:
    """Pause what would act on records made again, where it was paused for the runs that are taken back too."""
    statement = """SELECT EXISTS (SELECT 1 FROM event WHERE type = 'AutomationPaused'
      AND run_id IN (SELECT value FROM json_each(:runs)))"""
    if await working.ledger.reader.scalar(statement, runs=msgspec.json.encode(sorted(set(runs))).decode()):
        await pause_all(working, await firing(working.twenty.client, objects))
