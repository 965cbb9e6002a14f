"""A record ready to be sent, and what its intent and its outcome say of it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Stored
from ledger.events import BatchIntended, Event, Intended, RecordCreated
from ledger.store import Draft
from ledger.work import Work

Row = Mapping[str, Any]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A record ready to be sent: its row as Twenty takes it, and the relations it goes without."""

    work: Work
    id: str
    row: Mapping[str, Any]
    cause: int | None
    unlinked: tuple[str, ...] = ()

    @property
    def is_loose(self) -> bool:
        """Whether it is nothing but links and lacks one of them: it would tie nothing."""
        return bool(self.unlinked) and not self.work.value["fields"]

    @property
    def points_at(self) -> list[tuple[str, str]]:
        """What it is sent to point at: object and id."""
        links = self.work.value["links"].items()
        return [(link["object"], self.row[column]) for column, link in links if column in self.row]


def created(object_name: str, letter: Letter, stored: Stored) -> Draft:
    """The outcome of a letter that arrived."""
    state = letter.work.state
    event: Event = RecordCreated(
        object=object_name,
        source_key=state.source_key,
        twenty_id=letter.id,
        payload_hash=state.payload_hash,
        updated_at=stored.updated_at,
        created_at=stored.created_at,
        unlinked=letter.unlinked,
    )
    return Draft(event, letter.cause)


def as_found(letter: Letter, row: Row) -> Letter:
    """A letter as it landed: perhaps sent bare, by a process that did not live to say so."""
    unlinked = tuple(sorted(column for column in letter.work.value["links"] if row.get(column) is None))
    return msgspec.structs.replace(letter, unlinked=unlinked)


def intent_of(object_name: str, letters: Sequence[Letter], timeout_s: float) -> BatchIntended:
    """The intent of one call: these records, under these ids."""
    items = tuple(
        Intended(
            key=letter.work.state.source_key,
            id=letter.id,
            hash=letter.work.state.payload_hash,
            generation=letter.work.state.generation,
        )
        for letter in letters
    )
    return BatchIntended(object=object_name, action="create", items=items, timeout_s=math.ceil(timeout_s))


def picked(letters: Sequence[Letter], rows: Sequence[Mapping[str, Any]]) -> list[Letter]:
    """The letters of some rows."""
    wanted = {row["id"] for row in rows}
    return [letter for letter in letters if letter.id in wanted]


def without(letter: Letter, missing: set[str]) -> Letter:
    """A letter without its relations to records that are not there."""
    dropped = {column for column in letter.work.value["links"] if letter.row.get(column) in missing}
    row = {name: value for name, value in letter.row.items() if name not in dropped}
    return msgspec.structs.replace(letter, row=row, unlinked=tuple(sorted({*letter.unlinked, *dropped})))
