"""Whom a row names, in every way it can: by Kartra's number, by e-mail, by both, by neither, or somebody unknown."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from adapters.kartra.sample.awkward import stranger_number
from adapters.kartra.sample.books import Books, Fate, Placed
from adapters.kartra.sample.cells import Cell, sentinel
from adapters.kartra.sample.contacts import contact_stream
from adapters.kartra.sample.people import Contact

_UNKNOWN_NUMBERS = 9_500_000
_NOBODY = Cell("", blank=True)


class Buyer(NamedTuple):
    """Two cells whose meaning is the contact they name; `email` is told only where the number leads nowhere."""

    lead_id: Cell
    email: Cell

    @property
    def contact(self) -> Contact | None:
        """Who it is, or None where it is nobody the exports know."""
        found: Contact | None = self.lead_id.meaning or self.email.meaning
        return found


class Buyers:
    """The contacts of the exports as later files can name them."""

    def __init__(self, everyone: Sequence[Contact], books: Books, *, dirty: bool) -> None:
        self._everyone = everyone
        self._dirty = dirty
        told = [(one, books.rows_of(contact_stream(one))) for one in everyone]
        self._numbered = [one for one, rows in told if any("id" in placed.cells for placed in rows)]
        self._known_numbers = {one.index for one in self._numbered}
        self._renamed = [one for one, rows in told if any(_has(placed, one.old_email) for placed in rows)]
        self._held = [
            stranger_number(serial) for serial, held in enumerate(books.held) if held.reason == "email_missing"
        ]

    def buyer(self, random: Random, serial: int) -> Buyer:
        """Somebody the exports know, or nobody: in a clean sample contact by contact, by number and e-mail."""
        one = self._everyone[serial % len(self._everyone)] if not self._dirty else random.choice(self._everyone)
        if not self._dirty or random.random() < 0.5:
            return self._both(one)
        ways = (self._other_case, self._email_only, self._number_only, self._old_email, self._stale, self._other_email)
        return random.choice(ways)(random, one) if random.random() < 0.9 else self.nobody(random)

    def nobody(self, random: Random) -> Buyer:
        """No buyer at all."""
        return Buyer(sentinel(random), sentinel(random))

    def unknown(self, random: Random, serial: int, email_column: str) -> tuple[Buyer, Fate]:
        """Somebody the exports do not know, and why the row is held: at the e-mail where it has one."""
        number = Cell(str(_UNKNOWN_NUMBERS + serial))
        email = Cell(f"stranger{serial}@example.com")
        held = Cell(random.choice(self._held)) if self._held else number
        buyer = (
            Buyer(_NOBODY, email),
            Buyer(held, sentinel(random)),
            Buyer(number, email),
            Buyer(_NOBODY, Cell("not-an-email")),
        )[serial % 4]
        return buyer, Fate(held="buyer_unknown", column="lead_id" if buyer.email.empty else email_column)

    def _both(self, one: Contact) -> Buyer:
        # A number that no contacts export tells leads nowhere; the e-mail does.
        return Buyer(self._number(one), Cell(one.email, one))

    def _number(self, one: Contact) -> Cell:
        return Cell(one.number, one if one.index in self._known_numbers else None)

    def _other_case(self, random: Random, one: Contact) -> Buyer:
        return Buyer(self._number(one), Cell(random.choice((one.email.upper(), f" {one.email.title()} ")), one))

    def _email_only(self, random: Random, one: Contact) -> Buyer:
        return Buyer(sentinel(random), Cell(random.choice((one.email, one.email.upper())), one))

    def _number_only(self, random: Random, one: Contact) -> Buyer:
        numbered = random.choice(self._numbered) if self._numbered else None
        return Buyer(Cell(numbered.number, numbered), sentinel(random)) if numbered else self._both(one)

    def _old_email(self, random: Random, one: Contact) -> Buyer:
        renamed = random.choice(self._renamed) if self._renamed else one
        return Buyer(_NOBODY, Cell(renamed.old_email if self._renamed else renamed.email, renamed))

    def _stale(self, random: Random, one: Contact) -> Buyer:
        return Buyer(Cell(str(_UNKNOWN_NUMBERS - 1 - random.randrange(1000))), Cell(one.email, one))

    def _other_email(self, random: Random, one: Contact) -> Buyer:
        """The number and an e-mail of two people, or of one and nobody: the number wins."""
        email = random.choice((random.choice(self._everyone).email, "gift@example.com"))
        return Buyer(Cell(one.number, one), Cell(email)) if one.index in self._known_numbers else self._both(one)


def _has(placed: Placed, email: str) -> bool:
    cell = placed.cells.get("email")
    return cell is not None and cell.meaning == email
