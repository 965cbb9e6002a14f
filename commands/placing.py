"""Where a row belongs: the stream it is of, the names it teaches, or why it is held or set aside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from adapters.kartra import Export, IdentityIndex, Placement, email_alias, number_alias, read
from adapters.mapping import KINDS, Fault, Identified, identify, kartra_number, key_of, plain_email, set_aside
from adapters.mapping.types import RowProblem, SourceRow
from commands.forgetting import Forgotten, forgotten
from commands.making.prepared import source_row
from commands.naming import names_of, stream_of
from ledger import work
from ledger.events import Event, IdentityErased, IdentityLinked, IdentityMoved, RowExtracted, RowHeld, RowSetAside
from ledger.hashing import Payload, digest, seal
from ledger.projections import identities
from ledger.reader import Reader
from ledger.store import Ledger

CONTACTS = "contacts"
ERASED = "erased"
"""The reason of rows that nobody may decide about: their person was erased. They count as set aside."""
_EMAIL = "email"
_CHUNK = 500
"""Rows whose identities are looked up together."""
OBJECTS: Mapping[str, str] = {
    "contacts": "person",
    "lead_details": "person",
    "transactions": "opportunity",
    "subscriptions": "kartraSubscription",
    "bookings": "task",
    "affiliates": "kartraAffiliate",
}
"""What a row of each kind was to become, as a hold says it before a mapping has a word."""


class Placed(NamedTuple):
    """What one row comes to: the names learnt from it, what became of the row, and the row as it is kept.

    It is kept without what names people who were erased.
    """

    links: list[Event]
    outcome: RowExtracted | RowHeld | RowSetAside
    payload: Payload | None
    row: SourceRow | RowProblem


RowsOf = Callable[[Export], Iterator[SourceRow | RowProblem]]
"""The rows of a file that are to be looked at."""

Placer = Callable[[str, SourceRow | RowProblem], Placed]
"""Tells where the row of a reference (`file:line`) belongs."""


class Contacts(NamedTuple):
    """Who is who among the contacts of some files, and whom of them nobody may know."""

    who: IdentityIndex
    erased: Forgotten


def is_contacts(export: Export) -> bool:
    """Whether a file's rows are contacts: exports of them, and answers about them."""
    return KINDS.get(export.kind, export.kind) == CONTACTS


async def contacts_index(
    ledger: Ledger, exports: Sequence[Export], *, later: bool = False, rows: RowsOf = read
) -> Contacts:
    """Who is who among the contacts of some files: it depends on all their `rows`, which are gone through here.

    An e-mail that a contact of the ledger has given up may be another's in `later` ones.
    """
    erased = _widened(await forgotten(ledger.reader), exports)
    known = Known(ledger.reader, await ledger.reader.digest_key())
    index = IdentityIndex(known.digest, known.stream_of, known.number_of, moving=later)
    for export in exports:
        left = rows(export)
        while chunk := list(islice(left, _CHUNK)):
            seen = [identify(erased.redacted(row)[0]) for row in chunk
                    if isinstance(row, SourceRow) and not erased.owns(row)]  # fmt: skip
            await _observe(index, known, seen)
    if later:
        index.carry(await _carried(ledger, index.contested))
    return Contacts(index, erased)


async def _carried(ledger: Ledger, streams: AbstractSet[str]) -> dict[str, str]:
    """The alias of the e-mail that each contact's newest row in the ledger carries."""
    digest_key = await ledger.reader.digest_key()
    found: dict[str, str] = {}
    for bodies in await work.rows_of(ledger.reader, sorted(streams)):
        for row in map(source_row, bodies):
            if (email := identify(row).email) is not None:
                found[bodies[0].source_key] = email_alias(email, lambda text: digest(digest_key, text))
    return found


