"""Where a row belongs: the stream it is of, the names it teaches, or why it is held or set aside."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from adapters.kartra import Export, IdentityIndex, Placement, email_alias, read
from adapters.mapping import KINDS, Fault, buyer_of, identify, key_of, set_aside
from adapters.mapping.types import RowProblem, SourceRow
from commands.making.prepared import source_row
from commands.naming import names_in, names_of, stream_of
from ledger import work
from ledger.events import Event, IdentityLinked, IdentityMoved, RowExtracted, RowHeld, RowSetAside
from ledger.hashing import Payload, digest, seal
from ledger.projections import departures, identities
from ledger.store import Ledger

CONTACTS = "contacts"
_EMAIL = "email"
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


async def contacts_index(ledger: Ledger, exports: Sequence[Export], *, later: bool = False) -> IdentityIndex:
    """Who is who among the contacts of some files: it depends on all their rows, which are gone through here.

    An e-mail that a contact of the ledger has given up may be another's in `later` ones.
    """
    digest_key = await ledger.reader.digest_key()
    known = await identities.all_aliases(ledger.reader, "contact:")
    erased = await _erased_names(ledger)
    index = IdentityIndex(lambda email: digest(digest_key, email), known.get, _numbers(known).get)
    for export in exports:
        for row in read(export):
            if isinstance(row, SourceRow) and not erased(row):
                _observe(index, row)
    if later:
        index.carry(await _carried(ledger, index.contested))
    return index


async def _carried(ledger: Ledger, streams: AbstractSet[str]) -> dict[str, str]:
    """The alias of the e-mail that each contact's newest row in the ledger carries."""
    digest_key = await ledger.reader.digest_key()
    found: dict[str, str] = {}
    for bodies in await work.rows_of(ledger.reader, sorted(streams)):
        for row in map(source_row, bodies):
            if (email := identify(row).email) is not None:
                found[bodies[0].source_key] = email_alias(email, lambda text: digest(digest_key, text))
    return found


async def contacts_placer(ledger: Ledger, index: IdentityIndex, later: Sequence[Export] = ()) -> Placer:
    """The placer of contacts, by an index of all their files; an e-mail that `later` ones lack was emptied."""
    emptying = frozenset(export.file_id for export in later if _EMAIL in export.columns)
    erased = await _erased_names(ledger)

    def place(ref: str, row: SourceRow | RowProblem) -> Placed:
        if erased(row):
            return _erased(ref, row)
        if isinstance(row, RowProblem):
            return _malformed(ref, row)
        return _contact(ref, row, index, emptied=ref.partition(":")[0] in emptying)

    return place


async def place_again(ledger: Ledger, ref: str, row: SourceRow) -> Placed:
    """Where one row belongs by itself: a person may have corrected it."""
    if KINDS.get(row.kind, row.kind) != CONTACTS:
        return (await plain_placer(ledger))(ref, row)
    digest_key = await ledger.reader.digest_key()
    known = await identities.all_aliases(ledger.reader, "contact:")
    index = IdentityIndex(lambda email: digest(digest_key, email), known.get, _numbers(known).get)
    _observe(index, row)
    index.carry(await _carried(ledger, index.contested))
    return (await contacts_placer(ledger, index))(ref, row)


async def plain_placer(ledger: Ledger, aside: AbstractSet[str] = frozenset()) -> Placer:
    """The placer of every other kind: their rows carry the stream's own key.

    `aside` are streams of which later files have nothing but rows that are set aside: such a row is the stream's word.
    """
    digest_key = await ledger.reader.digest_key()
    erased = await _erased_names(ledger)

    def place(ref: str, row: SourceRow | RowProblem) -> Placed:
        if erased(row):
            return _erased(ref, row)
        return _malformed(ref, row) if isinstance(row, RowProblem) else _keyed(ref, row, digest_key, aside)

    return place


async def _erased_names(ledger: Ledger) -> Callable[[SourceRow | RowProblem], bool]:
    """Tells whether a row is about a person that was erased: its own names, or its buyer's, say so."""
    suppressed = await departures.suppressed(ledger.reader)
    digest_key = await ledger.reader.digest_key()

    def erased(row: SourceRow | RowProblem) -> bool:
        return bool(suppressed) and not suppressed.isdisjoint(_people_in(row, digest_key))

    return erased


def _people_in(row: SourceRow | RowProblem, digest_key: bytes) -> set[str]:
    """The names of people that a row bears."""
    if isinstance(row, RowProblem):
        # Only an e-mail tells a person in a row whose columns are not known: any number may be a score.
        return {name for name in names_in(row, digest_key, CONTACTS) if name.startswith("contact:~")}
    if KINDS.get(row.kind, row.kind) == CONTACTS:
        return set(names_of(row, digest_key))
    buyer = buyer_of(row)
    told = {"id": buyer.number or "", "email": buyer.email or ""} if buyer else {}
    return set(names_of(SourceRow(kind=CONTACTS, file=row.file, line=row.line, cells=told), digest_key))


def _erased(ref: str, row: SourceRow | RowProblem) -> Placed:
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


def _contact(ref: str, row: SourceRow, index: IdentityIndex, *, emptied: bool) -> Placed:
    identity = identify(row)
    cells = {"cells": dict(row.cells)}
    if identity.held is not None:
        refusal = identity.held
        return _held(ref, row, refusal.reason, _EMAIL, {**cells, "detail": refusal.detail})
    placement = index.place(identity.number, identity.email, emptied=emptied)
    if placement.stream is None:
        return _held(ref, row, placement.reason or "identity_missing", placement.column, cells)
    return _extracted(ref, placement.stream, cells, _links(placement, placement.stream))


def _keyed(ref: str, row: SourceRow, digest_key: bytes, aside: AbstractSet[str]) -> Placed:
    reason = set_aside(row)
    if reason is not None:
        return _set_aside(ref, row, reason, next((name for name in names_of(row, digest_key) if name in aside), None))
    cells = {"cells": dict(row.cells)}
    key = key_of(row)
    if isinstance(key, Fault):
        return _held(ref, row, key.reason, key.column, {**cells, "detail": key.detail})
    return _extracted(ref, stream_of(key, digest_key), cells, [])


def _set_aside(ref: str, row: SourceRow, reason: str, stream: str | None) -> Placed:
    payload = seal(f"row:{ref}", {"cells": dict(row.cells)})
    aside = RowSetAside(
        object=OBJECTS[row.kind], source_ref=ref, reason=reason, source_key=stream, payload_hash=payload.hash
    )
    return Placed([], aside, payload)


def _links(placement: Placement, stream: str) -> list[Event]:
    links: list[Event] = [IdentityLinked(source_key=stream, alias=alias) for alias in placement.aliases]
    if placement.moved is not None:
        links.append(IdentityMoved(source_key=stream, alias=placement.moved, former=placement.former or ""))
    return links


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
