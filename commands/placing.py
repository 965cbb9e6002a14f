"""Where a row belongs: the stream it is of, the names it teaches, or why it is held or set aside."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from adapters.kartra import Export, IdentityIndex, Placement, read
from adapters.mapping import KINDS, Fault, buyer_of, identify, key_of, set_aside
from adapters.mapping.types import RowProblem, SourceRow
from ledger.events import Event, IdentityLinked, RowExtracted, RowHeld, RowSetAside
from ledger.hashing import Payload, digest, seal
from ledger.projections import departures, identities
from ledger.store import Ledger

CONTACTS = "contacts"
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
    """What one row comes to: the names learnt from it, and what became of the row itself."""

    links: list[Event]
    outcome: RowExtracted | RowHeld | RowSetAside
    payload: Payload | None


Placer = Callable[[str, SourceRow | RowProblem], Placed]
"""Tells where the row of a reference (`file:line`) belongs."""


def is_contacts(export: Export) -> bool:
    """Whether a file's rows are contacts: exports of them, and answers about them."""
    return KINDS.get(export.kind, export.kind) == CONTACTS


async def contacts_index(ledger: Ledger, exports: Sequence[Export]) -> IdentityIndex:
    """Who is who among the contacts of some files: it depends on all their rows, which are gone through here."""
    digest_key = await ledger.reader.digest_key()
    known = await identities.all_aliases(ledger.reader, "contact:")
    index = IdentityIndex(lambda email: digest(digest_key, email), known.get, _numbers(known).get)
    for export in exports:
        for row in read(export):
            if isinstance(row, SourceRow):
                _observe(index, row)
    return index


async def contacts_placer(ledger: Ledger, index: IdentityIndex) -> Placer:
    """The placer of contacts, by an index of all their files."""
    erased = await _erased_names(ledger)

    def place(ref: str, row: SourceRow | RowProblem) -> Placed:
        if isinstance(row, RowProblem):
            return _malformed(ref, row)
        identity = identify(row)
        return _erased(ref, row) if erased(identity.number, identity.email) else _contact(ref, row, index)

    return place


async def plain_placer(ledger: Ledger) -> Placer:
    """The placer of every other kind: their rows carry the stream's own key."""
    digest_key = await ledger.reader.digest_key()
    erased = await _erased_names(ledger)

    def place(ref: str, row: SourceRow | RowProblem) -> Placed:
        if isinstance(row, RowProblem):
            return _malformed(ref, row)
        buyer = buyer_of(row)
        if buyer is not None and erased(buyer.number, buyer.email):
            return _erased(ref, row)
        return _keyed(ref, row, digest_key)

    return place


async def _erased_names(ledger: Ledger) -> Callable[[str | None, str | None], bool]:
    """Tells whether a number or an e-mail is of a person that was erased."""
    names = await departures.suppressed(ledger.reader)
    digest_key = await ledger.reader.digest_key()

    def erased(number: str | None, email: str | None) -> bool:
        if not names:
            return False
        by_email = email is not None and f"contact:~{digest(digest_key, email)}" in names
        return by_email or (number is not None and f"contact:{number}" in names)

    return erased


def _erased(ref: str, row: SourceRow) -> Placed:
    """A row of a person who was erased: nothing of it is kept but where it stood."""
    return Placed([], RowHeld(object=OBJECTS[row.kind], source_ref=ref, reason="erased", stage="extract"), None)


def _numbers(known: dict[str, str]) -> dict[str, str]:
    """The Kartra number each stream has learnt."""
    aliases = ((alias.removeprefix("contact:"), stream) for alias, stream in known.items())
    return {stream: alias for alias, stream in aliases if not alias.startswith("~")}


def _observe(index: IdentityIndex, row: SourceRow) -> None:
    identity = identify(row)
    if identity.held is None:
        index.observe(identity.number, identity.email)


def _contact(ref: str, row: SourceRow, index: IdentityIndex) -> Placed:
    identity = identify(row)
    cells = {"cells": dict(row.cells)}
    if identity.held is not None:
        refusal = identity.held
        return _held(ref, row, refusal.reason, "email", {**cells, "detail": refusal.detail})
    placement = index.place(identity.number, identity.email)
    if placement.stream is None:
        return _held(ref, row, placement.reason or "identity_missing", placement.column, cells)
    return _extracted(ref, placement.stream, cells, _links(placement, placement.stream))


def _keyed(ref: str, row: SourceRow, digest_key: bytes) -> Placed:
    cells = {"cells": dict(row.cells)}
    reason = set_aside(row)
    if reason is not None:
        payload = seal(f"row:{ref}", cells)
        aside = RowSetAside(object=OBJECTS[row.kind], source_ref=ref, reason=reason, payload_hash=payload.hash)
        return Placed([], aside, payload)
    key = key_of(row)
    if isinstance(key, Fault):
        return _held(ref, row, key.reason, key.column, {**cells, "detail": key.detail})
    value = f"~{digest(digest_key, key.value)}" if key.personal else key.value
    return _extracted(ref, f"{key.stream}:{value}", cells, [])


def _links(placement: Placement, stream: str) -> list[Event]:
    return [IdentityLinked(source_key=stream, alias=alias) for alias in placement.aliases]


def _extracted(ref: str, stream: str, value: object, links: list[Event]) -> Placed:
    payload = seal(stream, value)
    return Placed(links, RowExtracted(source_key=stream, source_ref=ref, payload_hash=payload.hash), payload)


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
    return Placed([], held, payload)
