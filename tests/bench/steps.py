"""The steps of a migration as the commands append them, with made-up rows and a Twenty that always answers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from adapters.twenty import record_id
from ledger.events import (
    BatchIntended,
    Event,
    IdentityLinked,
    Intended,
    Note,
    RecordCreated,
    RecordRejected,
    RecordUpdated,
    RowExtracted,
    RowTransformed,
)
from ledger.hashing import Payload, digest, seal
from ledger.store import Draft, Ledger
from tests.bench.exports import File, held_row, is_held, read_whole, sold_row
from tests.bench.madeup import COLUMNS, SALES_COLUMNS, Person, Sale, company_name

ROWS = 500
"""Rows, and records made, an append."""
BATCH = 200
"""Records a call."""
_LANDED = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record made: its stream, its body's hash, and the row it was made of."""

    key: str
    hash: str
    ref: str


Records = Sequence[Record]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A record made anew, the body it held before (`base`), and the fields that differ."""

    record: Record
    base: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


class Steps:
    """Appends what a load's steps append. `held` counts rows; of `left` streams the record was refused or is barred."""

    def __init__(self, ledger: Ledger, namespace: UUID, key: bytes, seed: int, mapping_hash: str) -> None:
        self.ledger = ledger
        self.seed = seed
        self.mapping_hash = mapping_hash
        self._namespace = namespace
        self._key = key
        self._calls = 0
        self.held = 0
        self.left: set[str] = set()

    @classmethod
    async def of(cls, ledger: Ledger, seed: int, mapping_hash: str) -> "Steps":
        """Steps in a ledger, under its own namespace and key."""
        reader = ledger.reader
        return cls(ledger, UUID(await reader.namespace()), await reader.digest_key(), seed, mapping_hash)

    def private(self, prefix: str, value: str) -> str:
        """The stream of what may be named after a person."""
        return f"{prefix}:~{digest(self._key, value)}"

    def stream_of(self, one: Person) -> str:
        """A contact's stream: its number, or where it has none its e-mail's digest."""
        return f"contact:{one.number}" if one.number else self.private("contact", one.email)

    # --- extract -----------------------------------------------------------------------------------------------------

    async def extract(self, file: File, people: Iterator[Person], *, delta: bool = False) -> None:
        """Read a contacts export."""
        event, header = file.registered(COLUMNS, delta=delta)
        await self.ledger.append([event], [header])
        line, before = 2, self.held
        while chunk := list(islice(people, ROWS)):
            await self.extract_rows(file, line, chunk, delta=delta)
            line += len(chunk)
        await self.ledger.append([read_whole(file, held=self.held - before)])

    async def extract_rows(self, file: File, line: int, people: Sequence[Person], *, delta: bool = False) -> None:
        """Read some rows of a contacts export. One row in 400 has no e-mail, and is held."""
        placed = [self._placed(f"{file.id}:{line + at}", one) for at, one in enumerate(people)]
        # What a delta speaks of was linked before.
        links = [
            IdentityLinked(source_key=self.stream_of(one), alias=self.private("contact", one.email))
            for one in people
            if one.number and not is_held(one) and not delta
        ]
        self.held += sum(map(is_held, people))
        await self.ledger.append([*links, *(event for event, _ in placed)], [body for _, body in placed])

    def _placed(self, ref: str, one: Person) -> tuple[Event, Payload]:
        cells = {name: value for name, value in one.cells.items() if value}
        if is_held(one):
            del cells["email"]
            body = seal(f"row:{ref}", {"cells": cells, "detail": "the row has no e-mail address"})
            return held_row("person", ref, "email_missing", "extract", "email", body), body
        stream = self.stream_of(one)
        body = seal(stream, {"cells": cells})
        return RowExtracted(source_key=stream, source_ref=ref, payload_hash=body.hash), body

    async def extract_sales(self, file: File, sales: Iterator[Sale]) -> None:
        """Read a transactions export; failed payments are set aside."""
        event, header = file.registered(SALES_COLUMNS)
        await self.ledger.append([event], [header])
        line, aside = 2, 0
        while chunk := list(islice(sales, ROWS)):
            sold = [sold_row(f"{file.id}:{line + at}", one) for at, one in enumerate(chunk)]
            await self.ledger.append([event for event, _ in sold], [body for _, body in sold])
            line += len(chunk)
            aside += sum(one.failed for one in chunk)
        await self.ledger.append([read_whole(file, set_aside=aside)])

    async def judge_sales(self, faulty: Iterator[tuple[str, str]]) -> None:
        """Hold sales (stream and row) whose amount cannot be read."""
        held: list[Event] = []
        bodies = []
        for stream, ref in faulty:
            body = seal(stream, {"detail": "amount is filled in EUR and USD"})
            held.append(held_row("opportunity", ref, "amount_invalid", "transform", "amount", body, stream))
            bodies.append(body)
        self.held += len(held)
        await self.ledger.append(held, bodies)

    # --- transform ---------------------------------------------------------------------------------------------------

    async def transform(self, object_name: str, made: Iterator[tuple[str, Payload, str, str]]) -> list[Record]:
        """Make records of stream, body, row and the code of a warning ('' for none)."""
        records: list[Record] = []
        while chunk := list(islice(made, ROWS)):
            events: list[Event] = []
            bodies = []
            for stream, body, ref, warning in chunk:
                event, notes = self._transformed(object_name, stream, body, ref, warning)
                events.append(event)
                bodies += [body, *notes]
                records.append(Record(key=stream, hash=body.hash, ref=ref))
            await self.ledger.append(events, bodies)
        return records

    def _transformed(
        self, object_name: str, stream: str, body: Payload, ref: str, warning: str
    ) -> tuple[RowTransformed, list[Payload]]:
        said = {"code": warning, "column": "phone", "detail": "'phone' is no number of its country"}
        texts = [seal(stream, {"warnings": [said]})] if warning else []
        event = RowTransformed(
            object=object_name, source_key=stream, payload_hash=body.hash, mapping_hash=self.mapping_hash,
            sources=(ref,), notes=(Note(code=warning, column="phone"),) if warning else (),
            notes_hash=texts[0].hash if texts else None,
        )  # fmt: skip
        return event, texts

    async def make_people(self, placed: Iterable[tuple[Person, str]]) -> list[Record]:
        """Make people of their rows, but for those whose row was held; one in nine has a phone that is none."""
        made = (
            (self.stream_of(one), self.person_body(one), ref, "phone_invalid" if one.index % 9 == 0 else "")
            for one, ref in placed
            if not is_held(one)
        )
        return await self.transform("person", made)

    def person_body(self, one: Person) -> Payload:
        """What a person should hold."""
        named = one.company is not None
        links = {"companyId": {"object": "company", "source_key": self.company_stream(one.company)}} if named else {}
        return seal(self.stream_of(one), {"fields": one.fields, "links": links}, {"name": one.name})

    def company_stream(self, index: int | None) -> str:
        """A company's stream."""
        return self.private("company", company_name(index or 0))

    # --- write -------------------------------------------------------------------------------------------------------

    async def intend(self, object_name: str, records: Records) -> tuple[int, dict[str, str]]:
        """Record the intent of a call; answers its position, and the ids by stream."""
        ids = {one.key: str(record_id(self._namespace, object_name, one.key, 0)) for one in records}
        items = tuple(Intended(key=one.key, id=ids[one.key], hash=one.hash) for one in records)
        [cause] = await self.ledger.append(
            [BatchIntended(object=object_name, action="create", items=items, timeout_s=60)]
        )
        return cause, ids

    async def create(self, object_name: str, records: Records, *, refused: int = 0) -> int:
        """Write records in calls. Of every `refused`th one is rejected, one is barred, and the rest is sent again."""
        created = 0
        for start in range(0, len(records), BATCH):
            batch = list(records[start : start + BATCH])
            cause, ids = await self.intend(object_name, batch)
            if refused and (start // BATCH) % refused == 2 and len(batch) > 2:
                await self._reject(object_name, batch.pop(), cause)
                await self._hold(object_name, batch.pop())
                cause, ids = await self.intend(object_name, batch)
            await self.landed(object_name, batch, cause, ids)
            created += len(batch)
        return created

    async def landed(
        self, object_name: str, batch: Records, cause: int, ids: Mapping[str, str], *, looked_up: bool = False
    ) -> None:
        """Record that a call's records are there; of those that were looked up Twenty's times prove nothing."""
        now = "" if looked_up else self._now()
        events = [
            RecordCreated(
                object=object_name, source_key=one.key, twenty_id=ids[one.key], payload_hash=one.hash, updated_at=now,
                created_at=now, unlinked=("companyId",) if looked_up and at == 0 else (),
            )
            for at, one in enumerate(batch)
        ]  # fmt: skip
        await self.ledger.append([Draft(event, cause) for event in events])

    async def _reject(self, object_name: str, one: Record, cause: int) -> None:
        said = {"error": f"Twenty refused {object_name}: an e-mail is invalid", "said": "Invalid e-mail address"}
        body = seal(one.key, said)
        event = RecordRejected(object=object_name, source_key=one.key, code="record_refused", payload_hash=body.hash)
        await self.ledger.append([Draft(event, cause)], [body])
        self.left.add(one.key)

    async def _hold(self, object_name: str, one: Record) -> None:
        other = str(record_id(self._namespace, object_name, one.key, 9))
        body = seal(one.key, {"column": "emails", "holder": other, "deleted_at": None, "ours": False, "several": False})
        held = held_row(object_name, one.ref, "existing_in_twenty", "write", "email", body, one.key)
        await self.ledger.append([held], [body])
        self.left.add(one.key)

    async def update(self, changes: Sequence["Change"]) -> None:
        """Change people that stand, field by field."""
        for start in range(0, len(changes), BATCH):
            made = [self._updated(one) for one in changes[start : start + BATCH]]
            items = tuple(item for item, _, _ in made)
            intent = BatchIntended(object="person", action="update", items=items, timeout_s=60)
            [cause] = await self.ledger.append([intent], [body for _, _, some in made for body in some])
            await self.ledger.append([Draft(event, cause) for _, event, _ in made])

    def _updated(self, one: "Change") -> tuple[Intended, RecordUpdated, tuple[Payload, Payload]]:
        key, touched = one.record.key, self._now()
        stood = {"createdAt": touched, "deletedAt": None, "fields": one.old, "updatedAt": touched}
        was, sent = seal(key, stood), seal(key, {"fields": one.new})
        hashes = {"before_hash": was.hash, "sent_hash": sent.hash, "base_hash": one.base}
        identity = self.id_of("person", key)
        item = Intended(key=key, id=identity, hash=one.record.hash, updated_at=touched, **hashes)
        event = RecordUpdated(
            object="person", source_key=key, twenty_id=identity, payload_hash=one.record.hash, updated_at=self._now(),
            **hashes,
        )  # fmt: skip
        return item, event, (was, sent)

    def id_of(self, object_name: str, stream: str) -> str:
        """The Twenty id of a stream's record."""
        return str(record_id(self._namespace, object_name, stream, 0))

    def _now(self) -> str:
        self._calls += 1
        moment = _LANDED + timedelta(milliseconds=250 * self._calls)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