def contacts_placer(contacts: Contacts, later: Sequence[Export] = ()) -> Placer:
    """The placer of contacts, by an index of all their files; an e-mail that `later` ones lack was emptied."""
    emptying = frozenset(export.file_id for export in later if _EMAIL in export.columns)

    def place(ref: str, row: SourceRow, said: dict[str, Any]) -> Placed:
        return _contact(ref, row, said, contacts.who, emptied=ref.partition(":")[0] in emptying)

    return _placer(contacts.erased, place)


async def place_again(ledger: Ledger, ref: str, row: SourceRow) -> Placed:
    """Where one row belongs by itself: a person may have corrected it."""
    if KINDS.get(row.kind, row.kind) != CONTACTS:
        return (await plain_placer(ledger))(ref, row)
    known = Known(ledger.reader, await ledger.reader.digest_key())
    index = IdentityIndex(known.digest, known.stream_of, known.number_of)
    contacts = Contacts(index, await forgotten(ledger.reader))
    await _observe(index, known, [identify(row)])
    contacts.who.carry(await _carried(ledger, contacts.who.contested))
    return contacts_placer(contacts)(ref, row)


async def plain_placer(ledger: Ledger, exports: Sequence[Export] = (), aside: AbstractSet[str] = frozenset()) -> Placer:
    """The placer of every other kind, for the rows of some files: they carry the stream's own key.

    `aside` are streams of which the files have nothing but rows that are set aside: such a row is the stream's word.
    """
    digest_key = await ledger.reader.digest_key()
    erased = _widened(await forgotten(ledger.reader), exports)
    return _placer(erased, lambda ref, row, said: _keyed(ref, row, said, digest_key, aside))


def _placer(erased: Forgotten, place: Callable[[str, SourceRow, dict[str, Any]], Placed]) -> Placer:
    """A placer that keeps nothing of people who were erased; `place` is for rows that can be read."""
    taught = set(erased.recorded)

    def placed(ref: str, row: SourceRow | RowProblem) -> Placed:
        news = erased.of_row(row) - taught if erased.names else set()
        taught.update(news)
        return place_row(ref, row, [IdentityErased(alias=alias) for alias in sorted(news)])

    def place_row(ref: str, row: SourceRow | RowProblem, news: list[Event]) -> Placed:
        if erased.owns(row):
            return Placed(news, _held_for_ever(ref, row), None, row)
        if isinstance(row, RowProblem):
            return _malformed(ref, msgspec.structs.replace(row, raw=tuple(erased.cut(row.raw))))
        left, lost = erased.redacted(row)
        found = place(ref, left, said_of(left, lost))
        return found._replace(links=[*news, *found.links])

    return placed


def said_of(row: SourceRow, lost: Sequence[str]) -> dict[str, Any]:
    """What the ledger keeps of a row: its cells, and which columns lost what named somebody who was erased."""
    return {"cells": dict(row.cells), **({"redacted": list(lost)} if lost else {})}


def _widened(erased: Forgotten, exports: Sequence[Export]) -> Forgotten:
    """The same people, with every further name that rows of some files give them, in whatever order they stand."""
    while erased.names and (further := _further(erased, exports)):
        erased = erased.with_names(further)
    return erased


def _further(erased: Forgotten, exports: Sequence[Export]) -> set[str]:
    return {name for export in exports for row in read(export) for name in erased.further(row)}


def _held_for_ever(ref: str, row: SourceRow | RowProblem) -> RowHeld:
    """A row of a person who was erased: nothing of it is kept but where it stood."""
    return RowHeld(object=OBJECTS[row.kind], source_ref=ref, reason=ERASED, stage="extract")


