"""Batches on their way to Twenty: intent first, then the call, then what really happened.

An answer that is lost is looked up by ids; what is absent is sent again under the same ids, so nothing can double. A
conflict is settled by one read of ids and keys. What Twenty refuses for its content is found and left; the rest lands.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

import anyio
import msgspec

from adapters.twenty import (
    Ask,
    BatchSize,
    BatchTooLarge,
    DuplicateRecord,
    ForeignKeyMissing,
    Ids,
    Object,
    OutcomeUnknown,
    RecordRefused,
    Stored,
    TwentyError,
    UnknownField,
    create,
    locate,
    read_many,
    split,
)
from commands.absent import absent
from commands.ahead import Ahead, is_stopped, while_waiting
from commands.collisions import Conflict, conflicts_of, hold_events
from commands.composing import Composer
from commands.letters import Letter, Row, as_found, created, intent_of, picked, without
from commands.logs import log
from commands.session import Working
from ledger import work
from ledger.events import RecordRejected
from ledger.hashing import seal
from ledger.store import Draft
from ledger.work import Work

_LOST_ANSWERS = 6
"""How often one batch's answer may be lost before the run gives up for now; every loss is looked up first."""


class Delivery:
    """Sends batches and records their outcomes; counts what became of the records."""

    def __init__(self, working: Working, namespace: str, size: BatchSize) -> None:
        self._ledger = working.ledger
        self._twenty = working.twenty
        self._composer = Composer(working.ledger, namespace)
        self._size = size
        self._landed: list[tuple[str, Sequence[Letter], Sequence[Stored]]] = []
        self.created: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    async def settle(self) -> None:
        """Find out about every record whose call may have left: one read for all of them; send the absent again."""
        unsettled: dict[str, list[Work]] = {}
        for one in await work.intended(self._ledger.reader):
            if one.state.action != "create":
                continue
            unsettled.setdefault(one.state.object, []).append(one)
        if not unsettled:
            return
        letters = {name: await self._composer.letters(name, records) for name, records in unsettled.items()}
        found = await self._look(letters)
        for name, waiting in letters.items():
            await self._record_found(name, waiting, found[name])
            await self._send_in_batches(name, [one for one in waiting if one.id not in found[name]])

    async def deliver(self, object_name: str, keys: frozenset[str] | None, advance: Callable[[int], None]) -> None:
        """Send all pending records of an object, of some streams or all, batch after batch.

        While a batch is under way, the outcome of the one before is recorded and the next is made ready, its intent
        included; one that Twenty does not simply take is settled before the next leaves. A stop lets what is intended
        be sent and recorded: calls are bounded in time.
        """
        ahead = Ahead(self._intended(object_name, keys, advance))
        try:
            with anyio.CancelScope(shield=True):
                await ahead.look()
            while letters := ahead.take():
                look = _nothing if is_stopped() else ahead.look
                with anyio.CancelScope(shield=True):
                    await self._send_intended(object_name, letters, look)
                advance(len(letters))
        finally:
            with anyio.CancelScope(shield=True):
                await self._record_landed()
        await anyio.lowlevel.checkpoint()

    async def _intended(
        self, object_name: str, keys: frozenset[str] | None, advance: Callable[[int], None]
    ) -> AsyncIterator[Sequence[Letter]]:
        """Batches of an object in order, each with its intent on record; counts the records that wait for others."""
        after = 0
        while batch := await work.pending(self._ledger.reader, object_name, self._size.limit, after, keys):
            after = batch[-1].state.position
            letters = await self._composer.ready(object_name, batch)
            advance(len(batch) - len(letters))
            for rows in split([letter.row for letter in letters], self._size.limit):
                yield await self._intend(object_name, picked(letters, rows))

    async def _send_intended(
        self, object_name: str, letters: Sequence[Letter], look: Callable[[], Awaitable[None]]
    ) -> None:
        if len(letters) > self._size.limit:
            # Twenty named a lower number since these were intended.
            await self._record_landed()
            await self._cut_and_send(object_name, letters)
            return await look()
        trouble = await while_waiting(
            self._twenty.client, partial(self._call, object_name, letters), partial(self._meanwhile, look)
        )
        if trouble is not None:
            await self._settle_trouble(object_name, letters, trouble)
        return await look()

    async def _meanwhile(self, look: Callable[[], Awaitable[None]]) -> None:
        await self._record_landed()
        await look()

    async def _send_in_batches(self, object_name: str, letters: Sequence[Letter]) -> None:
        for rows in split([letter.row for letter in letters], self._size.limit):
            # A stop that comes now lets the call end and its outcome be recorded: calls are bounded in time.
            with anyio.CancelScope(shield=True):
                await self._send(object_name, picked(letters, rows))
            await anyio.lowlevel.checkpoint()

    async def _send(self, object_name: str, letters: Sequence[Letter], lost: int = 0) -> None:
        """Send letters in one call, its intent durable before it leaves, and record the outcome of each."""
        if not letters:
            return
        letters = await self._intend(object_name, letters)
        trouble = await self._call(object_name, letters)
        await self._record_landed()
        if trouble is not None:
            await self._settle_trouble(object_name, letters, trouble, lost)

    async def _intend(self, object_name: str, letters: Sequence[Letter]) -> Sequence[Letter]:
        self._target(object_name, letters)
        [cause] = await self._ledger.append([intent_of(object_name, letters, self._twenty.client.timeout_s)])
        return [msgspec.structs.replace(letter, cause=cause) for letter in letters]

    async def _call(self, object_name: str, letters: Sequence[Letter]) -> TwentyError | None:
        """Create the records; what landed is noted, to be recorded. Answers what stood in the way."""
        target = self._twenty.model.object(object_name)
        try:
            stored = await create(self._twenty.client, target, [letter.row for letter in letters])
        except TwentyError as trouble:
            return trouble
        self._landed.append((object_name, letters, stored))
        return None

    async def _settle_trouble(
        self, object_name: str, letters: Sequence[Letter], trouble: TwentyError, lost: int = 0
    ) -> None:
        match trouble:
            case OutcomeUnknown() if lost < _LOST_ANSWERS:
                await self._look_and_send(object_name, letters, lost + 1)
            case BatchTooLarge():
                await self._send_smaller(object_name, letters, trouble)
            case RecordRefused():
                await self._settle_refusal(object_name, letters, trouble)
            case _:
                raise trouble

    def _target(self, object_name: str, letters: Sequence[Letter]) -> Object:
        """The object as the data model has it, with all that the rows name; else no call may be intended at all."""
        target = self._twenty.model.object(object_name)
        for name in sorted({name for letter in letters for name in letter.row} - target.columns):
            target.field(name)
        return target

    async def _send_smaller(self, object_name: str, letters: Sequence[Letter], refusal: BatchTooLarge) -> None:
        if not self._size.learn(refusal, len(letters)):
            return await self._reject(object_name, letters, refusal)
        return await self._cut_and_send(object_name, letters)

    async def _cut_and_send(self, object_name: str, letters: Sequence[Letter]) -> None:
        for rows in split([letter.row for letter in letters], self._size.limit):
            await self._send(object_name, picked(letters, rows))

    async def _settle_refusal(self, object_name: str, letters: Sequence[Letter], refusal: RecordRefused) -> None:
        """The whole batch was refused for what some of its records hold: batches are atomic, nothing of it landed."""
        match refusal:
            case UnknownField():
                # Somebody changed the data model: no record is at fault, and sending them bare would lose values.
                raise refusal
            case DuplicateRecord():
                await self._settle_duplicates(object_name, letters, refusal)
            case ForeignKeyMissing():
                await self._send_unlinked(object_name, letters, refusal)
            case _:
                await self._part(object_name, letters, refusal)

    async def _look_and_send(self, object_name: str, letters: Sequence[Letter], lost: int) -> None:
        found = (await self._look({object_name: letters}))[object_name]
        log.warning("an answer was lost and looked up", object=object_name, sent=len(letters), there=len(found))
        await self._record_found(object_name, letters, found)
        await self._send(object_name, [one for one in letters if one.id not in found], lost)

    async def _look(self, letters: Mapping[str, Sequence[Letter]]) -> dict[str, dict[str, Row]]:
        """Read by ids, those in the bin included: what is there did land. One call for every object."""
        asks = [
            Ask(
                name,
                Ids([one.id for one in some]),
                tuple({column for one in some for column in one.work.value["links"]}),
            )
            for name, some in letters.items()
        ]
        answer = await read_many(self._twenty.client, self._twenty.model, asks)
        return {name: {row["id"]: row for row in answer[name]} for name in letters}

    async def _record_found(self, object_name: str, letters: Sequence[Letter], found: Mapping[str, Row]) -> None:
        """Record what was looked up. Somebody may have touched it since it landed, so its time proves nothing."""
        seen = [as_found(one, found[one.id]) for one in letters if one.id in found]
        await self._record_created(object_name, seen, {one.id: Stored(one.id, "", "") for one in seen})

    async def _settle_duplicates(self, object_name: str, letters: Sequence[Letter], refusal: DuplicateRecord) -> None:
        """One read of the batch's ids and keys tells every conflict; the rest is sent again."""
        target = self._twenty.model.object(object_name)
        there, conflicts = await conflicts_of(self._twenty.client, target, {one.id: one.row for one in letters})
        landed = [one for one in letters if one.id in there]
        found = (await self._look({object_name: landed}))[object_name] if landed else {}
        await self._record_found(object_name, landed, found)
        ours = await work.known_ids(self._ledger.reader, object_name, [one.holder for one in conflicts.values()])
        barred = {id_: msgspec.structs.replace(one, ours=one.holder in ours) for id_, one in conflicts.items()}
        held = [(one, barred[one.id]) for one in letters if one.id in barred and one.id not in found]
        await self._hold(object_name, held)
        rest = [one for one in letters if one.id not in found and one.id not in conflicts]
        if len(rest) == len(letters):
            return await self._part(object_name, letters, refusal)
        return await self._send(object_name, rest)

    async def _hold(self, object_name: str, held: Sequence[tuple[Letter, Conflict]]) -> None:
        if not held:
            return
        events, payloads = hold_events([(letter.work, conflict) for letter, conflict in held])
        await self._ledger.append(events, payloads)
        self.held[object_name] += len(held)

    async def _send_unlinked(self, object_name: str, letters: Sequence[Letter], refusal: ForeignKeyMissing) -> None:
        """Somebody destroyed a record that others were to point at: those go without it, and say so."""
        missing = await absent(self._twenty, [pair for one in letters for pair in one.points_at])
        if not missing:
            return await self._part(object_name, letters, refusal)
        bare = [without(letter, missing) for letter in letters]
        await self._reject(object_name, [one for one in bare if one.is_loose], refusal)
        return await self._send(object_name, [one for one in bare if not one.is_loose])

    async def _part(self, object_name: str, letters: Sequence[Letter], refusal: RecordRefused) -> None:
        """Take the refused rows out, found by field and value, else by halving; the rest is sent again."""
        if len(letters) == 1:
            return await self._reject(object_name, letters, refusal)
        refused = set(locate([letter.row for letter in letters], refusal))
        if refused:
            await self._reject(object_name, [one for at, one in enumerate(letters) if at in refused], refusal)
            return await self._send(object_name, [one for at, one in enumerate(letters) if at not in refused])
        middle = len(letters) // 2
        await self._send(object_name, letters[:middle])
        return await self._send(object_name, letters[middle:])

    async def _reject(self, object_name: str, letters: Sequence[Letter], refusal: Exception) -> None:
        drafts, payloads = [], []
        for letter in letters:
            said = seal(letter.work.state.source_key, {"error": str(refusal), "said": getattr(refusal, "said", None)})
            code = str(getattr(refusal, "code", "refused"))
            event = RecordRejected(
                object=object_name, source_key=letter.work.state.source_key, code=code, payload_hash=said.hash
            )
            drafts.append(Draft(event, letter.cause))
            payloads.append(said)
        await self._ledger.append(drafts, payloads)
        self.rejected[object_name] += len(letters)

    async def _record_created(self, object_name: str, letters: Iterable[Letter], stored: Mapping[str, Stored]) -> None:
        drafts = [created(object_name, letter, stored[letter.id]) for letter in letters]
        await self._ledger.append(drafts)
        self.created[object_name] += len(drafts)

    async def _record_landed(self) -> None:
        landed, self._landed = self._landed, []
        for object_name, letters, stored in landed:
            await self._record_created(object_name, letters, {one.id: one for one in stored})


async def _nothing() -> None:
    """What is done instead of looking ahead once the run is to stop."""
