"""Appending what a transform makes: new and changed records, rows that wait for a person, and rows that go on."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec

from adapters.mapping import Company, Fault, Fields, MappingConfig, Target, fields_of
from adapters.mapping.targets import COMPANY
from adapters.mapping.types import Link, MappingWarning, Record
from commands.making.named import NamedCompanies
from commands.making.numbered import Numbered
from commands.making.prepared import Prepared
from commands.making.sealing import REDACTED, sealed
from ledger import work
from ledger.erasing import any_erased, erased_of
from ledger.events import Event, Note, RecordWithdrawn, RowHeld, RowReleased, RowTransformed
from ledger.hashing import Payload, digest, seal
from ledger.projections import holds
from ledger.projections.records import RecordState
from ledger.rows import SourceBody
from ledger.store import Ledger

_MISSED = frozenset({"deleted", "rejected", "held"})
"""States of records that, where they were not written since, are not in Twenty and should be."""

RETRIED = _MISSED | {"withdrawn"}
"""States of records that are made again by a new load although nothing changed: what stood in their way may be gone."""

Key = tuple[str, str]
"""A record's object and stream."""

_PAGE = 500
_DIGESTS = 1 << 12
_SOURCES_TOLD = 100
"""Rows an event names itself; a company or an affiliate may be made of a hundred thousand."""


class Made(NamedTuple):
    """A record, the rows it was made from, and what lists show for it besides its name.

    `silent` are the fields that rows tell of no more, since what they said named somebody who was erased.
    """

    record: Record
    sources: tuple[str, ...]
    labels: Mapping[str, str] = {}
    silent: frozenset[str] = frozenset()