class Known:
    """What the ledger knows of the contacts asked about last: the streams of names, and the numbers of streams."""

    def __init__(self, reader: Reader, digest_key: bytes) -> None:
        self._streams: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._reader = reader
        self._digest_key = digest_key

    def digest(self, email: str) -> str:
        """What stands for an e-mail."""
        return self._digests.get(email) or digest(self._digest_key, email)

    async def ask(self, seen: Sequence[Identified]) -> None:
        """Ask about some rows' identities."""
        self._digests = {one.email: digest(self._digest_key, one.email) for one in seen if one.email}
        numbers = {number_alias(one.number) for one in seen if one.number}
        emails = {email_alias(email, self.digest) for email in self._digests}
        self._streams = await identities.streams(self._reader, numbers | emails)
        self._numbers = await identities.numbers(self._reader, set(self._streams.values()))

    def stream_of(self, alias: str) -> str | None:
        """The stream of a name."""
        return self._streams.get(alias)

    def number_of(self, stream: str) -> str | None:
        """The number that a stream has learnt."""
        return self._numbers.get(stream)


async def _observe(index: IdentityIndex, known: Known, seen: Sequence[Identified]) -> None:
    placeable = [one for one in seen if one.held is None]
    await known.ask(placeable)
    for one in placeable:
        index.observe(one.number, one.email)


def _identified(row: SourceRow, index: IdentityIndex) -> Identified:
    """A row's identities; an e-mail that was observed is known to be one."""
    email = plain_email(row.cells.get(_EMAIL))
    if email is None or not index.has_email(email):
        return identify(row)
    return Identified(number=kartra_number(row.cells.get("id")).value, email=email)


def _contact(ref: str, row: SourceRow, said: dict[str, Any], index: IdentityIndex, *, emptied: bool) -> Placed:
    identity = _identified(row, index)
    if identity.held is not None:
        refusal = identity.held
        return _held(ref, row, refusal.reason, _EMAIL, {**said, "detail": refusal.detail})
    placement = index.place(identity.number, identity.email, emptied=emptied)
    if placement.stream is None:
        return _held(ref, row, placement.reason or "identity_missing", placement.column, said)
    return _extracted(ref, row, placement.stream, said, _links(placement, placement.stream))


def _keyed(ref: str, row: SourceRow, said: dict[str, Any], digest_key: bytes, aside: AbstractSet[str]) -> Placed:
    reason = set_aside(row)
    if reason is not None:
        stream = next((name for name in names_of(row, digest_key) if name in aside), None)
        return _set_aside(ref, row, said, reason, stream)
    key = key_of(row)
    if isinstance(key, Fault):
        return _held(ref, row, key.reason, key.column, {**said, "detail": key.detail})
    return _extracted(ref, row, stream_of(key, digest_key), said, [])


def _set_aside(ref: str, row: SourceRow, said: dict[str, Any], reason: str, stream: str | None) -> Placed:
    payload = seal(f"row:{ref}", said)
    aside = RowSetAside(
        object=OBJECTS[row.kind], source_ref=ref, reason=reason, source_key=stream, payload_hash=payload.hash
    )
    return Placed([], aside, payload, row)


def _links(placement: Placement, stream: str) -> list[Event]:
    links: list[Event] = [IdentityLinked(source_key=stream, alias=alias) for alias in placement.aliases]
    if placement.moved is not None:
        links.append(IdentityMoved(source_key=stream, alias=placement.moved, former=placement.former or ""))
    return links


def _extracted(ref: str, row: SourceRow, stream: str, said: object, links: list[Event]) -> Placed:
    payload = seal(stream, said)
    return Placed(links, RowExtracted(source_key=stream, source_ref=ref, payload_hash=payload.hash), payload, row)


def _malformed(ref: str, row: RowProblem) -> Placed:
    return _held(ref, row, row.reason, row.column, {"raw": list(row.raw), "detail": row.detail})


def _held(ref: str, row: SourceRow | RowProblem, reason: str, column: str | None, value: object) -> Placed:
    payload = seal(f"row:{ref}", value)
    held = RowHeld(
        object=OBJECTS[row.kind],
        source_ref=ref,
        reason=reason,
        stage="extract",
        column=column,
        payload_hash=payload.hash,
    )
    return Placed([], held, payload, row)
