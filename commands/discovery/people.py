"""Contacts: rows made people the way the load makes them, with the little that is kept of each.

Two passes: `observe` every row of every contacts file, then `place` them in the same order. After that `find` tells
which contact a sale or a booking names, and `active` that there was one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from adapters.kartra import IdentityIndex
from adapters.mapping import Buyer, Identified, identify
from adapters.mapping.config import MappingConfig
from adapters.mapping.dates import date_only
from adapters.mapping.scalars import GDPR_STATUSES, boolean, gdpr_status
from adapters.mapping.text import present
from adapters.mapping.types import SourceRow
from commands.discovery.document import Contacts, Count, Stale
from commands.discovery.marks import Marks, Place

NAME_COLUMNS = ("tags", "lists")
REFUSED = "REFUSED"


class Contact:
    """What is kept of one contact: counts, flags and small numbers."""

    __slots__ = (
        "active",
        "blocked",
        "columns",
        "company",
        "deleted",
        "files",
        "gdpr",
        "joined",
        "may_contact",
        "names",
        "newest",
        "number",
        "rows",
    )

    def __init__(self) -> None:
        self.rows = 0
        self.files = 0  # a bit for each file it stands in
        self.columns = 0  # a bit for each column that is filled in any of its rows
        self.newest: Place = (0, 0)
        self.number = False
        self.blocked = False
        self.deleted = False
        self.gdpr: str | None = None
        self.may_contact: bool | None = None
        self.joined: str | None = None
        self.active = ""
        self.company: str | None = None
        self.names: dict[str, tuple[int, ...]] = {}

    def bears(self, column: str, numbers: tuple[int, ...]) -> None:
        """Unite names with those it has."""
        had = self.names.get(column)
        self.names[column] = numbers if had is None else tuple(dict.fromkeys((*had, *numbers)))


class Placed(NamedTuple):
    """What a row comes to: its contact, or the reason it is held."""

    contact: Contact | None
    reason: str | None


class People:
    """Every contact of the files."""

    def __init__(self, config: MappingConfig) -> None:
        # Nothing is written down, so that an e-mail may stand for its own digest.
        self._index = IdentityIndex(lambda email: email, lambda _alias: None)
        self._slashes = config.source.slash_dates
        self._company = config.person.company
        self._identities: dict[tuple[str | None, str | None], Identified] = {}
        self._by_stream: dict[str, Contact] = {}
        self._by_number: dict[str, Contact] = {}
        self._by_email: dict[str, Contact] = {}

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._by_stream.values())

    def __len__(self) -> int:
        return len(self._by_stream)

    def observe(self, row: SourceRow) -> None:
        """First pass: learn who the rows are about."""
        who = self._identity(row)
        if who.held is None:
            self._index.observe(who.number, who.email)

    def place(self, row: SourceRow, place: Place) -> Placed:
        """Second pass: the contact of a row, which takes the row's newest word on what is kept."""
        who = self._identity(row)
        if who.held is not None:
            return Placed(None, who.held.reason)
        placement = self._index.place(who.number, who.email)
        if placement.stream is None:
            return Placed(None, placement.reason)
        contact = self._by_stream.get(placement.stream)
        if contact is None:
            contact = self._by_stream[placement.stream] = Contact()
        self._link(contact, who)
        self._take(contact, row, place)
        return Placed(contact, None)

    def find(self, buyer: Buyer) -> Contact | None:
        """Whom a sale or a booking names: by number, else by e-mail."""
        by_number = self._by_number.get(buyer.number) if buyer.number else None
        return by_number or (self._by_email.get(buyer.email) if buyer.email else None)

    def _identity(self, row: SourceRow) -> Identified:
        written = row.cells.get("id"), row.cells.get("email")
        known = self._identities.get(written)
        if known is None:
            known = self._identities[written] = identify(row)
        return known

    def _link(self, contact: Contact, who: Identified) -> None:
        if who.number:
            contact.number = True
            self._by_number[who.number] = contact
        if who.email:
            self._by_email[who.email] = contact

    def _take(self, contact: Contact, row: SourceRow, place: Place) -> None:
        """Newest non-empty cell wins, as it does when rows are merged."""
        contact.rows += 1
        contact.files |= 1 << place[0]
        if row.kind == "contacts" or contact.rows == 1:
            # Somebody who looks a contact up opens an export sooner than an answer of the API.
            contact.newest = place
        cells = row.cells
        contact.blocked = _flag(cells, "blacklisted", contact.blocked)
        contact.deleted = _flag(cells, "lead_deleted", contact.deleted)
        contact.gdpr = gdpr_status(cells.get("gdpr_lead_status")).value or contact.gdpr
        may = boolean(cells.get("gdpr_lead_communications")).value
        contact.may_contact = contact.may_contact if may is None else may
        contact.joined = date_only(cells.get("date_joined"), self._slashes).value or contact.joined
        if self._company and present(cells.get(self._company)):
            contact.company = cells[self._company]