class Maker:
    """One transform at work: what it was told, what it settled, and what it has made so far.

    `again` are streams to be made whatever files speak of them.
    """

    def __init__(
        self,
        ledger: Ledger,
        config: MappingConfig,
        mapping_hash: str,
        prepared: Prepared,
        key: bytes,
        again: AbstractSet[str] = frozenset(),
    ) -> None:
        self.ledger = ledger
        self.config = config
        self.prepared = prepared
        self.again = again
        self.named = NamedCompanies()
        self.numbered = Numbered()
        self._derived: dict[str, set[str]] = {}
        self.made: dict[str, int] = {}
        self.unchanged = 0
        self.missed = 0
        self.warnings = 0
        self.held = 0
        self.withdrawn = 0
        self._mapping_hash = mapping_hash
        self._digest = lru_cache(maxsize=_DIGESTS)(partial(digest, key))
        self._nothing_erased: bool | None = None

    def derive(self, object_name: str, streams: Iterable[str]) -> None:
        """Remember records of an object as made, which are made of no one stream of rows and are no companies."""
        self._derived.setdefault(object_name, set()).update(streams)

    def makes(self, object_name: str, stream: str) -> bool:
        """Whether such a record is made."""
        return stream in (self.named if object_name == COMPANY else self._derived.get(object_name, ()))

    def fields(self, target: Target, moment: str = "") -> Fields:
        """The fields of a target, made ready for all its rows; `moment` tells past from future."""
        return fields_of(target, self.config, self.prepared.words, moment)

    def private(self, prefix: str, value: str) -> str:
        """The stream of something that may be named after a person: a keyed digest in place of its name."""
        return f"{prefix}:~{self._digest(value)}"

    def company_link(self, made: Company, rows: Sequence[SourceBody]) -> Link:
        """A link to a company, which is thereby made, of these rows among others."""
        stream = self.company_stream(made.stream)
        self.named.add(stream, made, self.numbered.of(rows))
        return Link(object=COMPANY, source_key=stream)

    def company_stream(self, plain: str) -> str:
        """A company's stream as the ledger names it: companies are named after people often enough."""
        return self.private("company", plain.removeprefix("company:"))

    async def replace(self, streams: Iterable[str], made: Sequence[Made]) -> None:
        """Append what some streams make now, and withdraw what they made before and make no more."""
        keys = {(one.record.object, one.record.source_key) for one in made}
        known = await work.records_of(self.ledger.reader, streams)
        gone = (key for key, state in known.items() if key not in keys and state.state not in work.NOT_MEANT)
        await self.withdraw(gone)
        await self.append(made, known)

    async def unmake(self, prefix: str) -> None:
        """Withdraw what was made of a kind of streams: it is not moved (any more), its rows stay in the ledger."""
        async for streams in work.streams_in_order(self.ledger.reader, prefix):
            await self.replace([bodies[0].source_key for bodies in streams], [])

    async def withdraw(self, records: Iterable[tuple[str, str]]) -> None:
        """Withdraw records (object and stream); whatever held one of them holds it no more."""
        by_object: dict[str, list[str]] = {}
        for object_name, stream in records:
            by_object.setdefault(object_name, []).append(stream)
        for object_name, streams in by_object.items():
            open_holds = await holds.open_on_records(self.ledger.reader, object_name, streams)
            released: list[Event] = [RowReleased(hold=hold.id) for some in open_holds.values() for hold in some]
            withdrawn = [RecordWithdrawn(object=object_name, source_key=stream) for stream in streams]
            await self.ledger.append([*released, *withdrawn])
            self.withdrawn += len(withdrawn)

    async def append(self, made: Sequence[Made], known: Mapping[Key, RecordState] | None = None) -> None:
        """Append the records that are new or changed; the others are counted. `known` are those there are by now."""
        by_object: dict[str, list[Made]] = {}
        for one in made:
            by_object.setdefault(one.record.object, []).append(one)
        for object_name, some in by_object.items():
            for start in range(0, len(some), _PAGE):
                page = some[start : start + _PAGE]
                await self._append(object_name, page, await self._known(object_name, page) if known is None else known)

    async def judge(self, object_name: str, rows: Sequence[tuple[SourceBody, Fault | None]]) -> None:
        """Hold the rows at fault, let those go on that were held and are at fault no more."""
        released: list[Event] = []
        held: list[Event] = []
        payloads: list[Payload] = []
        for row, fault in rows:
            if row.hold is not None and (fault is None or fault.reason != row.reason):
                released.append(RowReleased(hold=row.hold))
            if fault is not None and fault.reason != row.reason:
                event, body = _held(object_name, row, fault)
                held.append(event)
                payloads.append(body)
            self.held += fault is not None
        await self.ledger.append([*released, *held], payloads)

    async def _known(self, object_name: str, made: Sequence[Made]) -> dict[Key, RecordState]:
        states = await work.states_of(self.ledger.reader, object_name, [one.record.source_key for one in made])
        return {(object_name, stream): state for stream, state in states.items()}

    async def _append(self, object_name: str, made: Sequence[Made], known: Mapping[Key, RecordState]) -> None:
        states = [known.get((object_name, one.record.source_key)) for one in made]
        # Only a record that there is can be held.
        held = [state.source_key for state in states if state is not None]
        open_holds = await holds.open_on_records(self.ledger.reader, object_name, held) if held else {}
        released: list[Event] = []
        events: list[Event] = []
        payloads: list[Payload] = []
        for one, state, body in zip(made, states, await self._bodies(made, states), strict=True):
            record = one.record
            self.warnings += len(record.warnings)
            if state is not None and (_stands(state, body) or self._is_gone(state)):
                self.unchanged += 1
                continue
            self.missed += state is not None and _is_missed(state, body)
            event, notes = self._transformed(record, one.sources, body)
            events.append(event)
            payloads += [body, *notes]
            # A record made anew is tried anew: whatever still bars its way will hold it again.
            released += [RowReleased(hold=hold.id) for hold in open_holds.get(record.source_key, ())]
        await self.ledger.append([*released, *events], payloads)
        self.made[object_name] = self.made.get(object_name, 0) + len(events)

    async def _bodies(self, made: Sequence[Made], states: Sequence[RecordState | None]) -> list[Payload]:
        """The records' bodies. One that was erased never comes back: what is made anew of other people's rows differs
        from it by how often that happened, and so is the same whenever it is made again.
        """
        silent = [
            await self._left_out(one, state) if one.silent else one.silent
            for one, state in zip(made, states, strict=True)
        ]
        bodies = [sealed(one.record, one.labels, some) for one, some in zip(made, silent, strict=True)]
        times = 0
        while gone := await self._erased(bodies):
            times += 1
            again = {"erased": str(times)}
            bodies = [
                sealed(one.record, {**one.labels, **again}, some) if body.hash in gone else body
                for one, some, body in zip(made, silent, bodies, strict=True)
            ]
        return bodies

    async def _erased(self, bodies: Sequence[Payload]) -> set[str]:
        """Which of these bodies were erased: mostly none ever was, and nobody erases while records are made."""
        if self._nothing_erased is None:
            self._nothing_erased = not await any_erased(self.ledger.reader)
        return set() if self._nothing_erased else await erased_of(self.ledger.reader, [body.hash for body in bodies])

    async def _left_out(self, one: Made, state: RecordState | None) -> frozenset[str]:
        """Fields that were written before the ledger forgot what they say: Twenty keeps them as they are."""
        if state is None or state.written_hash is None:
            return frozenset()
        written = await self.ledger.reader.envelope(state.written_hash)
        return one.silent if written is None or REDACTED in written.labels else frozenset()

    def _is_gone(self, state: RecordState) -> bool:
        """Whether a record was taken out since its stream is gone from Kartra."""
        return state.state == "withdrawn" and state.source_key.partition("/")[0] in self.prepared.gone

    def _transformed(
        self, record: Record, sources: tuple[str, ...], body: Payload
    ) -> tuple[RowTransformed, list[Payload]]:
        notes = tuple(Note(code=warning.code, column=warning.column) for warning in record.warnings)
        texts = [_texts(record.source_key, record.warnings)] if notes else []
        every = [seal(record.source_key, {"sources": list(sources)})] if len(sources) > _SOURCES_TOLD else []
        event = RowTransformed(
            object=record.object,
            source_key=record.source_key,
            payload_hash=body.hash,
            mapping_hash=self._mapping_hash,
            sources=sources[:_SOURCES_TOLD],
            notes=notes,
            notes_hash=texts[0].hash if texts else None,
            sources_hash=every[0].hash if every else None,
        )
        return event, [*texts, *every]


def _stands(state: RecordState, body: Payload) -> bool:
    """Whether a record is meant already as it is made now."""
    # What another mapping withdrew after it was written stands again, once the record is made as it was written.
    restored = state.state == "obsolete" and state.written_hash == body.hash
    return state.payload_hash == body.hash and state.state not in RETRIED and not restored


def _is_missed(state: RecordState, body: Payload) -> bool:
    """Whether a record that is made as it was before is not in Twenty."""
    return state.payload_hash == body.hash and state.state in _MISSED and state.written_hash is None


def refs_of(rows: Sequence[SourceBody]) -> tuple[str, ...]:
    """Where rows stand."""
    return tuple(row.ref for row in rows)


def _held(object_name: str, row: SourceBody, fault: Fault) -> tuple[RowHeld, Payload]:
    body = seal(row.source_key, {"detail": fault.detail})
    event = RowHeld(
        object=object_name,
        source_ref=row.ref,
        source_key=row.source_key,
        reason=fault.reason,
        stage="transform",
        column=fault.column,
        payload_hash=body.hash,
    )
    return event, body


def _texts(stream: str, warnings: Sequence[MappingWarning]) -> Payload:
    return seal(stream, {"warnings": [msgspec.to_builtins(warning) for warning in warnings]})
