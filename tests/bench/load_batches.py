"""What a load appends, batch by batch, prepared before: rows read, records made, calls intended, records created."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from adapters.twenty import record_id
from ledger.events import (
    BatchIntended,
    Event,
    IdentityLinked,
    Intended,
    MappingConfirmed,
    RecordCreated,
    RowExtracted,
    RowTransformed,
)
from ledger.hashing import Payload, digest, seal
from tests.bench.madeup import Person, person

BATCH = 200
FILE = "0123456789abcdef"
_NAMESPACE = UUID("cff30bd6-d480-4fa3-813b-7e0a5161be20")
_KEY = bytes(32)
_MAPPING = seal("mapping", "source.time_zone = 'Europe/Berlin'")
_LANDED = "2026-03-02T09:00:00.250Z"


class Batch(msgspec.Struct, frozen=True):
    """One append."""

    events: list[Event]
    payloads: list[Payload]


def load_batches(people: int, seed: int = 1) -> list[Batch]:
    """The appends of a load of so many contacts: all rows, then all records, then each call with its outcome."""
    everybody = [person(seed, index, people // 50 or 1) for index in range(people)]
    chunks = [everybody[at : at + BATCH] for at in range(0, people, BATCH)]
    rows = [_rows(chunk, at * BATCH + 2) for at, chunk in enumerate(chunks)]
    records = [_records(chunk, at * BATCH + 2) for at, chunk in enumerate(chunks)]
    written = [batch for made in records for batch in _written(made.events)]
    signed = Batch([MappingConfirmed(payload_hash=_MAPPING.hash, default=True)], [_MAPPING])
    return [signed, *rows, *records, *written]


def _stream(one: Person) -> str:
    return f"contact:{one.number}" if one.number else _alias(one)


def _alias(one: Person) -> str:
    return f"contact:~{digest(_KEY, one.email)}"


def _rows(chunk: list[Person], line: int) -> Batch:
    bodies = [seal(_stream(one), {"cells": {name: cell for name, cell in one.cells.items() if cell}}) for one in chunk]
    links = [IdentityLinked(source_key=_stream(one), alias=_alias(one)) for one in chunk if one.number]
    placed = zip(chunk, bodies, range(line, line + len(chunk)), strict=True)
    read = [
        RowExtracted(source_key=_stream(one), source_ref=f"{FILE}:{at}", payload_hash=body.hash)
        for one, body, at in placed
    ]
    return Batch([*links, *read], bodies)


def _records(chunk: list[Person], line: int) -> Batch:
    bodies = [seal(_stream(one), {"fields": one.fields, "links": {}}, {"name": one.name}) for one in chunk]
    made = zip(chunk, bodies, range(line, line + len(chunk)), strict=True)
    events: list[Event] = [
        RowTransformed(
            object="person",
            source_key=_stream(one),
            payload_hash=body.hash,
            mapping_hash=_MAPPING.hash,
            sources=(f"{FILE}:{at}",),
        )
        for one, body, at in made
    ]
    return Batch(events, bodies)


def _written(made: list[Event]) -> Iterator[Batch]:
    records = [one for one in made if isinstance(one, RowTransformed)]
    ids = [str(record_id(_NAMESPACE, "person", one.source_key, 0)) for one in records]
    items = tuple(
        Intended(key=one.source_key, id=id_, hash=one.payload_hash) for one, id_ in zip(records, ids, strict=True)
    )
    yield Batch([BatchIntended(object="person", action="create", items=items, timeout_s=60)], [])
    yield Batch(
        [
            RecordCreated(
                object="person",
                source_key=one.source_key,
                twenty_id=id_,
                payload_hash=one.payload_hash,
                updated_at=_LANDED,
                created_at=_LANDED,
            )
            for one, id_ in zip(records, ids, strict=True)
        ],
        [],
    )