def _flag(cells: Mapping[str, str], column: str, otherwise: bool) -> bool:
    said = boolean(cells.get(column)).value
    return otherwise if said is None else said


def contacts(people: People, *, rows: int, held: int, with_notes: int, marks: Marks) -> Contacts:
    """The contacts of the document. `marks` takes the rows a person should review."""
    every = list(people)
    placed = sum(contact.rows for contact in every)
    to_review = sum(_review(contact, marks) for contact in every)
    return Contacts(
        rows=rows,
        held=held,
        placed=placed,
        clean=len(every),
        repeated=placed - len(every),
        in_several_files=sum(contact.files.bit_count() > 1 for contact in every),
        repeated_in_a_file=sum(contact.rows > contact.files.bit_count() for contact in every),
        without_number=sum(not contact.number for contact in every),
        with_notes=with_notes,
        gdpr=_gdpr(every),
        may_contact=_may_contact(every),
        to_review=to_review,
        review=marks.found(),
        joined=_years(every),
    )


def _review(contact: Contact, marks: Marks) -> bool:
    """Mark a contact for every reason to review it; whether there is one."""
    reasons = {
        "blocked": contact.blocked,
        "gdpr_refused": contact.gdpr == REFUSED,
        "deleted_in_kartra": contact.deleted,
    }
    for reason, said in reasons.items():
        if said:
            marks.add("contacts", reason, contact.newest)
    return any(reasons.values())


def _gdpr(every: list[Contact]) -> tuple[Count, ...]:
    counts = Counter(contact.gdpr for contact in every)
    known = (Count(label, counts[value]) for value, label in GDPR_STATUSES.items() if counts[value])
    return (*known, *([Count("Nothing said", counts[None])] if counts[None] else []))


def _may_contact(every: list[Contact]) -> tuple[Count, ...]:
    counts = Counter(contact.may_contact for contact in every)
    labels = ((True, "Agreed"), (False, "Has not agreed"), (None, "Nothing said"))
    return tuple(Count(label, counts[said]) for said, label in labels if counts[said])


def _years(every: list[Contact]) -> tuple[Count, ...]:
    counts = Counter(contact.joined[:4] for contact in every if contact.joined)
    return tuple(Count(year, count) for year, count in sorted(counts.items()))


def stale(people: People, before: str, marks: Marks) -> Stale:
    """Contacts who joined before the day `before` (`YYYY-MM-DD`) and did nothing since that these files tell of.

    Tags carry no dates in an export, so that a tag given since cannot count.
    """
    for contact in people:
        if contact.joined and contact.joined < before and contact.active < before:
            marks.add("contacts", "stale", contact.newest)
    [found] = marks.found() or (None,)
    return Stale(
        before=before,
        count=found.count if found else 0,
        of=len(people),
        joined_unknown=sum(contact.joined is None for contact in people),
        places=found.places if found else (),
    )
